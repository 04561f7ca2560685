"""Who schemathesis is: the account of the environment, with a token that lives.

Among the requests are logouts and password resets of the very account, so the token is looked at before each request, and
replaced by a new login when it has ended. Without an account in the environment, requests go out without a token.
"""

import os

import httpx
import schemathesis

LOGIN, PASSWORD = os.environ.get("LOGIN"), os.environ.get("PASSWORD")

if LOGIN:

    @schemathesis.auth(refresh_interval=None)
    class Account:
        """A token of the account."""

        def __init__(self) -> None:
            self.http = httpx.Client(base_url=os.environ["BASE_URL"])
            self.token = ""

        def get(self, case, context):
            if not self.token or self.http.get("/users/me", headers=self.headers()).is_error:
                body = {"username": LOGIN, "password": PASSWORD}
                answer = self.http.post("/auth/login", json=body)
                answer.raise_for_status()
                self.token = answer.json()["access_token"]
            return self.token

        def headers(self) -> dict[str, str]:
            return {"Authorization": f"Bearer {self.token}"}

        def set(self, case, data, context):
            case.headers = {**(case.headers or {}), **self.headers()}
