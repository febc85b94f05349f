"""The team's guidance in team/guidance/current.json, replaced as a whole over the rev that its editor has seen."""

import secrets
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from core.aws.object_store import ObjectStore, get_json, update_json, with_nonce, without_nonce
from core.clock import Clock, iso
from core.errors import Permanent
from core.review.guidance import Guidance, GuidanceItem, checked_items
from core.review.team_log import Changed, TeamLog

_KEY = "team/guidance/current.json"


class GuidanceRepository:
    """Stores the team's guidance. Errors: storage/*."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._log = TeamLog(store, clock)

    def current(self) -> Guidance:
        data = get_json(self._store, _KEY)
        return Guidance.from_dict(without_nonce(data)) if data is not None else Guidance()

    def replace(
        self, items: Iterable[GuidanceItem], *, rules_off: Iterable[str], rev: int, by: str
    ) -> Guidance:
        """Replaces the guidance that had `rev`. by: a user id.

        Raises Permanent guidance/changed when somebody else has changed it since, guidance/invalid.
        """
        kept = checked_items(
            GuidanceItem(item.id or secrets.token_hex(6), item.text, item.on, item.about) for item in items
        )
        new = Guidance(kept, tuple(sorted(set(rules_off))), rev + 1, by, iso(self._clock.now()))

        former: list[Any] = []

        def swap(present: Any) -> Any:
            former[:] = [present]
            if (present["rev"] if present else 0) != rev:
                raise Permanent("guidance/changed")
            return with_nonce(asdict(new))

        update_json(self._store, _KEY, swap, clock=self._clock)
        self._log.add(Changed.GUIDANCE, by=by, before=former[0], after=asdict(new))
        return new
