"""Runs the examples for booking and lists of docs/clients.md:
python check_booking.py BASE_URL PATIENT PASSWORD DOCTOR PASSWORD
"""

import sys
import uuid
from datetime import datetime, timedelta, timezone

import httpx
from booking import book
from clinic import clinic
from rows import rows

base_url, login, password, doctor_id, doctor_password = sys.argv[1:]
patient = clinic(base_url, login, password)
doctor = clinic(base_url, doctor_id, doctor_password)
weekly = [
    {"day": day, "from": "08:00", "to": "18:00"}
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
]
doctor.put(f"/doctors/{doctor_id}/schedule", json={"weekly": weekly, "slot_minutes": 30}).raise_for_status()

now = datetime.now(timezone.utc)
query = {"doctor_id": doctor_id, "from": now.isoformat(), "to": (now + timedelta(days=7)).isoformat()}
time = patient.get("/appointments/slots", params=query).raise_for_status().json()["slots"][0]
wish = {"title": "Check-up", "doctor_id": doctor_id, "start_time": time["start_time"], "end_time": time["end_time"]}

# The first answer is lost on its way; the service has booked by then.
post, tries = patient.post, []


def lose_the_first(*args, **kwargs):
    answer = post(*args, **kwargs)
    tries.append(answer.status_code)
    if len(tries) == 1:
        raise httpx.ReadError("the connection broke")
    return answer


patient.post = lose_the_first
key = str(uuid.uuid4())
booked = book(patient, wish, key)
assert tries == [201, 201], tries
assert book(patient, wish, key)["appointment_id"] == booked["appointment_id"]
assert book(patient, wish, str(uuid.uuid4())) is None
found = [row["appointment_id"] for row in rows(patient, "/appointments", "appointments")]
assert found.count(booked["appointment_id"]) == 1, found
print("booking and lists: one wish, a lost answer, one appointment, each row once")
