"""Makes ceremonies by soft-webauthn, a key that only notices a touch (U2F): python device.py > device.json

Each registration and use that says so is to be refused, because nobody was verified (PK-3).
"""

import json
from base64 import urlsafe_b64encode

from soft_webauthn import SoftWebauthnDevice

ORIGIN, RP_ID = "https://accounts.clinic.example", "accounts.clinic.example"
ALGORITHMS = [-7, -257]
# Flags of the authenticator data: an attested credential, present; and verified, which the key does not say.
TOUCHED, VERIFIED = 0x41, 0x45


def plain(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


def credential(answer):
    parts = {name: plain(value) for name, value in answer["response"].items()}
    return {"id": plain(answer["rawId"]), "rawId": plain(answer["rawId"]), "type": "public-key", "response": parts}


def ceremony(name, challenge, answer, **more):
    made = {"name": name, "accepted": False, "only_we_refuse": False, "challenge": plain(challenge)}
    return {**made, **more, "credential": credential(answer)}


device = SoftWebauthnDevice()
asked = {
    "rp": {"id": RP_ID},
    "user": {"id": bytes(range(16))},
    "challenge": b"\1" * 32,
    "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in ALGORITHMS],
}
created = device.create({"publicKey": asked}, ORIGIN)
touched = ceremony("a key that is only touched", asked["challenge"], created)

# Without an attestation nothing signs the flags, so a lie in them registers the key. Its uses are signed.
whole = created["response"]["attestationObject"]
at = whole.index(bytes([TOUCHED]) + bytes(4))
lied = whole[:at] + bytes([VERIFIED]) + whole[at + 1:]
created["response"]["attestationObject"] = lied
registration = ceremony("a key whose browser lies", asked["challenge"], created)
registration["accepted"] = True
# After the flags: the counter, 16 bytes of the model, and the id with its length.
length = int.from_bytes(lied[at + 21:at + 23], "big")
end = lied.find(b"cfmt", at)
public_key = lied[at + 23 + length:end if end > 0 else None]

uses = []
for number in (1, 2):
    asked = {"rpId": RP_ID, "challenge": bytes([number]) * 32}
    used = device.get({"publicKey": asked}, ORIGIN)
    uses.append(ceremony(
        "a use of a key that is only touched", asked["challenge"], used,
        known_counter=0, public_key=plain(public_key), registration=registration,
    ))

print(json.dumps({
    "origin": ORIGIN, "rp_id": RP_ID, "algorithms": ALGORITHMS,
    "registrations": [touched, registration], "uses": uses,
}, indent=1))
