"""What reviewers do to findings: decide, edit, reply, add their own, many at once, and take it back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response

from core.documents.folding import from_utf16, to_utf16
from core.documents.model import Anchor, AnchorPart
from core.errors import Permanent
from core.review.decision import Decision, DecisionConflict, Standing
from core.review.finding_service import DecisionRequest, OwnFinding
from core.review.overview import finding_body
from core.review.review_parts import ReviewParts, standings
from core.review.session import DOCUMENT_SECTION
from core.web.bodies import (
    AddFinding,
    BlockSpan,
    DecideFinding,
    DecideFindings,
    ReplyToFinding,
    ResolveFinding,
)
from core.web.context import current_identity, services, session_to_change
from core.web.problems import problem_body, problem_response
from core.web.request_json import read_body

blueprint = Blueprint("findings", __name__, url_prefix="/sessions/<session:session_id>")


@blueprint.put("/findings/<finding:finding_id>/decision")
def decide(session_id: str, finding_id: str) -> Response | dict[str, Any]:
    parts, standing = _one(session_id, finding_id)
    body = read_body(DecideFinding)
    edit = body.edit.as_edit() if body.edit is not None else None
    asked = DecisionRequest(body.decision, reason=body.reason, note=body.note, edit=edit, rev=body.rev)
    try:
        made = services().finding_service.decide(session_id, standing, asked, by=_me())
    except DecisionConflict as conflict:
        current = _body(standing, conflict.current, parts)
        return problem_response({**problem_body(conflict.code, conflict.detail), "current": current})
    return _body(standing, made, parts)


@blueprint.post("/decisions")
def decide_many(session_id: str) -> dict[str, Any]:
    parts, present = _all(session_id)
    body = read_body(DecideFindings)
    unknown = [finding_id for finding_id in body.finding_ids if finding_id not in present]
    if unknown:
        raise Permanent("finding/not-found", f"{len(unknown)} of these findings are not in this review.")
    wanted = [present[finding_id] for finding_id in dict.fromkeys(body.finding_ids)]
    asked = DecisionRequest(body.decision, reason=body.reason)
    made, undo_id = services().finding_service.decide_many(session_id, wanted, asked, by=_me())
    return {"success": True, "undo_id": undo_id, "findings": _bodies(made, present, parts)}


@blueprint.post("/decisions/<task:undo_id>/undo")
def undo(session_id: str, undo_id: str) -> dict[str, Any]:
    parts, present = _all(session_id)
    restored, passed_over = services().finding_service.undo(session_id, undo_id, present, by=_me())
    return {"success": True, "findings": _bodies(restored, present, parts), "passed_over": passed_over}


@blueprint.post("/findings")
def add(session_id: str) -> dict[str, Any]:
    parts, _ = _all(session_id)
    own = _own(read_body(AddFinding), parts)
    standing = services().finding_service.add(session_id, own, by=_me())
    return finding_body(standing, parts)


@blueprint.delete("/findings/<finding:finding_id>")
def remove(session_id: str, finding_id: str) -> dict[str, Any]:
    parts, standing = _one(session_id, finding_id)
    services().finding_service.remove(session_id, standing, by=_me(), owner=parts.session.owner)
    return {"success": True, "finding_id": finding_id}


@blueprint.post("/findings/<finding:finding_id>/replies")
def reply(session_id: str, finding_id: str) -> dict[str, Any]:
    parts, standing = _one(session_id, finding_id)
    text = read_body(ReplyToFinding).text
    return _body(standing, services().finding_service.reply(session_id, standing, text, by=_me()), parts)


@blueprint.delete("/findings/<finding:finding_id>/replies/<task:reply_id>")
def remove_reply(session_id: str, finding_id: str, reply_id: str) -> dict[str, Any]:
    parts, standing = _one(session_id, finding_id)
    made = services().finding_service.remove_reply(session_id, standing, reply_id, by=_me())
    return _body(standing, made, parts)


@blueprint.put("/findings/<finding:finding_id>/resolved")
def resolve(session_id: str, finding_id: str) -> dict[str, Any]:
    parts, standing = _one(session_id, finding_id)
    resolved = read_body(ResolveFinding).resolved
    made = services().finding_service.resolve(session_id, standing, resolved=resolved, by=_me())
    return _body(standing, made, parts)


def _me() -> str:
    return current_identity().user_id


def _all(session_id: str) -> tuple[ReviewParts, dict[str, Standing]]:
    parts = services().overviews.parts(session_to_change(session_id))
    return parts, {standing.finding.id: standing for standing in standings(parts)}


def _one(session_id: str, finding_id: str) -> tuple[ReviewParts, Standing]:
    parts, present = _all(session_id)
    if finding_id not in present:
        raise Permanent("finding/not-found")
    return parts, present[finding_id]


def _body(standing: Standing, decision: Decision, parts: ReviewParts) -> dict[str, Any]:
    return finding_body(replace(standing, decision=decision), parts)


def _bodies(
    decisions: list[Decision], present: Mapping[str, Standing], parts: ReviewParts
) -> list[dict[str, Any]]:
    return [_body(present[decision.finding_id], decision, parts) for decision in decisions]


def _own(body: AddFinding, parts: ReviewParts) -> OwnFinding:
    anchor = _anchor(body, parts) if body.block_id else None
    quote = anchor.words({block.id: block for block in parts.blocks}) if anchor else ""
    section_id = parts.section_at(anchor.block_id) if anchor else body.section_id
    known = section_id == DOCUMENT_SECTION or parts.session.section(section_id or "") is not None
    if section_id is None or not known:
        raise Permanent("section/not-found")
    return OwnFinding(
        section_id=section_id,
        type=body.type,
        risk_level=body.risk_level,
        category=body.category,
        description=body.description,
        suggestion=body.suggestion,
        anchor=anchor,
        quote=quote,
        hawkeye_refs=tuple(body.hawkeye_refs),
    )


def _anchor(body: AddFinding, parts: ReviewParts) -> Anchor:
    asked = [BlockSpan(block_id=body.block_id or "", start=body.start, end=body.end), *body.more]
    first, *more = (_part(one, parts) for one in asked)
    position = {block.id: at for at, block in enumerate(parts.blocks)}
    order = [position[part.block_id] for part in (first, *more)]
    if order != sorted(set(order)):
        raise Permanent("request/malformed", "more: its blocks must follow each other as in the document.")
    return Anchor(first.block_id, first.start, first.end, more=tuple(more))


def _part(asked: BlockSpan, parts: ReviewParts) -> AnchorPart:
    """asked: in UTF-16 units, as browsers count."""
    block = parts.block(asked.block_id)
    if block is None:
        raise Permanent("request/malformed", "block_id: this document has no such block.")
    first, last = from_utf16(block.text, asked.start), from_utf16(block.text, asked.end)
    if not first < last or asked.end > to_utf16(block.text, len(block.text)):
        raise Permanent(
            "request/malformed", "start, end: they must mark at least one character of the block."
        )
    return AnchorPart(block.id, first, last)
