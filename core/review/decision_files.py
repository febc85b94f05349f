"""The decisions of a review in storage: sessions/<id>/review/<section>.json, changed by compare-and-swap.

A decision is in the file of the section that its finding had first (`Standing.home_section_id`): cutting the
outline anew moves none, and people who decide in different sections never wait for each other.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from core.aws.object_store import ObjectInfo, ObjectStore, made_of, to_json, update_json, with_nonce
from core.clock import Clock
from core.errors import Permanent
from core.queueing.keys import is_section_id
from core.queueing.parallel import in_parallel
from core.review.decision import Decision, Standing
from core.review.part_cache import PartCache, reader_of
from core.review.presence import session_prefix, undo_if_deleted


class DecisionFiles:
    """Reads and changes decision files. The caller has checked the shape of session ids.

    Errors: Transient or Permanent storage/*.
    """

    def __init__(self, store: ObjectStore, clock: Clock, *, kept: PartCache) -> None:
        """kept: a cache; a file is read again only if a listing shows another version of it."""
        self._store = store
        self._clock = clock
        self._kept = kept

    def read(self, session_id: str) -> dict[str, Decision]:
        """Returns all decisions of a review, by finding id."""
        entries = list(self._store.list(decisions_prefix(session_id)))
        files = in_parallel(self._file, entries)
        return {decision.finding_id: decision for file in files for decision in file}

    def _file(self, entry: ObjectInfo) -> tuple[Decision, ...]:
        """The decisions in one file; it is read again only when the listing shows another ETag."""
        read = reader_of(self._store, entry.key)
        return self._kept.get(entry.key, read, parse=partial(_decisions, entry.key), version=entry.etag) or ()

    def change(
        self,
        session_id: str,
        standings: Sequence[Standing],
        apply: Callable[[Decision], Decision | None],
    ) -> list[Decision]:
        """Changes the decision on each of `standings` by `apply`, and returns them as stored.

        apply: gets the present decision, rev 0 for the first one; None removes it. It may run several times; an
        error that it raises ends the change of that section's file. One compare-and-swap per file.

        Raises Permanent session/not-found or review/signed-off, and leaves nothing, if the review was deleted or
        signed off meanwhile; finding/not-found if a reviewer's own finding was removed meanwhile.
        """
        by_section: dict[str, list[Standing]] = {}
        for standing in standings:
            if not is_section_id(standing.home_section_id):
                raise Permanent("section/not-found")
            by_section.setdefault(standing.home_section_id, []).append(standing)
        changed = in_parallel(
            lambda section_id: self._change(
                session_id, section_id, standings=by_section[section_id], apply=apply
            ),
            by_section,
        )
        return [decision for decisions in changed for decision in decisions]

    def _change(
        self,
        session_id: str,
        section_id: str,
        *,
        standings: Sequence[Standing],
        apply: Callable[[Decision], Decision | None],
    ) -> list[Decision]:
        former: dict[str, Any] = {}
        key = _key(session_id, section_id)

        def swap(present: Any) -> Any:
            if present is not None:
                # Read as a whole before it is changed, so that a damaged file says so, whatever is wrong in it.
                _decisions(key, to_json(present))
            entries = dict(present["decisions"]) if present is not None else {}
            for standing in standings:
                stored = former[standing.finding.id] = entries.pop(standing.finding.id, None)
                if stored is None and standing.decision.own and standing.decision.rev:
                    raise Permanent("finding/not-found")
                before = Decision.from_dict(stored) if stored else replace(standing.decision, rev=0)
                after = apply(before)
                if after is not None:
                    finding = replace(standing.finding, section_id=section_id)
                    entries[standing.finding.id] = replace(after, finding=finding).to_dict()
            return with_nonce({"decisions": entries})

        changed: Any = update_json(self._store, key, swap, clock=self._clock)
        if undo_if_deleted(self._store, session_id, written=key):
            self._put_back(key, former, made=json.loads(to_json(changed["decisions"])))
            raise Permanent("review/signed-off")
        kept = (changed["decisions"].get(standing.finding.id) for standing in standings)
        return [Decision.from_dict(entry) for entry in kept if entry is not None]

    def _put_back(self, key: str, former: Mapping[str, Any], *, made: Mapping[str, Any]) -> None:
        """Undoes a change: entries that are still as `made` become as in `former` again. Both by finding id."""

        def swap(present: Any) -> Any:
            entries = dict(present["decisions"])
            for finding_id, before in former.items():
                if entries.get(finding_id) == made.get(finding_id):
                    entries.pop(finding_id, None)
                    entries.update({finding_id: before} if before is not None else {})
            return with_nonce({"decisions": entries})

        update_json(self._store, key, swap, clock=self._clock)


def new_decision_files(session_id: str, decisions: Sequence[Decision]) -> dict[str, bytes]:
    """Returns key -> body of the decision files of a new review."""
    return {
        _key(session_id, section_id): to_json(with_nonce({"decisions": held}))
        for section_id, held in _by_section(decisions).items()
    }


def _decisions(key: str, body: bytes) -> tuple[Decision, ...]:
    return made_of(
        body, key, lambda data: tuple(Decision.from_dict(item) for item in data["decisions"].values())
    )


def _by_section(decisions: Sequence[Decision]) -> dict[str, dict[str, Any]]:
    """Section id -> finding id -> decision, as stored."""
    by_section: dict[str, dict[str, Any]] = {}
    for decision in decisions:
        if decision.finding is not None:
            by_section.setdefault(decision.finding.section_id, {})[decision.finding_id] = decision.to_dict()
    return by_section


def decisions_prefix(session_id: str) -> str:
    """Returns the prefix of a review's decision files."""
    return f"{session_prefix(session_id)}review/"


def _key(session_id: str, section_id: str) -> str:
    return f"{decisions_prefix(session_id)}{section_id}.json"
