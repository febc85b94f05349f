"""Writes pending updates in a background thread while the process is idle."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from core.observability.logs import get_logger

_log = get_logger(__name__)

IDLE_S = 0.5
_RETRY_S = 5.0
_LINGER_S = 30.0

Flush = Callable[[], bool]
"""Writes what is pending. True: nothing is left."""


class NoFlusher:
    """For tests and for processes that call no models: pending updates are written only with the next decision."""

    def soon(self, flush: Flush) -> None: ...


@dataclass
class _OfProcess:
    """due_at: when to flush next, by the monotonic clock; infinite: nothing is pending."""

    pid: int = field(default_factory=os.getpid)
    wake: threading.Condition = field(default_factory=threading.Condition)
    due_at: float = inf
    runs: bool = False


class IdleFlusher:
    """Flushes when idle. Fork-safe: each process has its own thread, started when there is something to write."""

    def __init__(self, idle_s: float = IDLE_S, *, retry_s: float = _RETRY_S) -> None:
        self._idle_s = idle_s
        self._retry_s = retry_s
        self._mine = _OfProcess()

    def soon(self, flush: Flush) -> None:
        """Calls `flush` once within `idle_s`, however often this is called.

        Again every `retry_s` while it returns False.
        """
        self._within(self._idle_s, flush)

    def _within(self, seconds: float, flush: Flush) -> None:
        if self._mine.pid != os.getpid():
            # The parent's lock may have been taken at the moment of the fork, and its thread is not here.
            self._mine = _OfProcess()
        mine = self._mine
        with mine.wake:
            mine.due_at = min(mine.due_at, time.monotonic() + seconds)
            if not mine.runs:
                mine.runs = True
                threading.Thread(target=self._run, args=(flush,), name="limiter-notes", daemon=True).start()
            mine.wake.notify()

    def _run(self, flush: Flush) -> None:
        while self._wait():
            if not _done(flush):
                self._within(self._retry_s, flush)

    def _wait(self) -> bool:
        """Until something is due; False when nothing has been for long: then the thread ends."""
        mine = self._mine
        with mine.wake:
            while True:
                wait_s = mine.due_at - time.monotonic()
                if wait_s <= 0:
                    mine.due_at = inf
                    return True
                notified = mine.wake.wait(min(wait_s, _LINGER_S))
                if wait_s == inf and not notified:
                    mine.runs = False
                    return False


def _done(flush: Flush) -> bool:
    try:
        return flush()
    except Exception:  # noqa: BLE001 - one of the four doors: a background thread's loop
        _log.exception("limiter_notes_not_told")
        return False
