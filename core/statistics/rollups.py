"""Adds up the counts of all processes, and folds the objects of past hours into one object per day.

    metrics/hours/<hour>/<source>.json   of one process         written by it alone, see recorder
    metrics/days/<day>.json              {taken, users, spreads}  compare-and-swap; taken: the sources in it

    fold     day + sources, and their names, in one swap --> the sources are deleted
    read     sources first, then the day; of the sources those that the day has not taken

After a crash between swap and deletion the names in `taken` keep sources from counting twice; the next fold deletes
them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.aws.object_store import Damaged, ObjectStore, get_as, update_json
from core.clock import Clock
from core.observability.logs import get_logger
from core.statistics.recorder import CLOSED_AFTER_S, HOURS_PREFIX, end_of
from core.statistics.tally import Tally, added

_log = get_logger(__name__)
_DAYS_PREFIX = "metrics/days/"
FOLDED_AFTER_S = 2 * CLOSED_AFTER_S
"""How long after its end an hour is folded: by then nobody writes to it, even with clocks that differ by minutes."""
_HOUR_CHARS, _DAY_CHARS = 13, 10

InParallel = Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]


def one_by_one(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    return [work(item) for item in items]


@dataclass(frozen=True)
class Source:
    """What one process wrote in one hour. name: <hour>/<source>. about: the object's other fields."""

    name: str
    tally: Tally
    about: Mapping[str, Any]

    @property
    def day(self) -> str:
        return self.name[:_DAY_CHARS]


class Rollups:
    """Reads counts by day, and folds past hours into days.

    Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    def __init__(self, store: ObjectStore, clock: Clock, *, in_parallel: InParallel = one_by_one) -> None:
        self._store, self._clock, self._in_parallel = store, clock, in_parallel

    def days(self, number: int) -> list[tuple[str, Tally]]:
        """Returns (day, its counts) of the last `number` UTC days, today included, oldest first."""
        return self.read(number)[0]

    def read(self, number: int) -> tuple[list[tuple[str, Tally]], list[Source]]:
        """Returns the same as `days`, and the sources not folded yet.

        Those of the present hour describe running processes.
        """
        today = datetime.fromtimestamp(self._clock.now(), UTC).date()
        wanted = [(today - timedelta(days=back)).isoformat() for back in reversed(range(number))]
        sources = self._sources([name for name in self._names() if name[:_DAY_CHARS] in wanted])
        stored = self._in_parallel(self._day, wanted)
        days = [
            (day, _whole(found, [source for source in sources if source.day == day]))
            for day, found in zip(wanted, stored, strict=True)
        ]
        return days, sources

    def fold(self) -> int:
        """Folds past hours into their days; returns how many objects were folded."""
        over = [
            name for name in self._names() if end_of(name[:_HOUR_CHARS]) + FOLDED_AFTER_S <= self._clock.now()
        ]
        for day in sorted({name[:_DAY_CHARS] for name in over}):
            self._take(day, self._sources([name for name in over if name.startswith(day)]))
        for name in over:
            self._store.delete(f"{HOURS_PREFIX}{name}.json")
        return len(over)

    def _take(self, day: str, sources: list[Source]) -> None:
        def change(present: Any | None) -> dict[str, Any] | None:
            taken = set((present or {}).get("taken", ()))
            new = [source for source in sources if source.name not in taken]
            if not new:
                return None
            return {
                "taken": sorted(taken | {source.name for source in new}),
                **_whole(present, new).to_dict(),
            }

        update_json(self._store, f"{_DAYS_PREFIX}{day}.json", change, clock=self._clock)

    def _names(self) -> list[str]:
        """<hour>/<source> of all that is not folded."""
        keys = (info.key for info in self._store.list(HOURS_PREFIX))
        return [key.removeprefix(HOURS_PREFIX).removesuffix(".json") for key in keys]

    def _sources(self, names: list[str]) -> list[Source]:
        found = self._in_parallel(self._source, names)
        return [source for source in found if source is not None]

    def _source(self, name: str) -> Source | None:
        """None where it was folded since it was listed, or cannot be read: one process's hour, and not the day's."""
        try:
            return get_as(
                self._store,
                f"{HOURS_PREFIX}{name}.json",
                lambda data: Source(name, Tally.from_dict(data), data),
            )
        except Damaged:
            _log.error("statistics_unreadable", source=name)
            return None

    def _day(self, day: str) -> Any | None:
        return get_as(self._store, f"{_DAYS_PREFIX}{day}.json", _checked)


def _checked(day: Any) -> Any:
    """A stored day as it is. Raises KeyError, TypeError or ValueError for anything else."""
    _whole(day, [])
    return day


def _whole(day: Any | None, sources: list[Source]) -> Tally:
    before = Tally() if day is None else Tally.from_dict(day)
    taken = set() if day is None else set(day["taken"])
    return added(before, *(source.tally for source in sources if source.name not in taken))
