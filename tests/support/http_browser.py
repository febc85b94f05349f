"""A browser without a screen: cookies kept as they are set, redirects shown, not followed."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.review_app import Answer, Client


@dataclass(frozen=True)
class HttpBrowser(Client):
    """token: sent with what changes something, once somebody is signed in."""

    cookies: dict[str, str] = field(default_factory=dict)
    token: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        place = urlsplit(path if "://" in path else self.url + path)
        sent = {**self._own(method), **headers}
        connection = http.client.HTTPConnection(place.netloc, timeout=60)
        try:
            target = place.path + (f"?{place.query}" if place.query else "")
            connection.request(method, target, body=body, headers=sent)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                self._keep(line)
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def form(self, path: str, **fields: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(fields).encode(), kind)

    def sign_in(self, name: str, password: str) -> Answer:
        answer = self.form("/login", name=name, password=password)
        if answer.status == 303:
            self.token[:] = [self.get("/me").json["form_token"]]
        return answer

    def _own(self, method: str) -> dict[str, str]:
        own: dict[str, Any] = {}
        if self.cookies:
            own["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.token and method not in ("GET", "HEAD"):
            own["X-Form-Token"] = self.token[0]
        return own

    def _keep(self, line: str) -> None:
        name, _, rest = line.partition("=")
        value = rest.partition(";")[0]
        if value:
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)
