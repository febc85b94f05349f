"""Who did what and why, to dead letters, accounts, reviews: one object per deed, written before it, never changed.

audit/<day>/<milliseconds>-<nonce>.json. Ids only: what reviews say is none of it.
"""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from core.aws.object_store import ObjectStore, get_json, to_json
from core.clock import Clock, iso
from core.queueing.parallel import in_parallel

AUDIT_PREFIX = "audit/"
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Deed:
    """action: "dlq.replay", "auth.sign-in", ... phase: "begun", or "ended" with counts in `outcome`.

    operator: a user id. about: how the letters were chosen, where it was not one by one; which account, review or
    address. items: `<task_id>-<generation>` of each letter. at: ISO UTC.
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
    """Errors: Transient storage/unavailable, Permanent storage/denied: then the deed must not be done."""

    store: ObjectStore
    clock: Clock

    def write(self, deed: Deed) -> None:
        now = self.clock.now()
        at = iso(now)
        key = f"{AUDIT_PREFIX}{at[:10]}/{round(now * 1000):013d}-{uuid.uuid4().hex[:8]}.json"
        self.store.create(key, to_json({**asdict(deed), "at": at}))

    def read(self, *, days: int, of: str = "") -> list[Deed]:
        """Of today and the days before, newest first. of: how their actions begin."""
        listed = in_parallel(self.keys, [self.day(days_ago=number) for number in range(days)])
        keys = [key for keys in listed for key in keys]
        found = in_parallel(self.read_one, keys)
        deeds = (deed for deed in found if deed is not None and deed.action.startswith(of))
        return sorted(deeds, key=lambda deed: deed.at, reverse=True)

    def day(self, *, days_ago: int) -> str:
        """As 2026-11-22."""
        return iso(self.clock.now() - days_ago * _DAY_S)[:10]

    def keys(self, day: str) -> list[str]:
        """Of one day's deeds, oldest first."""
        return [info.key for info in self.store.list(f"{AUDIT_PREFIX}{day}/")]

    def read_one(self, key: str) -> Deed | None:
        found = get_json(self.store, key)
        return None if found is None else Deed(**found)
