"""What Python's libraries say of times, telephone numbers and the calendar feed, against what the service says.

python check.py BASE_URL ADMIN PASSWORD FOLDER; slots and feed are left in FOLDER, where check.mjs compares them as well.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import icalendar
import phonenumbers

base_url, admin, admin_password, folder = sys.argv[1:]
PASSWORD = "correct horse battery"
# Without zones whose rules the releases of tz data of the last years disagree about.
ZONES = """Africa/Cairo Africa/Johannesburg Africa/Tunis Africa/Lagos America/Anchorage America/Argentina/Buenos_Aires
America/Bogota America/Chicago America/Denver America/Halifax America/Caracas America/Los_Angeles America/Mexico_City
America/New_York America/Phoenix America/Santiago America/Sao_Paulo America/St_Johns Asia/Beirut Asia/Dhaka Asia/Jerusalem
Asia/Kathmandu Asia/Kolkata Asia/Shanghai Asia/Tehran Asia/Tokyo Atlantic/Azores Atlantic/Reykjavik Australia/Adelaide
Australia/Brisbane Australia/Lord_Howe Europe/Athens Europe/Dublin Europe/London Europe/Zurich Pacific/Apia
Pacific/Auckland Pacific/Chatham Pacific/Honolulu UTC""".split()
WINDOW, WINDOWS = timedelta(days=30), 24
CLOCKS = [(hour, minute) for hour in range(5) for minute in (0, 30)]
COUNTRIES = "CH DE AT FR IT GB US RU IN JP".split()

run = f"{int(time.time() * 1000):x}"


def good(answer: httpx.Response) -> dict:
    if answer.is_error:
        raise SystemExit(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
    return answer.json()


def bearer(answer: dict) -> httpx.Client:
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    return httpx.Client(base_url=base_url, headers=headers, timeout=60)


def log_in(name: str, password: str) -> httpx.Client:
    return bearer(good(httpx.post(f"{base_url}/auth/login", json={"username": name, "password": password})))


def account(kind: str) -> tuple[str, str]:
    """The id and the address of a new account."""
    email = f"{kind}.{run}@example.org"
    fields = {"email": email, "password": PASSWORD, "first_name": "Flora", "last_name": "Proof", "user_type": kind}
    if kind == "doctor":
        fields |= {"specialization": "Cardiology", "license_number": f"MD-{run}"}
    made = good(httpx.post(f"{base_url}/auth/register", json=fields))
    code = {"email": email, "otp": made["debug_otp"], "registration_token": made["registration_token"]}
    good(httpx.post(f"{base_url}/auth/verify-otp", json=code))
    return made["user_id"], email


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def expected(zone: str, begin: datetime, end: datetime) -> list[str]:
    """The times from 00:00 to 05:00 of every day, by zoneinfo: without skipped ones, and doubled ones once."""
    found = []
    day = begin.date() - timedelta(days=1)
    while day <= end.date() + timedelta(days=1):
        for hour, minute in CLOCKS:
            wall = datetime(day.year, day.month, day.day, hour, minute)
            at = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
            is_skipped = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall
            if not is_skipped and begin <= at < end:
                found.append(stamp(at))
        day += timedelta(days=1)
    return sorted(found)


doctor_id, doctor_email = account("doctor")
good(log_in(admin, admin_password).patch(f"/admin/users/{doctor_id}", json={"approved": True}))
doctor = log_in(doctor_email, PASSWORD)
patient_id, patient_email = account("patient")
patient = log_in(patient_email, PASSWORD)


def open_hours(zone: str) -> None:
    days = "monday tuesday wednesday thursday friday saturday sunday".split()
    weekly = [{"day": day, "from": "00:00", "to": "05:00"} for day in days]
    rules = {"time_zone": zone, "weekly": weekly, "slot_minutes": 30, "min_notice_minutes": 0, "max_days_ahead": 730}
    good(doctor.put(f"/doctors/{doctor_id}/schedule", json=rules))


first = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
slots: dict[str, list[str]] = {}
for zone in ZONES:
    open_hours(zone)
    slots[zone] = []
    for number in range(WINDOWS):
        begin = first + number * WINDOW
        query = {"doctor_id": doctor_id, "from": stamp(begin), "to": stamp(begin + WINDOW)}
        offered = good(patient.get("/appointments/slots", params=query))
        assert offered["next_from"] is None and offered["time_zone"] == zone, offered["time_zone"]
        slots[zone] += [slot["start_time"] for slot in offered["slots"]]
    theirs = expected(zone, first, first + WINDOWS * WINDOW)
    differ = sorted(set(theirs) ^ set(slots[zone]))
    assert not differ and len(theirs) == len(slots[zone]), f"{zone}: {differ[:5]}"
end = first + WINDOWS * WINDOW
Path(folder, "slots.json").write_text(json.dumps({"first": stamp(first), "end": stamp(end), "slots": slots}))
print(f"zoneinfo: {len(ZONES)} zones, {sum(map(len, slots.values()))} times in two years")

open_hours("Europe/Zurich")
booked = []
for start in slots["Europe/Zurich"][20:24]:
    body = {"title": "Proof, with; signs", "doctor_id": doctor_id, "start_time": start, "duration_minutes": 30}
    booked.append(good(patient.post("/appointments", json=body))["appointment_id"])
good(patient.patch(f"/appointments/{booked[1]}", json={"start_time": slots["Europe/Zurich"][40]}))
good(patient.request("DELETE", f"/appointments/{booked[2]}"))
url = good(patient.post("/appointments/feed", json={"detail": "doctor"}))["url"]
feed = httpx.get(base_url + "/" + url.split("/", 3)[3])
assert feed.headers["content-type"].startswith("text/calendar"), feed.headers
listed = good(patient.get("/appointments", params={"limit": 100}))["appointments"]
Path(folder, "feed.ics").write_bytes(feed.content)
Path(folder, "appointments.json").write_text(json.dumps(listed))
events = {str(event["UID"]): event for event in icalendar.Calendar.from_ical(feed.content).walk("VEVENT")}
assert len(events) == len(listed) == 4, (len(events), len(listed))
for row in listed:
    event = next(event for uid, event in events.items() if row["appointment_id"] in uid)
    assert stamp(event["DTSTART"].dt) == row["start_time"], event.to_ical()
    assert stamp(event["DTEND"].dt) == row["end_time"], event.to_ical()
    assert int(event["SEQUENCE"]) == row["version"], event.to_ical()
    assert (event["STATUS"] == "CANCELLED") == (row["status"] == "cancelled"), event.to_ical()
print("icalendar: four appointments, one moved, one cancelled")

spellings = 0
for number, country in enumerate(COUNTRIES):
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    forms = phonenumbers.PhoneNumberFormat
    shown = phonenumbers.format_number(example, forms.INTERNATIONAL)
    name = f"Phone {chr(ord('A') + number) * 4}ora"
    body = {"name": name, "sex": "unknown", "age": 20 + number, "phone": shown, "confirm_duplicate": True}
    made = good(doctor.post("/patients", json=body))["patient_id"]
    e164 = phonenumbers.format_number(example, forms.E164)
    typed = [shown, e164, "00" + e164[1:], shown.replace(" ", "-")]
    if country != "RU":  # The service knows one trunk prefix, and theirs is 8.
        typed.append(phonenumbers.format_number(example, forms.NATIONAL))
    for text in typed:
        found = good(doctor.get("/patients/search", params={"q": text}))["patients"]
        assert made in [row["patient_id"] for row in found], (country, text)
        spellings += 1
    wrong = e164[:-2] + ("11" if e164[-2:] != "11" else "22")
    found = good(doctor.get("/patients/search", params={"q": wrong}))["patients"]
    assert made not in [row["patient_id"] for row in found], (country, wrong)
print(f"phonenumbers: {spellings} spellings of {len(COUNTRIES)} countries")
