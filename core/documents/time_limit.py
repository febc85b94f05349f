"""A bound on one step of a child that reads a document; it ends the step in the middle of a regular expression too.

Works through SIGALRM, so only in the main thread of a process that does nothing else.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN_S = 0.5


class TimeIsUp(Exception):
    """The step took longer than it may."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TimeIsUp inside the `with` once `seconds` have passed; at once for 0 or less.

    An alarm that was set before still rings, later.
    """
    if seconds <= 0:
        raise TimeIsUp
    started = time.monotonic()
    handler_before = signal.signal(signal.SIGALRM, _ring)
    # Again and again, because Python swallows what is raised while it collects garbage.
    left_before, _ = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler_before)
        if left_before:
            left = left_before - (time.monotonic() - started)
            signal.setitimer(signal.ITIMER_REAL, max(0.01, left))


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise TimeIsUp
