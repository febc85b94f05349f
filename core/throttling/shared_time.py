"""One time for all processes: S3's clock, estimated from the Date headers of its answers.

They have a resolution of a second, so one answer says little; but each narrows the bounds of the offset, which is
soon known to a few milliseconds.

    server's date    12:00:07                      the answer was written between :07.000 and :07.999,
    here             sent at 6.31, heard at 6.35   so its clock is from 0.65 to 1.69 s ahead of 12:00:00 + ours

Between answers a monotonic ("steady") clock counts on, the same for all processes of a machine. Setting the machine's
time has no effect on it.
"""

from collections.abc import Callable
from typing import NamedTuple

from core.clock import Clock
from core.observability.logs import get_logger

_log = get_logger(__name__)

_DATE_RESOLUTION_S = 1.0
_DRIFT = 1e-4
"""Drift between two clocks, in seconds per second: twice that of ordinary crystals."""
_MOST_SKEW_S = 1.0
_ALARM_S = 2.0


class Bounds(NamedTuple):
    """The server's epoch seconds less our steady seconds: from `low_s` to `high_s`, as known `at` (steady)."""

    low_s: float
    high_s: float
    at: float


def bounds_from(date_s: float, *, took_s: float, heard_at: float) -> Bounds:
    return Bounds(date_s - heard_at, date_s + _DATE_RESOLUTION_S - (heard_at - took_s), heard_at)


def narrowed(known: Bounds | None, heard: Bounds) -> Bounds:
    """The bounds that fit both. Where they contradict each other a clock was set, and the newer ones count."""
    if known is None:
        return heard
    older, newer = sorted((known, heard), key=lambda bounds: bounds.at)
    drift_s = _DRIFT * (newer.at - older.at)
    low_s, high_s = max(older.low_s - drift_s, newer.low_s), min(older.high_s + drift_s, newer.high_s)
    return Bounds(low_s, high_s, newer.at) if low_s <= high_s else newer


class SharedTime:
    """Epoch seconds that all processes agree on, within `skew_s`.

    clock: this machine's, taken as right until the store has answered. steady: seconds since any fixed moment, the
    same for all processes of the machine; the clock itself if nobody sets that.
    """

    def __init__(self, clock: Clock, *, steady: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self.steady = steady or clock.now
        self._alarmed = False
        self.bounds: Bounds | None = None

    def now(self) -> float:
        if self.bounds is None:
            return self._clock.now()
        return self.steady() + (self.bounds.low_s + self.bounds.high_s) / 2

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)

    @property
    def offset_s(self) -> float:
        """How far this machine's clock is behind the store's, in seconds; 0 until the store has answered."""
        return self.now() - self._clock.now()

    @property
    def skew_s(self) -> float:
        """The most that the times of two processes may differ whose bounds are as wide as this one's."""
        return min(_MOST_SKEW_S, 2 * self._unsure_s)

    @property
    def _unsure_s(self) -> float:
        """How far `now` may be from the store's time, either way."""
        if self.bounds is None:
            return 0.0
        drift_s = _DRIFT * abs(self.steady() - self.bounds.at)
        return (self.bounds.high_s - self.bounds.low_s) / 2 + drift_s

    def observe(self, date_s: float, *, took_s: float) -> None:
        """Learns from an answer of the store just now.

        date_s: its Date header; took_s: seconds since the request.
        """
        self.learn(bounds_from(date_s, took_s=took_s, heard_at=self.steady()))

    def learn(self, bounds: Bounds | None) -> None:
        """Takes over bounds that this process, or another one of the same machine, has found."""
        if bounds is not None:
            self.bounds = narrowed(self.bounds, bounds)
            self._watch()

    def _watch(self) -> None:
        """Logs a clock that is wrong beyond doubt, once: an answer that took long has wide bounds."""
        wrong = abs(self.offset_s) - self._unsure_s > _ALARM_S
        if wrong and not self._alarmed:
            _log.error("clock_wrong", offset_s=round(self.offset_s, 3))
        self._alarmed = wrong
