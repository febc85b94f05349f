"""A limit on what the models may cost in one UTC day, over all processes.

quotas/cost/<day>.json   {usd, calls}: each call adds what it cost, by compare-and-swap

Calls that are under way when the limit is reached are paid for: it is passed by at most those.
"""

from typing import Any

from core.aws.object_store import ObjectStore, get_json, update_json, with_nonce
from core.clock import Clock, iso
from core.errors import AppError, Permanent, Throttled
from core.observability.logs import get_logger

_log = get_logger(__name__)
_DAY_S = 86_400.0


class DailyCost:
    """Counts and limits the cost of one UTC day.

    cap_usd: 0 for no limit; then nothing is written. Errors: storage/*.
    """

    def __init__(self, store: ObjectStore, clock: Clock, *, cap_usd: float) -> None:
        self._store = store
        self._clock = clock
        self._cap_usd = cap_usd
        self._not_booked: dict[str, float] = {}

    @property
    def cap_usd(self) -> float:
        return self._cap_usd

    def refuse_new_work(self) -> None:
        """Raises Throttled limits/daily_cost at the limit, with the seconds until the day ends."""
        if self.reached():
            left_s = _DAY_S - self._clock.now() % _DAY_S
            raise Throttled("limits/daily_cost", self._words(), retry_after_s=left_s)

    def refuse_call(self) -> None:
        """Raises Permanent limits/daily_cost at the limit: the task ends, and can be run again another day."""
        if self.reached():
            raise Permanent("limits/daily_cost", self._words())

    def reached(self) -> bool:
        """Whether the limit is reached. Raises storage/* if that cannot be known: then nothing may be spent."""
        return self._cap_usd > 0 and self.spent_usd() >= self._cap_usd

    def spent_usd(self) -> float:
        """Dollars spent today, as far as this process knows."""
        stored = get_json(self._store, _key(self._today)) or {}
        return float(stored.get("usd", 0.0)) + self._not_booked.get(self._today, 0.0)

    def charge(self, usd: float) -> None:
        """Adds the cost of a call; never raises. If storage fails it is added with the next one."""
        if self._cap_usd <= 0:
            return
        day = self._today
        owed = self._not_booked.get(day, 0.0) + usd
        self._not_booked = {day: owed}
        try:
            update_json(self._store, _key(day), lambda present: _added(present, owed), clock=self._clock)
        except AppError as error:
            _log.warning("daily_cost_not_booked", code=error.code)
        else:
            self._not_booked = {}

    @property
    def _today(self) -> str:
        return iso(self._clock.now())[:10]

    def _words(self) -> str:
        return (
            f"The models may cost {self._cap_usd:g} dollars a day, and today's are spent. "
            "The next day begins at 00:00 UTC."
        )


def _added(present: Any, usd: float) -> dict[str, Any]:
    before = present or {"usd": 0.0, "calls": 0}
    return with_nonce({"usd": round(before["usd"] + usd, 6), "calls": before["calls"] + 1})


def _key(day: str) -> str:
    return f"quotas/cost/{day}.json"
