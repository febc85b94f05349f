"""Slows down password guessing: wrong passwords are counted over all processes, per account and per address.

quotas/sign-in/<hash>.json   {tries: [epoch seconds], nonce}

Other people's guesses must not lock an account's owner out, so a browser in which the account was used before has a
signed device cookie and a count of its own (OWASP, Slow Down Online Guessing Attacks with Device Cookies). A try is
counted before the password is checked and given back if it was right, so parallel tries gain nothing.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from core.auth.addresses import network_of
from core.aws.object_store import ObjectStore, update_json, with_nonce
from core.clock import Clock
from core.errors import Throttled
from core.sign_in_settings import SignInSettings


@dataclass(frozen=True)
class Try:
    """A counted try. counts: keys of the counters that it is in."""

    at: float
    counts: tuple[str, ...]


@dataclass(frozen=True)
class Attempts:
    """Counts sign-in attempts per account and per address."""

    store: ObjectStore
    clock: Clock
    limits: SignInSettings

    def take(self, user_id: str, *, address: str, browser: str) -> Try:
        """Counts an attempt. browser: its device cookie, "" without one. Raises Throttled auth/too-many."""
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
            return with_nonce({"tries": [*tries, now]})

        update_json(self.store, key, counted, clock=self.clock)


def _without(present: Any, at: float) -> Any:
    tries = list(present["tries"]) if present else []
    if at in tries:
        tries.remove(at)
    return with_nonce({"tries": tries})


def _key(kind: str, name: str) -> str:
    return f"quotas/sign-in/{hashlib.sha256(f'{kind}:{name}'.encode()).hexdigest()[:32]}.json"
