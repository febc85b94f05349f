"""The latest entries of the audit, read once each: they never change."""

from dataclasses import dataclass, field

from core.queueing.audit import AuditLog, Deed
from core.queueing.parallel import in_parallel

_KEPT = 1_000


@dataclass
class RecentDeeds:
    """Errors: storage/*."""

    audit: AuditLog
    _known: dict[str, Deed | None] = field(default_factory=dict)

    def newest(self, *, days: int, most: int) -> list[Deed]:
        """Newest first, `most` of the last `days`: however much was done before costs nothing."""
        keys: list[str] = []
        for days_ago in range(days):
            keys += reversed(self.audit.keys(days_ago=days_ago))
            if len(keys) >= most:
                break
        shown = keys[:most]
        known = self._known = self._known if len(self._known) <= _KEPT else {}
        unknown = [key for key in shown if key not in known]
        known |= dict(zip(unknown, in_parallel(self.audit.read_one, unknown), strict=True))
        found = [deed for key in shown if (deed := known.get(key)) is not None]
        return sorted(found, key=lambda deed: (deed.at, deed.phase), reverse=True)
