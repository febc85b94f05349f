"""What reviewers do to findings: decide, edit, reply, add their own, many at once, and undo.

Every change is one compare-and-swap of the file of its section, then one event in the activity log.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.aws.object_store import ObjectStore, get_json, put_json
from core.clock import Clock, iso
from core.documents.model import Anchor
from core.errors import Permanent
from core.review.activity import ActivityKind, ActivityLog
from core.review.decision import EDITABLE, Decision, DecisionConflict, Reply, Standing, Verdict
from core.review.finding import Finding, FindingType, Risk
from core.review.presence import session_prefix, undo_if_deleted
from core.review.repository import ReviewRepository

OWN_SOURCE = "reviewer"
MOST_REPLIES = 200
_ACTIVITIES = {
    Verdict.ACCEPTED: ActivityKind.ACCEPTED,
    Verdict.REJECTED: ActivityKind.REJECTED,
    Verdict.OPEN: ActivityKind.REOPENED,
}


@dataclass(frozen=True)
class DecisionRequest:
    """What a reviewer asks for in one request.

    note, edit: None leaves what is there; edit {} goes back to the original. rev: of the decision that the reviewer
    has seen; None: decide whatever it is now.
    """

    decision: Verdict
    reason: str = ""
    note: str | None = None
    edit: Mapping[str, str] | None = None
    rev: int | None = None


@dataclass(frozen=True)
class OwnFinding:
    """A finding that a reviewer writes. anchor, quote: the words it is about; None and "" for a whole section."""

    section_id: str
    type: FindingType
    risk_level: Risk
    category: str
    description: str
    suggestion: str = ""
    anchor: Anchor | None = None
    quote: str = ""
    hawkeye_refs: tuple[int, ...] = field(default=())


@dataclass(frozen=True)
class FindingService:
    """Changes the findings of a review, and records who did it."""

    store: ObjectStore
    reviews: ReviewRepository
    activity: ActivityLog
    clock: Clock

    def decide(self, session_id: str, standing: Standing, wanted: DecisionRequest, *, by: str) -> Decision:
        """Decides one finding. Raises DecisionConflict if it changed since `wanted.rev`, session/not-found."""

        def apply(before: Decision) -> Decision:
            if wanted.rev is not None and wanted.rev != before.rev:
                raise DecisionConflict(before)
            return self._decided(before, wanted, by=by)

        decision = self._one(session_id, standing, apply)
        edit_only = standing.decision.decision is decision.decision and wanted.edit is not None
        deed = ActivityKind.EDITED if edit_only else _ACTIVITIES[decision.decision]
        self._note(
            session_id, deed, standing, by=by, **({"reason": decision.reason} if decision.reason else {})
        )
        return decision

    def decide_many(
        self, session_id: str, standings: Sequence[Standing], wanted: DecisionRequest, *, by: str
    ) -> tuple[list[Decision], str]:
        """Decides many findings alike; returns the decisions, and the id by which `undo` takes all of them back."""
        made = self.reviews.change(session_id, standings, lambda before: self._decided(before, wanted, by=by))
        ids = tuple(standing.finding.id for standing in standings)
        deed = _ACTIVITIES[wanted.decision]
        event = self.activity.add(session_id, deed, by=by, finding_ids=ids, about={"count": len(ids)})
        before = {standing.finding.id: standing.decision.to_dict() for standing in standings}
        revs = {decision.finding_id: decision.rev for decision in made}
        key = _undo_key(session_id, event.id)
        put_json(self.store, key, {"by": by, "before": before, "revs": revs})
        undo_if_deleted(self.store, session_id, written=key)
        return made, event.id

    def undo(
        self, session_id: str, undo_id: str, standings: Mapping[str, Standing], *, by: str
    ) -> tuple[list[Decision], int]:
        """Undoes `decide_many` for findings that nobody has decided since.

        Returns the restored decisions, and how many were not restored. Replies, and whether they are resolved, stay
        as they are. standings: the present ones by finding id. Raises Permanent review/nothing-to-undo for an
        unknown id and for what somebody else did.
        """
        kept = get_json(self.store, _undo_key(session_id, undo_id))
        if kept is None or kept["by"] != by:
            raise Permanent("review/nothing-to-undo")

        restored: dict[str, Decision] = {}

        def apply(now: Decision) -> Decision:
            restored.pop(now.finding_id, None)
            if now.rev != kept["revs"].get(now.finding_id):
                return now
            before = Decision.from_dict(kept["before"][now.finding_id])
            put_back = replace(
                before,
                finding_id=now.finding_id,
                rev=now.rev + 1,
                replies=now.replies,
                resolved=now.resolved,
            )
            restored[now.finding_id] = put_back
            return put_back

        there = [standings[finding_id] for finding_id in kept["revs"] if finding_id in standings]
        self.reviews.change(session_id, there, apply)
        self.activity.add(
            session_id,
            ActivityKind.UNDONE,
            by=by,
            finding_ids=tuple(restored),
            about={"count": len(restored)},
        )
        return list(restored.values()), len(kept["revs"]) - len(restored)

    def reply(self, session_id: str, standing: Standing, text: str, *, by: str) -> Decision:
        """Adds a reply, which reopens a resolved thread. Raises Permanent review/too-many-replies."""
        reply = Reply(str(uuid.uuid4()), text, by, iso(self.clock.now()))

        def apply(before: Decision) -> Decision:
            if len(before.replies) >= MOST_REPLIES:
                raise Permanent("review/too-many-replies")
            return replace(before, replies=(*before.replies, reply), resolved=False)

        decision = self._one(session_id, standing, apply)
        self._note(session_id, ActivityKind.REPLIED, standing, by=by)
        return decision

    def remove_reply(self, session_id: str, standing: Standing, reply_id: str, *, by: str) -> Decision:
        """Removes the user's own reply. Raises Permanent reply/not-found if it is somebody else's, or gone."""

        def apply(before: Decision) -> Decision:
            left = tuple(one for one in before.replies if (one.id, one.by) != (reply_id, by))
            if left == before.replies:
                raise Permanent("reply/not-found")
            return replace(before, replies=left)

        decision = self._one(session_id, standing, apply)
        self._note(session_id, ActivityKind.REPLY_REMOVED, standing, by=by)
        return decision

    def resolve(self, session_id: str, standing: Standing, *, resolved: bool, by: str) -> Decision:
        decision = self._one(session_id, standing, lambda before: replace(before, resolved=resolved))
        self._note(
            session_id, ActivityKind.RESOLVED if resolved else ActivityKind.UNRESOLVED, standing, by=by
        )
        return decision

    def add(self, session_id: str, own: OwnFinding, *, by: str) -> Standing:
        """Adds a reviewer's own finding, accepted from the start."""
        finding = Finding(
            id=str(uuid.uuid4()),
            section_id=own.section_id,
            type=own.type,
            risk_level=own.risk_level,
            category=own.category,
            description=own.description,
            suggestion=own.suggestion,
            hawkeye_refs=own.hawkeye_refs,
            quote=own.quote,
            anchor=own.anchor,
            sources=(OWN_SOURCE,),
        )
        unsaid = Standing(finding, Decision(finding.id, own=True))
        accepted = DecisionRequest(Verdict.ACCEPTED)
        decision = self._one(session_id, unsaid, lambda before: self._decided(before, accepted, by=by))
        standing = Standing(finding, decision)
        self._note(session_id, ActivityKind.ADDED, standing, by=by)
        return standing

    def remove(self, session_id: str, standing: Standing, *, by: str, owner: str) -> None:
        """Removes a reviewer's own finding. Its author may do that, and the owner of the review.

        Raises Permanent finding/not-own if a model or a rule found it, finding/not-yours.
        """
        if not standing.decision.own:
            raise Permanent("finding/not-own")
        if by != owner and by != self._author(session_id, standing.finding.id):
            raise Permanent("finding/not-yours")
        self.reviews.change(session_id, [standing], lambda before: None)
        self._note(session_id, ActivityKind.REMOVED, standing, by=by)

    def _author(self, session_id: str, finding_id: str) -> str | None:
        """Who wrote it. None for one that came along from the former version: its owner answers for it."""
        events = (event for event in self.activity.every(session_id) if event.deed is ActivityKind.ADDED)
        return next((event.by for event in events if finding_id in event.finding_ids), None)

    def _decided(self, before: Decision, wanted: DecisionRequest, *, by: str) -> Decision:
        edit = before.edit if wanted.edit is None else _real_edit(wanted.edit)
        return replace(
            before,
            decision=wanted.decision,
            reason=wanted.reason,
            note=before.note if wanted.note is None else wanted.note,
            edit=edit,
            rev=before.rev + 1,
            decided_by=by,
            decided_at=iso(self.clock.now()),
        )

    def _one(self, session_id: str, standing: Standing, apply: Callable[[Decision], Decision]) -> Decision:
        [decision] = self.reviews.change(session_id, [standing], apply)
        return decision

    def _note(
        self, session_id: str, deed: ActivityKind, standing: Standing, *, by: str, **about: Any
    ) -> None:
        ids = (standing.finding.id,)
        category = standing.worded.category
        self.activity.add(session_id, deed, by=by, finding_ids=ids, about={"category": category, **about})


def _real_edit(edit: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in edit.items() if name in EDITABLE}


def _undo_key(session_id: str, event_id: str) -> str:
    return f"{session_prefix(session_id)}undo/{event_id}.json"
