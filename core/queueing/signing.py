"""Signs messages and verifies them: access to a queue alone must not be enough to order work.

Each message is signed as a whole, headers and arguments, when it is published; so are those of beat and those that
are sent again. A worker verifies the signature before kombu or Celery see the message. Keys are rotated without a
pause: put the new one first, restart every process, and remove the old one when the last message has expired.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from core.clock import Clock, SystemClock
from core.config import Settings
from core.errors import ConfigurationError
from core.queueing.message import Envelope, ForgedMessage
from core.setting import names_in
from core.throttling.shared_time import SharedTime

SIGNATURE = "aiprism_signature"
"""Header of the Celery message: {expires_at: epoch seconds, mac: hex}."""

VALID_S = 14 * 24 * 3600
"""Longer than SQS keeps a message, shorter than a result is kept: so a message never outlives its task's record."""
_ASKED_AT = "aiprism_asked_at"


@dataclass(frozen=True)
class Signer:
    """Signs and verifies messages by HMAC.

    keys: the first signs, all verify. Without keys nothing can be signed and nothing verifies.
    """

    keys: tuple[str, ...] = field(repr=False)
    clock: Clock = field(repr=False)

    def sign(self, headers: dict[str, Any], payload: Sequence[Any]) -> None:
        """Adds the signature to `headers`. Raises ConfigurationError without a key."""
        if not self.keys:
            raise ConfigurationError(["MESSAGE_KEYS is needed to send messages: openssl rand -hex 32"])
        expires_at = int(self.clock.now()) + VALID_S
        mac = _mac(self.keys[0], headers, payload=payload, expires_at=expires_at)
        headers[SIGNATURE] = {"expires_at": expires_at, "mac": mac}

    def verify(self, envelope: Envelope, *, late: bool = False) -> None:
        """Raises ForgedMessage unless one of the keys has signed exactly this envelope.

        late: accept an expired signature.
        """
        signature = envelope.headers.get(SIGNATURE)
        if not isinstance(signature, dict):
            raise ForgedMessage("it has no signature")
        expires_at, mac = signature.get("expires_at"), signature.get("mac")
        if type(expires_at) is not int or not isinstance(mac, str):
            raise ForgedMessage("its signature has the wrong shape")
        if not any(_fits(key, envelope, expires_at=expires_at, mac=mac) for key in self.keys):
            raise ForgedMessage("it was altered, or signed with a key that is not in MESSAGE_KEYS")
        if not late and self.clock.now() > expires_at:
            raise ForgedMessage("its signature has expired")


def signer_of(settings: Settings, *, clock: Clock | None = None) -> Signer:
    return Signer(names_in(settings.queues.message_keys), clock or SystemClock())


class SqsTime(SharedTime):
    """Epoch seconds by SQS's clock: a message outlives its machine, whose clock may be hours off."""

    def __init__(self) -> None:
        super().__init__(SystemClock(), steady=time.monotonic)

    def observe_client(self, client: Any) -> Any:
        """Learns the time from each answer that the boto3 `client` gets from now on. Returns `client`."""
        client.meta.events.register("before-call", self._asked)
        client.meta.events.register("after-call", self._answered)
        return client

    def _asked(self, context: dict[str, Any], **_event: Any) -> None:
        context[_ASKED_AT] = self.steady()

    def _answered(self, parsed: dict[str, Any], context: dict[str, Any], **_event: Any) -> None:
        date = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if date:
            took_s = self.steady() - context[_ASKED_AT]
            self.observe(parsedate_to_datetime(date).timestamp(), took_s=took_s)


def _fits(key: str, envelope: Envelope, *, expires_at: int, mac: str) -> bool:
    expected = _mac(key, envelope.headers, payload=envelope.payload, expires_at=expires_at)
    return hmac.compare_digest(expected.encode(), mac.encode(errors="replace"))


def _mac(key: str, headers: dict[str, Any], *, payload: Sequence[Any], expires_at: int) -> str:
    others = {name: value for name, value in headers.items() if name != SIGNATURE}
    # Sorted and in ASCII: what went through kombu's JSON is written here as it was before.
    text = json.dumps([others, payload, expires_at], sort_keys=True, separators=(",", ":"))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
