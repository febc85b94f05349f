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


@dataclass(frozen=True)
class Period:
    """Some UTC days as they could be read, oldest first, today last.

    counted: (day, its counts) of each. sources: not folded yet; those of the present hour describe running processes.
    damaged: day -> the error of reading what was folded into it; its counts are those of its sources alone.
    """

    counted: list[tuple[str, Tally]]
    sources: list[Source]
    damaged: Mapping[str, Damaged]

    @property
    def days(self) -> list[tuple[str, Tally]]:
        """Without damaged days of which nothing is left: a row of zeros would say that nothing had happened."""
        return [one for one in self.counted if one[0] not in self.damaged or one[1].users]

    @property
    def today(self) -> list[tuple[str, Tally]]:
        return self.counted[-1:]


class Rollups:
    """Reads counts by day, and folds past hours into days.

    Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    def __init__(self, store: ObjectStore, clock: Clock, *, in_parallel: InParallel = one_by_one) -> None:
        self._store, self._clock, self._in_parallel = store, clock, in_parallel

    def read(self, number: int) -> Period:
        """Returns the last `number` UTC days, today included. A day that cannot be read hides no other."""
        today = datetime.fromtimestamp(self._clock.now(), UTC).date()
        wanted = [(today - timedelta(days=back)).isoformat() for back in reversed(range(number))]
        sources = self._sources([name for name in self._names() if name[:_DAY_CHARS] in wanted])
        stored = self._in_parallel(self._day, wanted)
        damaged = {
            day: found for day, found in zip(wanted, stored, strict=True) if isinstance(found, Damaged)
        }
        counted = [
            (day, _whole(None if day in damaged else found, [one for one in sources if one.day == day]))
            for day, found in zip(wanted, stored, strict=True)
        ]
        return Period(counted, sources, damaged)

    def fold(self) -> int:
        """Folds past hours into their days; returns how many objects were folded.

        Those of a day that cannot be read are kept, for when its record is brought back.
        """
        over = [
            name for name in self._names() if end_of(name[:_HOUR_CHARS]) + FOLDED_AFTER_S <= self._clock.now()
        ]
        folded = 0
        for day in sorted({name[:_DAY_CHARS] for name in over}):
            if isinstance(self._day(day), Damaged):
                continue
            names = [name for name in over if name.startswith(day)]
            self._take(day, self._sources(names))
            for name in names:
                self._store.delete(f"{HOURS_PREFIX}{name}.json")
            folded += len(names)
        return folded

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

    def _day(self, day: str) -> Any | Damaged | None:
        """What is stored of a day, None if nothing is, or why it cannot be read."""
        try:
            return get_as(self._store, f"{_DAYS_PREFIX}{day}.json", _checked)
        except Damaged as error:
            _log.error("statistics_day_unreadable", day=day, detail=error.detail)
            return error


def _checked(day: Any) -> Any:
    """A stored day as it is. Raises KeyError, TypeError or ValueError for anything else."""
    _whole(day, [])
    return day


def _whole(day: Any | None, sources: list[Source]) -> Tally:
    before = Tally() if day is None else Tally.from_dict(day)
    taken = set() if day is None else set(day["taken"])
    return added(before, *(source.tally for source in sources if source.name not in taken))
