"""The latest entries of the audit: what is over is listed and read once, because it never changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from core.queueing.audit import AuditLog, Deed
from core.queueing.parallel import in_parallel

_KEPT = 1_000
_KEPT_DAYS = 60
_LISTED_TOGETHER = 8


@dataclass(frozen=True)
class DeedPage:
    """deeds: newest first. before: what the page of older ones ends before, "" where there are none."""

    deeds: list[Deed]
    before: str


@dataclass
class RecentDeeds:
    """Errors: storage/*."""

    audit: AuditLog
    _known: dict[str, Deed | None] = field(default_factory=dict)
    _days: dict[str, list[str]] = field(default_factory=dict)

    def newest(self, *, days: int, most: int, before: str = "") -> DeedPage:
        """`most` of the last `days`: however much was done before costs nothing. before: of the page before."""
        older = (key for key in self._keys(days) if not before or _name(key) < before)
        keys = list(islice(older, most + 1))
        known = self._known = self._known if len(self._known) <= _KEPT else {}
        unknown = [key for key in keys[:most] if key not in known]
        known |= dict(zip(unknown, in_parallel(self.audit.read_one, unknown), strict=True))
        deeds = [deed for key in keys[:most] if (deed := known.get(key)) is not None]
        deeds.sort(key=lambda deed: (deed.at, deed.phase), reverse=True)
        return DeedPage(deeds, _name(keys[most - 1]) if len(keys) > most else "")

    def _keys(self, days: int) -> Iterator[str]:
        """Newest first, listed as they are asked for."""
        for start in range(0, days, _LISTED_TOGETHER):
            for keys in in_parallel(self._of_day, range(start, min(days, start + _LISTED_TOGETHER))):
                yield from reversed(keys)

    def _of_day(self, days_ago: int) -> list[str]:
        """The day before yesterday is over, whatever the clocks of those say who write."""
        day = self.audit.day(days_ago=days_ago)
        if day in self._days:
            return self._days[day]
        keys = self.audit.keys(day)
        if days_ago > 1:
            self._days = {**(self._days if len(self._days) < _KEPT_DAYS else {}), day: keys}
        return keys


def _name(key: str) -> str:
    """What is before another in time is so in order too."""
    return key.rpartition("/")[2].removesuffix(".json")
