"""Passwords of local accounts: which are good enough, and argon2 over them."""

import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARS, MOST_CHARS = 12, 200
_LEAST_DISTINCT = 5
_AT_ONCE = 2
_COMMON = ("password", "passwort", "qwerty", "asdfgh", "123456", "letmein", "welcome", "aiprism", "ai-prism")


def password_fault(password: str, *, user_id: str) -> str:
    """What is wrong with it in a sentence, "" when it will do."""
    if not LEAST_CHARS <= len(password) <= MOST_CHARS:
        return f"A password has {LEAST_CHARS} to {MOST_CHARS} characters; a few words make a good one."
    folded = password.casefold()
    if len(set(folded)) < _LEAST_DISTINCT:
        return f"A password has at least {_LEAST_DISTINCT} different characters."
    parts = {user_id.casefold(), user_id.casefold().partition("@")[0], *_COMMON}
    for part in parts:
        if len(part) > 2 and len(folded.replace(part, "")) < LEAST_CHARS - len("1234"):
            return (
                "That is among the first that are guessed: take words that have nothing to do with the name."
            )
    return ""


class Passwords:
    """OWASP's least argon2id for a server (19 MiB, 2 rounds; Password Storage Cheat Sheet, read 2026-11), so that two
    people who sign in at one moment take 38 MiB of the process and no more wait beside them."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._places = threading.Semaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        with self._places:
            return self._hasher.hash(password)

    def fits(self, stored: str, password: str) -> bool:
        """stored "": there is no such account; that takes as long as a wrong password, and is as wrong."""
        try:
            with self._places:
                self._hasher.verify(stored or self._nobodys, password[: MOST_CHARS + 1])
        except (VerificationError, InvalidHashError):
            return False
        return bool(stored)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody's")
