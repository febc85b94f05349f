"""Passwords of local accounts as argon2 hashes."""

import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.auth.password_rules import MOST_CHARS

_AT_ONCE = 2


class Passwords:
    """OWASP's least argon2id for a server (19 MiB, 2 rounds; Password Storage Cheat Sheet, read 2026-11), so that two
    simultaneous sign-ins take 38 MiB of the process; more wait their turn."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._places = threading.Semaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        with self._places:
            return self._hasher.hash(password)

    def fits(self, stored: str, password: str) -> bool:
        """Whether the password has this hash.

        stored: "" if there is no such account; then the answer is False, and takes as long as for a wrong password.
        """
        try:
            with self._places:
                self._hasher.verify(stored or self._nobodys, password[: MOST_CHARS + 1])
        except (VerificationError, InvalidHashError):
            return False
        return bool(stored)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody's")
