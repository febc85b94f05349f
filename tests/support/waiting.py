"""Waiting for a condition with a deadline: tests never sleep for a guess."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def wait_until(condition: Callable[[], Found], *, timeout_s: float, every_s: float = 0.05) -> Found:
    """The first truthy value of `condition`. Raises AssertionError after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"still not so after {timeout_s} s: {condition}"
        time.sleep(every_s)
