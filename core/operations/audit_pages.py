"""Pages of the audit log, newest first. Entries and the lists of past days never change and are cached."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from core.queueing.audit import AuditEntry, AuditLog
from core.queueing.parallel import in_parallel

_KEPT = 1_000
_KEPT_DAYS = 60
_LISTED_TOGETHER = 8


@dataclass(frozen=True)
class AuditPage:
    """Entries of the audit log, newest first. before: cursor of the page of older ones, "" if there are none."""

    entries: list[AuditEntry]
    before: str


@dataclass
class AuditPages:
    """Reads the audit log page by page. Errors: storage/*."""

    audit: AuditLog
    _known: dict[str, AuditEntry | None] = field(default_factory=dict)
    _days: dict[str, list[str]] = field(default_factory=dict)

    def newest(self, *, days: int, most: int, before: str = "") -> AuditPage:
        """Returns the newest `most` entries of the last `days`. before: cursor of the previous page.

        Costs the same however long the log is.
        """
        older = (key for key in self._keys(days) if not before or _name(key) < before)
        keys = list(islice(older, most + 1))
        known = self._known = self._known if len(self._known) <= _KEPT else {}
        unknown = [key for key in keys[:most] if key not in known]
        known |= dict(zip(unknown, in_parallel(self.audit.read_one, unknown), strict=True))
        entries = [entry for key in keys[:most] if (entry := known.get(key)) is not None]
        entries.sort(key=lambda entry: (entry.at, entry.phase), reverse=True)
        return AuditPage(entries, _name(keys[most - 1]) if len(keys) > most else "")

    def _keys(self, days: int) -> Iterator[str]:
        """Newest first, listed as they are asked for."""
        for start in range(0, days, _LISTED_TOGETHER):
            for keys in in_parallel(self._of_day, range(start, min(days, start + _LISTED_TOGETHER))):
                yield from reversed(keys)

    def _of_day(self, days_ago: int) -> list[str]:
        """Cached from the day before yesterday on: no writer's clock is a day late."""
        day = self.audit.day(days_ago=days_ago)
        if day in self._days:
            return self._days[day]
        keys = self.audit.keys(day)
        if days_ago > 1:
            self._days = {**(self._days if len(self._days) < _KEPT_DAYS else {}), day: keys}
        return keys


def _name(key: str) -> str:
    """Sorts by time."""
    return key.rpartition("/")[2].removesuffix(".json")
