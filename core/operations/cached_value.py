"""A cached value that is read by one thread at a time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.clock import Clock
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.parallel import Later, at_once

_log = get_logger(__name__)
_SHARE = 10
"""A value is cached for at least this many times as long as reading it took."""

Value = TypeVar("Value")


def in_background(step: Callable[[], None]) -> None:
    """Runs the step in a thread of its own.

    Reading a value may need other such values, which must not queue up behind it.
    """
    threading.Thread(target=step, name="cached-value", daemon=True).start()


class CachedValue(Generic[Value]):
    """The result of `read`, cached and shared by the threads of a process.

    read ---- fresh_s: returned as it is ---- stale_s: returned, and read again by `later` ---- waited for

    fresh_s, stale_s: since it was read. Errors of `read` are raised to callers who wait for it; others get the old
    value, and the next caller waits.
    """

    def __init__(
        self,
        read: Callable[[], Value],
        *,
        clock: Clock,
        fresh_s: float = 2.0,
        stale_s: float = 15.0,
        later: Later = at_once,
    ) -> None:
        self._read = read
        self._clock = clock
        self._fresh_s = fresh_s
        self._stale_s = stale_s
        self._later = later
        self._reading = threading.Lock()
        self._forgotten = 0
        self._known: _Known[Value] | None = None

    def __call__(self) -> Value:
        known, now = self._known, self._clock.now()
        if known is None or now >= known.stale_at:
            with self._reading:
                # Another thread may have read it while this one waited for the lock.
                latest = self._known
                known = latest if latest is not None and latest is not known else self._refresh()
        elif now >= known.fresh_until:
            self._read_on()
            known = self._known or known
        return known.value

    def within(self, patience_s: float) -> Value | None:
        """Returns the value, or None if reading takes longer than `patience_s`; `later` then goes on reading."""
        known, now = self._known, self._clock.now()
        if known is not None and now < known.stale_at:
            return self()
        self._read_on()
        if self._reading.acquire(timeout=patience_s):
            self._reading.release()
        known = self._known
        return None if known is None or now >= known.stale_at else known.value

    def forget(self) -> None:
        """Drops the value, and the result of a read under way: the next caller waits for a new one."""
        self._forgotten += 1
        self._known = None

    def _read_on(self) -> None:
        """Reads it with `later`, unless that is under way."""
        if not self._reading.acquire(blocking=False):
            return
        try:
            self._later(self._refresh_meanwhile)
        except RuntimeError:
            # No thread could be started: without this nobody would ever read it again.
            self._reading.release()
            _log.warning("not_read_anew", code="no thread")

    def _refresh_meanwhile(self) -> None:
        try:
            self._refresh()
        except AppError as error:
            _log.warning("not_read_anew", code=error.code)
        finally:
            self._reading.release()

    def _refresh(self) -> "_Known[Value]":
        started, forgotten = self._clock.now(), self._forgotten
        value = self._read()
        fresh_s = max(self._fresh_s, _SHARE * (self._clock.now() - started))
        known = _Known(value, started + fresh_s, started + fresh_s + self._stale_s)
        if self._forgotten == forgotten:
            self._known = known
        return known


@dataclass(frozen=True)
class _Known(Generic[Value]):
    value: Value
    fresh_until: float
    stale_at: float
