"""A walk with a client that openapi-python-client generated."""

import sys
import time
from typing import TypeVar

from clinic_client.api.login import login
from clinic_client.api.profile import users_me
from clinic_client.api.registration import register, verify_otp
from clinic_client.api.sessions import logout
from clinic_client.client import AuthenticatedClient, Client
from clinic_client.models import (
    AccountResponse,
    Done,
    ErrorEnvelope,
    LoginRequest,
    ProfileResponse,
    RegisterRequest,
    RegisterResponse,
    TokenResponse,
    VerifyRequest,
    VerifyResponse,
)
from clinic_client.types import Response

T = TypeVar("T")


def good(response: Response[T | ErrorEnvelope]) -> T:
    """The answer, unless it is a refusal."""
    if response.parsed is None or isinstance(response.parsed, ErrorEnvelope):
        raise SystemExit(f"refused: {response.status_code} {response.content!r}")
    return response.parsed


base_url = sys.argv[1]
client = Client(base_url=base_url)
username = f"py.{int(time.time() * 1000):x}"
email = f"{username}@example.org"
password = "correct horse battery"

registered = good(
    register.sync_detailed(
        client=client,
        body=RegisterRequest(
            username=username,
            email=email,
            mobile="+41 79 000 00 00",
            password=password,
            first_name="Jane",
            last_name="Doe",
        ),
    )
)
assert isinstance(registered.debug_otp, str)

verified = good(
    verify_otp.sync_detailed(
        client=client,
        body=VerifyRequest(
            email=email, otp=registered.debug_otp, registration_token=registered.registration_token
        ),
    )
)
assert verified.status == "verified"

tokens = good(
    login.sync_detailed(client=client, body=LoginRequest(username=username, password=password))
)
me = AuthenticatedClient(base_url=base_url, token=tokens.access_token)
profile = good(users_me.sync_detailed(client=me))
assert (profile.username, profile.email, profile.is_verified) == (username, email, True)

assert good(logout.sync_detailed(client=me)).success

refused = users_me.sync_detailed(client=me)
assert isinstance(refused.parsed, ErrorEnvelope)
assert (refused.status_code, refused.parsed.error.code) == (401, "SESSION_ERROR")
print("openapi-python-client: register, verify, login, me, logout")
