"""The log of changes to a team's checklists and guidance: who, when, and the whole content before and after.

team/log/<inverted_ms>-<id>.json     one per change, never changed; newest first in a listing
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from core.aws.object_store import ObjectStore, get_json, put_json, without_nonce
from core.clock import Clock, iso
from core.queueing.keys import inverted
from core.queueing.parallel import in_parallel

_PREFIX = "team/log/"


class Changed(StrEnum):
    """What was changed."""

    GUIDANCE = "guidance"
    CHECKLIST = "checklist"
    DEFAULT_CHECKLIST = "default_checklist"


@dataclass(frozen=True)
class TeamChange:
    """One change. at: ISO UTC. by: a user id. before: None if there was nothing yet."""

    at: str
    by: str
    what: Changed
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


@dataclass(frozen=True)
class TeamLog:
    """Writes and reads changes. Errors: Transient or Permanent storage/*."""

    store: ObjectStore
    clock: Clock

    def add(
        self, what: Changed, *, by: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
    ) -> None:
        now = self.clock.now()
        change = TeamChange(
            iso(now), by, what, without_nonce(before) if before else None, without_nonce(after)
        )
        put_json(self.store, f"{_PREFIX}{inverted(round(now * 1000))}-{uuid.uuid4()}.json", asdict(change))

    def newest(self, most: int) -> list[TeamChange]:
        """Newest first."""
        keys = [entry.key for entry in islice(self.store.list(_PREFIX), most)]
        found = in_parallel(lambda key: get_json(self.store, key), keys)
        return [TeamChange(**{**data, "what": Changed(data["what"])}) for data in found if data]
