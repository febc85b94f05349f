"""One time for all processes: what the store's answers say it is there.

S3 dates its answers to the second, so one answer says little; but each says something, and the second at which
the date changes is soon known to a few milliseconds.

    server's date    12:00:07                      the answer was written between :07.000 and :07.999,
    here             sent at 6.31, heard at 6.35   so its clock is from 0.65 to 1.69 s ahead of 12:00:00 + ours

Between answers a steady clock carries on, the same for all processes of a machine and deaf to whoever sets the
machine's time: a jump of that does nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

from core.clock import Clock
from core.observability.logs import get_logger

_log = get_logger(__name__)

_DATE_RESOLUTION_S = 1.0
_DRIFT = 1e-4
"""Two clocks may run apart by so much per second: twice what ordinary crystals do."""
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
    """What both say. Where they contradict each other a clock was set: the newer counts."""
    if known is None:
        return heard
    older, newer = sorted((known, heard), key=lambda bounds: bounds.at)
    drift_s = _DRIFT * (newer.at - older.at)
    low_s, high_s = max(older.low_s - drift_s, newer.low_s), min(older.high_s + drift_s, newer.high_s)
    return Bounds(low_s, high_s, newer.at) if low_s <= high_s else newer


class SharedTime:
    """Epoch seconds that all processes agree on, within `skew_s`.

    clock: this machine's, taken as right until the store has answered. steady: seconds since any moment, the same
    for all processes of the machine; the clock itself where nobody sets that.
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
        """What this machine's clock lacks; 0 until the store has answered."""
        return self.now() - self._clock.now()

    @property
    def skew_s(self) -> float:
        """Most that two processes who know as much as this one may differ."""
        return min(_MOST_SKEW_S, 2 * self._unsure_s)

    @property
    def _unsure_s(self) -> float:
        """How far `now` may be from the store's time, one way or the other."""
        if self.bounds is None:
            return 0.0
        drift_s = _DRIFT * abs(self.steady() - self.bounds.at)
        return (self.bounds.high_s - self.bounds.low_s) / 2 + drift_s

    def heard(self, date_s: float, *, took_s: float) -> None:
        """An answer of the store just now. date_s: its Date header; took_s: since it was asked."""
        self.learn(bounds_from(date_s, took_s=took_s, heard_at=self.steady()))

    def learn(self, bounds: Bounds | None) -> None:
        """What this process, or another on the same machine, has found out."""
        if bounds is not None:
            self.bounds = narrowed(self.bounds, bounds)
            self._watch()

    def _watch(self) -> None:
        """Only what is certain: one answer that took long says little."""
        wrong = abs(self.offset_s) - self._unsure_s > _ALARM_S
        if wrong and not self._alarmed:
            _log.error("clock_wrong", offset_s=round(self.offset_s, 3))
        self._alarmed = wrong
