"""Guessing passwords is slow: wrong ones are counted over all processes, for an account and for an address.

quotas/sign-in/<hash>.json   {tries: [epoch seconds], nonce}

Somebody else's wrong guesses must not lock an account's owner out, so a browser in which the account was used before
carries a signed mark and has a count of its own (OWASP, Slow Down Online Guessing Attacks with Device Cookies). A try
is counted before the password is looked at and given back when it was right: many at once win nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from core.auth.addresses import network_of
from core.aws.object_store import ObjectStore, update_json
from core.clock import Clock
from core.errors import Throttled
from core.sign_in_settings import SignInSettings


@dataclass(frozen=True)
class Try:
    """Where it was counted. counts: their keys."""

    at: float
    counts: tuple[str, ...]


@dataclass(frozen=True)
class Attempts:
    store: ObjectStore
    clock: Clock
    limits: SignInSettings

    def take(self, user_id: str, *, address: str, browser: str) -> Try:
        """browser: the mark of one in which this account was used before, else "". Raises Throttled auth/too-many."""
        now = self.clock.now()
        of_address = _key("address", network_of(address))
        of_account = _key("browser", browser) if browser else _key("account", user_id)
        self._count(of_address, now, most=self.limits.attempts_per_address)
        self._count(of_account, now, most=self.limits.attempts)
        return Try(now, (of_address, of_account))

    def give_back(self, taken: Try) -> None:
        for key in taken.counts:
            update_json(self.store, key, lambda present: _without(present, taken.at), clock=self.clock)

    def _count(self, key: str, now: float, *, most: int) -> None:
        def counted(present: Any) -> Any:
            window_s = self.limits.attempts_window_s
            tries = [at for at in (present or {"tries": []})["tries"] if at > now - window_s]
            if len(tries) >= most:
                raise Throttled("auth/too-many", retry_after_s=max(1.0, tries[-most] + window_s - now))
            return {"tries": [*tries, now], "nonce": secrets.token_hex(8)}

        update_json(self.store, key, counted, clock=self.clock)


def _without(present: Any, at: float) -> Any:
    tries = list(present["tries"]) if present else []
    if at in tries:
        tries.remove(at)
    return {"tries": tries, "nonce": secrets.token_hex(8)}


def _key(kind: str, name: str) -> str:
    return f"quotas/sign-in/{hashlib.sha256(f'{kind}:{name}'.encode()).hexdigest()[:32]}.json"
