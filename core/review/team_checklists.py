"""The team's own checklists beside those that ship, and which one a new review uses when nobody chooses.

team/checklists/<id>.json       the checklist, who put it there and when; replaced as a whole, compare-and-swap
team/default-checklist.json     {id}

A review keeps a copy of the one it used, so what happens here changes no review.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.aws.object_store import ObjectStore, get_json, to_json, update_json, with_nonce
from core.clock import Clock, iso
from core.errors import ConfigurationError, Permanent
from core.queueing.parallel import in_parallel
from core.review.checklist import Checklist, load_checklist, parse_checklist, shipped
from core.review.team_log import Changed, TeamLog

_PREFIX = "team/checklists/"
_DEFAULT = "team/default-checklist.json"
_ID = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_FAULTS_SHOWN = 6
MOST = 50
"""Checklists of one team: more than anyone chooses from."""


@dataclass(frozen=True)
class AvailableChecklist:
    """A checklist that a review can use. updated_by: a user id; updated_at: ISO UTC; both "" for one that ships."""

    checklist: Checklist
    updated_by: str = ""
    updated_at: str = ""

    @property
    def is_shipped(self) -> bool:
        return not self.updated_at


class TeamChecklists:
    """Stores the team's checklists. Errors: storage/*."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._log = TeamLog(store, clock)

    def all(self) -> list[AvailableChecklist]:
        """Returns every checklist: those that ship first, then the team's by id."""
        keys = [entry.key for entry in self._store.list(_PREFIX)]
        found = in_parallel(lambda key: get_json(self._store, key), keys[:MOST])
        own = [_kept(data) for data in found if data]
        return [*(AvailableChecklist(load_checklist(id)) for id in shipped()), *own]

    def get(self, id: str) -> AvailableChecklist:
        """Returns the checklist with that id. Raises Permanent checklist/not-found."""
        if id in shipped():
            return AvailableChecklist(load_checklist(id))
        data = get_json(self._store, f"{_PREFIX}{id}.json") if _ID.fullmatch(id) else None
        if data is None:
            raise Permanent("checklist/not-found", f"There is no checklist {id!r}.")
        return _kept(data)

    def put(self, data: Mapping[str, Any], *, by: str) -> AvailableChecklist:
        """Adds a checklist, or replaces the team's one with this id. Raises Permanent checklist/invalid."""
        kept = AvailableChecklist(checked(data), by, iso(self._clock.now()))
        id = kept.checklist.id
        known = {one.checklist.id for one in self.all()}
        if id not in known and len(known) >= MOST:
            raise Permanent("checklist/invalid", f"There are {len(known)} checklists already.")
        entry = {**kept.checklist.to_dict(), "updated_by": by, "updated_at": kept.updated_at}
        self._replace(f"{_PREFIX}{id}.json", entry, what=Changed.CHECKLIST, by=by)
        return kept

    def default(self) -> AvailableChecklist:
        """Returns what a review uses if nobody chooses: the team's default, or the one that ships."""
        data = get_json(self._store, _DEFAULT)
        try:
            return self.get(data["id"] if data else shipped()[0])
        except Permanent:
            return AvailableChecklist(load_checklist())

    def set_default(self, id: str, *, by: str) -> None:
        """Makes it the default of new reviews. Raises Permanent checklist/not-found."""
        chosen = self.get(id).checklist.id
        self._replace(_DEFAULT, {"id": chosen}, what=Changed.DEFAULT_CHECKLIST, by=by)

    def _replace(self, key: str, entry: Mapping[str, Any], *, what: Changed, by: str) -> None:
        former: list[Any] = []

        def swap(present: Any) -> Any:
            former[:] = [present]
            return with_nonce(entry)

        update_json(self._store, key, swap, clock=self._clock)
        self._log.add(what, by=by, before=former[0], after=entry)


def checked(data: Mapping[str, Any]) -> Checklist:
    """Returns the checklist in `data`, with a version derived from its content.

    Raises Permanent checklist/invalid.
    """
    content = {name: value for name, value in data.items() if name != "version"}
    version = hashlib.sha256(to_json(content)).hexdigest()[:12]
    try:
        checklist = parse_checklist({**data, "version": version})
    except ConfigurationError as error:
        faults = error.faults
        more = [f"And {len(faults) - _FAULTS_SHOWN} more."] if len(faults) > _FAULTS_SHOWN else []
        raise Permanent("checklist/invalid", " ".join([*faults[:_FAULTS_SHOWN], *more])) from error
    if not _ID.fullmatch(checklist.id) or checklist.id in shipped():
        reason = "ships with AI-Prism" if checklist.id in shipped() else "needs 2 to 40 of a-z, 0-9, - and _"
        raise Permanent("checklist/invalid", f"The id {checklist.id!r} {reason}: give it another one.")
    return replace(checklist, name=" ".join(checklist.name.split())[:120])


def _kept(data: Mapping[str, Any]) -> AvailableChecklist:
    return AvailableChecklist(parse_checklist(data), data["updated_by"], data["updated_at"])
