"""Signed texts that browsers carry and cannot forge: signed with SECRET_KEY, each for one purpose and a time."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.clock import Clock

_ONCE_CHARS = 16


class Purpose(StrEnum):
    """What a token is for; a token of one purpose is invalid for another."""

    SESSION = "session"
    BROWSER = "browser"
    FORM = "form"
    OIDC = "oidc"
    DOWNLOAD = "download"


@dataclass(frozen=True)
class Tokens:
    """Signs and verifies tokens. key: SECRET_KEY; changing it invalidates all tokens."""

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
        """Returns the payload with `until` (epoch seconds).

        None if it was altered, is for another purpose, or has expired.
        """
        body, _, mac = token.partition(".")
        if not hmac.compare_digest(self._mac(purpose, body).encode(), mac.encode()):
            return None
        try:
            payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (binascii.Error, ValueError):
            return None
        return payload if payload["until"] > self.clock.now() else None

    def form_token(self, session: str) -> str:
        """Returns the token that forms and scripts of a signed-in page send along.

        It does not reveal the session's id.

        Each page has another one: pages are compressed, and a constant token could be guessed from how well they
        compress.
        """
        return self._form_token(session, once=secrets.token_hex(_ONCE_CHARS // 2))

    def fits_form(self, session: str, sent: str) -> bool:
        expected = self._form_token(session, once=sent[:_ONCE_CHARS])
        return hmac.compare_digest(expected.encode(), sent.encode())

    def _form_token(self, session: str, *, once: str) -> str:
        return once + self._mac(Purpose.FORM, f"{once}:{session}")

    def _mac(self, purpose: Purpose, text: str) -> str:
        return hmac.new(self.key.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()
