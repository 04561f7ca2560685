"""Runs the examples for httpx and PyJWT of docs/clients.md: python check.py BASE_URL LOGIN PASSWORD"""

import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import jwt
from clinic import clinic
from verify import Verifier

base_url, login, password = sys.argv[1:]

http = clinic(base_url, login, password)
auth = http.auth
good = auth._tokens["access_token"]
auth._tokens["access_token"] = "expired"
refreshes = []
post = auth._post
auth._post = lambda path, **body: refreshes.append(path) or post(path, **body)
with ThreadPoolExecutor(5) as pool:
    answers = list(pool.map(lambda _: http.get("/users/me").json()["user_id"], range(5)))
assert answers == [login] * 5, answers
assert refreshes == ["/auth/refresh"], refreshes
change = {"current_password": "wrong", "new_password": "evening train to Basel"}
assert http.post("/auth/change-password", json=change).json()["error"]["code"] == "AUTH_FAILED"
assert len(refreshes) == 1, refreshes
assert http.post("/auth/logout").json()["success"]
assert http.get("/users/me").json()["error"]["code"] == "SESSION_ERROR"
try:
    clinic(base_url, login, "wrong")
    raise SystemExit("a wrong password was accepted")
except httpx.HTTPStatusError as refused:
    assert refused.response.json()["error"]["code"] == "AUTH_FAILED"
print("httpx: five requests, one refresh, logout")

verifier = Verifier(base_url)
assert verifier.claims(good)["sub"] == login
header, payload, signature = good.split(".")
for bad in [f"{header}.{payload[:-4]}AAAA.{signature}", jwt.encode({"sub": login}, "x" * 32), "nonsense"]:
    try:
        verifier.claims(bad)
        raise SystemExit(f"a forged token was accepted: {bad}")
    except (jwt.InvalidTokenError, jwt.PyJWKClientError):
        pass
print("PyJWT: a good token passes, a forged one does not")
