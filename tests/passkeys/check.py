"""Verifies recorded ceremonies of passkeys by the package webauthn: python check.py CEREMONIES.json

Each verdict must be ours, but for what only we refuse.
"""

import json
import sys
from base64 import urlsafe_b64decode

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier

recorded = json.load(open(sys.argv[1], encoding="utf-8"))
differs = False


def plain(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def report(kind, it, verify):
    global differs
    try:
        verify()
        verified = True
    except Exception:
        verified = False
    same = verified == it["accepted"] or (it["only_we_refuse"] and not it["accepted"])
    differs |= not same
    print(f"{'ok' if same else 'DIFFERS'}  {kind}: {it['name']}: {'accepted' if verified else 'refused'}")


def expected(it):
    return {
        "credential": json.dumps(it["credential"]),
        "expected_challenge": plain(it["challenge"]),
        "expected_origin": recorded["origin"],
        "expected_rp_id": recorded["rp_id"],
        "require_user_verification": True,
    }


algorithms = [COSEAlgorithmIdentifier(alg) for alg in recorded["algorithms"]]
for it in recorded["registrations"]:
    report("registration", it, lambda: verify_registration_response(**expected(it), supported_pub_key_algs=algorithms))
for it in recorded["uses"]:
    report("use", it, lambda: verify_authentication_response(
        **expected(it),
        credential_public_key=plain(it["public_key"]),
        credential_current_sign_count=it["known_counter"],
    ))
sys.exit(differs)
