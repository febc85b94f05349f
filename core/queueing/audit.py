"""The audit log: who did what to dead letters, accounts and reviews, and why.

Entries are written once, never changed.

audit/<day>/<milliseconds>-<nonce>.json, written before the action is carried out. Ids only, no words of documents.
"""

import re
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, get_as, to_json
from core.clock import Clock, epoch, iso
from core.observability.logs import get_logger
from core.queueing.parallel import in_parallel

AUDIT_PREFIX = "audit/"
_DAY_S = 86_400.0
UNREADABLE = "unreadable"
"""The action of an entry that cannot be read: it is shown as such, and hides no other."""

_log = get_logger(__name__)


@dataclass(frozen=True)
class AuditEntry:
    """One action of an operator or user, as it is stored.

    action: "dlq.replay", "auth.sign-in", ... phase: "begun", or "ended" with counts in `outcome`. operator: a user
    id. about: how the letters were chosen, where it was not one by one; or which account, review or address it
    concerns. items: `<task_id>-<generation>` of each letter. at: ISO UTC.
    """

    action: str
    operator: str
    reason: str
    about: dict[str, Any] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    phase: str = "begun"
    outcome: dict[str, int] = field(default_factory=dict)
    run_id: str = ""
    at: str = ""


@dataclass(frozen=True)
class AuditLog:
    """Writes and reads audit entries.

    Errors: Transient storage/unavailable, Permanent storage/denied. If `write` fails the action must not be carried
    out.
    """

    store: ObjectStore
    clock: Clock

    def write(self, entry: AuditEntry) -> None:
        """Stores the entry with the present time as its `at`."""
        now = self.clock.now()
        at = iso(now)
        key = f"{AUDIT_PREFIX}{at[:10]}/{round(now * 1000):013d}-{uuid.uuid4().hex[:8]}.json"
        self.store.create(key, to_json({**asdict(entry), "at": at}))

    def read(self, *, days: int, of: str = "") -> list[AuditEntry]:
        """Returns the entries of the last `days` UTC days, today included, newest first.

        of: prefix of the actions wanted, such as "dlq."; "" for all.
        """
        listed = in_parallel(self.keys, [self.day(days_ago=number) for number in range(days)])
        keys = [key for keys in listed for key in keys]
        found = in_parallel(self.read_one, keys)
        entries = (entry for entry in found if entry is not None and entry.action.startswith(of))
        return sorted(entries, key=lambda entry: entry.at, reverse=True)

    def day(self, *, days_ago: int) -> str:
        """Returns the UTC date `days_ago` days before today, as 2026-11-22."""
        return iso(self.clock.now() - days_ago * _DAY_S)[:10]

    def keys(self, day: str) -> list[str]:
        """Lists the keys of one day's entries, oldest first. day: as returned by `day`."""
        return [info.key for info in self.store.list(f"{AUDIT_PREFIX}{day}/")]

    def read_one(self, key: str) -> AuditEntry | None:
        """Returns the entry under `key`, marked as unreadable if it is damaged, or None if there is none."""
        try:
            return get_as(self.store, key, _entry)
        except Damaged as error:
            _log.error("audit_entry_unreadable", key=key)
            return AuditEntry(UNREADABLE, "", error.kind.title, {"key": key}, at=_time_in(key))


def _entry(data: dict[str, Any]) -> AuditEntry:
    made = from_known(AuditEntry, data)
    epoch(made.at)
    return made


def _time_in(key: str) -> str:
    """Of a key as `write` makes it; the day's beginning for any other one."""
    day, name = key.split("/")[-2:]
    milliseconds = name.partition("-")[0]
    return (
        iso(int(milliseconds) / 1000) if re.fullmatch("[0-9]{13}", milliseconds) else f"{day}T00:00:00.000Z"
    )
