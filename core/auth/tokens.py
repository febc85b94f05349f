"""Texts that browsers carry and nobody can make up: signed with SECRET_KEY, each for one purpose and a time."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.clock import Clock


class Purpose(StrEnum):
    """A text that was signed for one is worth nothing for another."""

    SESSION = "session"
    BROWSER = "browser"
    FORM = "form"
    OIDC = "oidc"
    DOWNLOAD = "download"


@dataclass(frozen=True)
class Tokens:
    """key: SECRET_KEY; another one makes all that is out there worthless."""

    key: str = field(repr=False)
    clock: Clock

    def sign(self, purpose: Purpose, payload: dict[str, Any], *, valid_s: float) -> str:
        document = {**payload, "until": self.clock.now() + valid_s}
        body = (
            base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode())
            .decode()
            .rstrip("=")
        )
        return f"{body}.{self._mac(purpose, body)}"

    def read(self, purpose: Purpose, token: str) -> dict[str, Any] | None:
        """The payload with `until` (epoch seconds); None when it was altered, is for something else, or is over."""
        body, _, mac = token.partition(".")
        if not hmac.compare_digest(self._mac(purpose, body).encode(), mac.encode()):
            return None
        try:
            payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (binascii.Error, ValueError):
            return None
        return payload if payload["until"] > self.clock.now() else None

    def form_token(self, session: str) -> str:
        """What forms and scripts of a signed-in page send along; it says nothing about the session's own id."""
        return self._mac(Purpose.FORM, session)

    def fits_form(self, session: str, sent: str) -> bool:
        return hmac.compare_digest(self.form_token(session).encode(), sent.encode())

    def _mac(self, purpose: Purpose, text: str) -> str:
        return hmac.new(self.key.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()
