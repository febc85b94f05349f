"""Reviews in S3: the upload, its text, its outline, instant findings and decisions. Each review has a prefix.

sessions/<id>/document.<kind>  blocks.json  rules.json     written once; guidelines.json, version.json where there are
sessions/<id>/session.json                                 compare-and-swap
sessions/<id>/review/<section>.json                        decisions, compare-and-swap
users/<user_hash>/<inverted_ts>-<id>                       my reviews, newest first, by one LIST
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from core.auth.identity import user_hash
from core.aws.object_store import (
    Damaged,
    ObjectStore,
    get_as,
    made_of,
    put_json,
    to_json,
    update_json,
    with_nonce,
    without_nonce,
)
from core.clock import Clock, epoch
from core.documents.model import Block, DocumentKind
from core.errors import AppError, Permanent
from core.observability.logs import get_logger
from core.queueing.keys import inverted, is_uuid
from core.queueing.parallel import in_parallel
from core.review.checklist import Checklist, load_checklist, parse_checklist
from core.review.decision import Decision, Standing
from core.review.decision_files import DecisionFiles, new_decision_files
from core.review.finding import Finding
from core.review.guidelines import Guidelines
from core.review.part_cache import Part, PartCache, reader_of
from core.review.presence import session_key, session_prefix
from core.review.session import ReviewSession, Share
from core.review.versions import Version

_log = get_logger(__name__)


class ReviewRepository:
    """Stores reviews.

    Ids come from outside: one of the wrong shape counts as unknown, and never becomes part of a key.
    """

    def __init__(self, store: ObjectStore, clock: Clock, *, kept: PartCache | None = None) -> None:
        """kept: caches parts that never change, and decisions by their version; without one nothing is cached."""
        self._store = store
        self._clock = clock
        self._kept = kept or PartCache()
        self._decision_files = DecisionFiles(store, clock, kept=self._kept)

    def create(
        self,
        session: ReviewSession,
        *,
        document: bytes,
        blocks: Sequence[Block],
        rules: Sequence[Finding],
        guidelines: Guidelines | None = None,
        checklist: Checklist | None = None,
        version: Version | None = None,
        decisions: Sequence[Decision] = (),
    ) -> None:
        """Stores a new review; session.json last, because from then on the review exists.

        If it fails, everything written is removed. An index entry may then still name a review that never existed;
        `list_for` skips it.
        """
        writes = {
            _document_key(session.id, session.kind): document,
            _key(session.id, "blocks.json"): to_json([block.to_dict() for block in blocks]),
            _key(session.id, "rules.json"): to_json([finding.to_dict() for finding in rules]),
            _index_key(session, session.owner): b"{}",
        }
        if guidelines is not None:
            writes[_key(session.id, "guidelines.json")] = to_json(guidelines.to_dict())
        if checklist is not None:
            writes[_key(session.id, "checklist.json")] = to_json(checklist.to_dict())
        if version is not None:
            writes[_key(session.id, "version.json")] = to_json(version.to_dict())
        writes.update(new_decision_files(session.id, decisions))
        try:
            in_parallel(lambda key: self._put(key, writes[key]), writes)
            put_json(self._store, session_key(session.id), session.to_dict())
        except AppError:
            with suppress(AppError):
                self._store.purge(session_prefix(session.id))
                self._store.purge(_index_key(session, session.owner))
            raise

    def get(self, session_id: str) -> ReviewSession | None:
        if not is_uuid(session_id):
            return None
        return get_as(self._store, session_key(session_id), _session)

    def read(self, session_id: str) -> tuple[ReviewSession, tuple[Block, ...], tuple[Finding, ...]] | None:
        """Returns the session, its blocks and its instant findings, read side by side.

        None if there is no such review.
        """
        if not is_uuid(session_id):
            return None
        parts: tuple[Callable[[str], Any], ...] = (self.get, self._blocks, self._rules)
        session, blocks, rules = in_parallel(lambda part: part(session_id), parts)
        return None if session is None or blocks is None or rules is None else (session, blocks, rules)

    def is_signed_off(self, session_id: str) -> bool:
        """Whether the review is signed off; False also if there is no such review."""
        session = self.get(session_id)
        return session is not None and session.signed_off is not None

    def update(
        self,
        session_id: str,
        change: Callable[[ReviewSession], ReviewSession],
        *,
        of_signed_off: bool = False,
    ) -> ReviewSession:
        """Changes the session by compare-and-swap; `change` may run several times.

        of_signed_off: allow it after the sign-off too, because it changes nothing that a sign-off freezes. Ids of
        tasks that `change` removes are kept in `former_tasks`: a deletion has to find their answers. Raises
        Permanent session/not-found, review/signed-off.
        """

        def swap(present: Any) -> Any:
            if present is None:
                raise Permanent("session/not-found")
            before = _session(present)
            if before.signed_off is not None and not of_signed_off:
                raise Permanent("review/signed-off")
            return with_nonce(_with_former_tasks(change(before), before).to_dict())

        _check_id(session_id)
        changed: Any = update_json(self._store, session_key(session_id), swap, clock=self._clock)
        return _session(changed)

    def rename(self, session_id: str, document_name: str) -> ReviewSession:
        return self.update(session_id, lambda session: replace(session, document_name=document_name))

    def share(self, session_id: str, user_id: str, share: Share | None) -> ReviewSession:
        """Shares the review with a teammate; share=None ends that.

        The entry in the teammate's list is written first and removed last, so that no shared review is unlisted.
        """

        def apply(session: ReviewSession) -> ReviewSession:
            others = {user: given for user, given in session.shares.items() if user != user_id}
            return replace(session, shares={**others, user_id: share} if share else others)

        session = self.get(session_id)
        if session is not None and share is not None:
            self._store.put(_index_key(session, user_id), b"{}")
        changed = self.update(session_id, apply, of_signed_off=True)
        if share is None:
            self._store.purge(_index_key(changed, user_id))
        return changed

    def hand_over(self, session_id: str, user_id: str) -> ReviewSession:
        """Gives the review to a new owner; the former owner may go on deciding."""

        def apply(session: ReviewSession) -> ReviewSession:
            others = {user: given for user, given in session.shares.items() if user != user_id}
            return replace(session, owner=user_id, shares={**others, session.owner: Share.DECIDE})

        session = self.get(session_id)
        if session is not None:
            self._store.put(_index_key(session, user_id), b"{}")
        return self.update(session_id, apply, of_signed_off=True)

    def ids_for(self, user_id: str) -> list[str]:
        """Returns the ids of reviews that the user owns or that are shared with them, newest first.

        Some may be gone.
        """
        entries = self._store.list(f"users/{user_hash(user_id)}/")
        return [entry.key.rsplit("/", 1)[1].split("-", 1)[1] for entry in entries if "-" in entry.key]

    def index_keys(self, session: ReviewSession) -> list[str]:
        """Returns the keys of the review's entries in the lists of all who may read it."""
        return [_index_key(session, user) for user in (session.owner, *session.shares)]

    def readable(self, session_ids: Iterable[str], user_id: str) -> list[ReviewSession]:
        """Returns those of the reviews that exist and that the user may read, in the same order."""
        found = in_parallel(self._readable, session_ids)
        return [session for session in found if session is not None and session.access_of(user_id)]

    def _readable(self, session_id: str) -> ReviewSession | None:
        """None also for a review that cannot be read: opened by its address it says so, and hides no other."""
        try:
            return self.get(session_id)
        except Damaged:
            _log.error("review_unreadable", session_id=session_id)
            return None

    def list_for(self, user_id: str, *, most: int | None = None) -> list[ReviewSession]:
        """Returns the reviews that the user owns or that are shared with them, newest first. most: None for all."""
        return self.readable(self.ids_for(user_id)[:most], user_id)

    def user_of(self, user: str) -> str | None:
        """Returns the user id with this hash, as their newest review names it; None if they have no review."""
        for entry in self._store.list(f"users/{user}/", most=1):
            session = self.get(entry.key.rsplit("/", 1)[1].partition("-")[2])
            known = [] if session is None else [session.owner, *session.shares]
            return next((user_id for user_id in known if user_hash(user_id) == user), None)
        return None

    def delete(self, session_id: str) -> ReviewSession | None:
        """Deletes the review for good, with all stored versions.

        Returns its last session, or None if there was none.

        May be repeated after a failure, because session.json goes after the rest. What another process writes
        meanwhile is removed by the second purge, or by that process when it finds session.json gone.
        """
        _check_id(session_id)
        last = session_key(session_id)
        self._store.purge(session_prefix(session_id), sparing=last)
        session = self.get(session_id)
        if session is None:
            return None
        # From here on no compare-and-swap of it can win, so the purge meets its last version.
        self._store.delete(last)
        self._store.purge(session_prefix(session_id))
        self._kept.forget(session_prefix(session_id))
        for key in self.index_keys(session):
            self._store.purge(key)
        return session

    def blocks(self, session_id: str) -> tuple[Block, ...]:
        return _or_not_found(self._blocks(session_id))

    def rules(self, session_id: str) -> tuple[Finding, ...]:
        return _or_not_found(self._rules(session_id))

    def guidelines(self, session_id: str) -> Guidelines:
        """Returns the guidelines of a review that uses some. Raises Permanent session/not-found."""
        return self._needed_part(session_id, "guidelines.json", Guidelines.from_dict)

    def checklist(self, session: ReviewSession) -> Checklist:
        """Returns the checklist that the review was made with. Raises Permanent session/not-found."""
        if not session.checklist_version:
            return load_checklist(session.checklist)
        return self._needed_part(session.id, "checklist.json", parse_checklist)

    def version(self, session_id: str) -> Version | None:
        """Returns what was carried over from the former version; None for a document's first version."""
        return self._part(session_id, "version.json", Version.from_dict)

    def document(self, session_id: str, kind: DocumentKind) -> bytes:
        _check_id(session_id)
        return _or_not_found(self._store.get(_document_key(session_id, kind))).body

    def decisions(self, session_id: str) -> dict[str, Decision]:
        """Returns all decisions of a review, by finding id."""
        _check_id(session_id)
        return self._decision_files.read(session_id)

    def change(
        self,
        session_id: str,
        standings: Sequence[Standing],
        apply: Callable[[Decision], Decision | None],
    ) -> list[Decision]:
        """Changes the decisions on `standings`: see DecisionFiles.change."""
        _check_id(session_id)
        return self._decision_files.change(session_id, standings, apply)

    def _put(self, key: str, body: bytes) -> None:
        kind = "application/octet-stream" if "/document." in key else "application/json"
        self._store.put(key, body, content_type=kind)

    def _needed_part(self, session_id: str, name: str, parse: Callable[[Any], Part]) -> Part:
        """A part that every such review has. Raises Permanent session/not-found."""
        return _or_not_found(self._part(session_id, name, parse))

    def _blocks(self, session_id: str) -> tuple[Block, ...] | None:
        return self._part(
            session_id, "blocks.json", lambda data: tuple(Block.from_dict(item) for item in data)
        )

    def _rules(self, session_id: str) -> tuple[Finding, ...] | None:
        return self._part(
            session_id, "rules.json", lambda data: tuple(Finding.from_dict(item) for item in data)
        )

    def _part(self, session_id: str, name: str, parse: Callable[[Any], Part]) -> Part | None:
        _check_id(session_id)
        key = _key(session_id, name)
        return self._kept.get(key, reader_of(self._store, key), parse=lambda body: made_of(body, key, parse))


def _or_not_found(found: Part | None) -> Part:
    if found is None:
        raise Permanent("session/not-found")
    return found


def _with_former_tasks(changed: ReviewSession, before: ReviewSession) -> ReviewSession:
    named = dict.fromkeys((*before.former_tasks, *before.tasks.values()))
    present = set(changed.tasks.values())
    return replace(changed, former_tasks=tuple(task_id for task_id in named if task_id not in present))


def _session(data: Mapping[str, Any]) -> ReviewSession:
    return ReviewSession.from_dict(without_nonce(data))


def _key(session_id: str, name: str) -> str:
    return f"{session_prefix(session_id)}{name}"


def _document_key(session_id: str, kind: DocumentKind) -> str:
    return _key(session_id, f"document.{kind.value}")


def _index_key(session: ReviewSession, user_id: str) -> str:
    return f"users/{user_hash(user_id)}/{inverted(int(epoch(session.created_at) * 1000))}-{session.id}"


def _check_id(session_id: str) -> None:
    if not is_uuid(session_id):
        raise Permanent("session/not-found")
