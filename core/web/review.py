"""My reviews: list, one, rename, delete; the text of one, and the decisions on its findings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response

from core.errors import Permanent
from core.queueing.results import TERMINAL, TaskStatus
from core.review.decision import Decision, DecisionConflict, Standing
from core.review.overview import ReviewParts, finding_body, standings
from core.review.repository import DecisionRequest
from core.review.session import ReviewSession
from core.web.bodies import DecideFinding, RenameSession, read_body
from core.web.context import current_identity, own_session, review_overview, services
from core.web.file_names import clean_title
from core.web.problems import problem_body, problem_response

blueprint = Blueprint("review", __name__)


@blueprint.get("/sessions")
def my_sessions() -> dict[str, Any]:
    sessions = services().reviews.list_for(current_identity().user_id)
    states = services().results.statuses(task for session in sessions for task in session.tasks.values())
    return {"sessions": [_summary(session, states) for session in sessions]}


@blueprint.get("/sessions/<session:session_id>")
def one_session(session_id: str) -> dict[str, Any]:
    return review_overview(session_id)


@blueprint.patch("/sessions/<session:session_id>")
def rename_session(session_id: str) -> dict[str, Any]:
    own_session(session_id)
    name = clean_title(read_body(RenameSession).document_name)
    if not name:
        raise Permanent("request/malformed", "document_name: it has no character that can be seen.")
    renamed = services().reviews.rename(session_id, name)
    return {"success": True, "session_id": session_id, "document_name": renamed.document_name}


@blueprint.delete("/sessions/<session:session_id>")
def delete_session(session_id: str) -> dict[str, Any]:
    session = own_session(session_id)
    services().results.forget(services().removal.remove(session))
    return {"success": True, "session_id": session_id}


@blueprint.get("/sessions/<session:session_id>/blocks")
def session_blocks(session_id: str) -> dict[str, Any]:
    own_session(session_id)
    blocks = [block.to_dict() for block in services().reviews.blocks(session_id)]
    for block in blocks:
        del block["origin"]  # where the export finds it inside the file: of no use outside
    return {"session_id": session_id, "blocks": blocks}


@blueprint.put("/sessions/<session:session_id>/findings/<finding:finding_id>/decision")
def decide(session_id: str, finding_id: str) -> Response | dict[str, Any]:
    session = own_session(session_id)
    body = read_body(DecideFinding)
    parts = services().overviews.parts(session)
    standing = _standing(parts, finding_id)
    asked = DecisionRequest(
        finding=standing.finding,
        decision=body.decision,
        by=current_identity().user_id,
        reason=body.reason,
        note=body.note,
        rev=body.rev,
    )
    try:
        return _decided(standing, services().reviews.decide(session_id, asked), parts)
    except DecisionConflict as conflict:
        current = _decided(standing, conflict.current, parts)
        return problem_response({**problem_body(conflict.code, conflict.detail), "current": current})


def _standing(parts: ReviewParts, finding_id: str) -> Standing:
    found = next((one for one in standings(parts) if one.finding.id == finding_id), None)
    if found is None:
        raise Permanent("finding/not-found")
    return found


def _decided(standing: Standing, decision: Decision, parts: ReviewParts) -> dict[str, Any]:
    return finding_body(replace(standing, decision=decision), parts)


def _summary(session: ReviewSession, states: Mapping[str, TaskStatus]) -> dict[str, Any]:
    """States count the tasks that were accepted; an id without a result never was."""
    known = [states[task] for task in session.tasks.values() if task in states]
    return {
        "session_id": session.id,
        "document_name": session.document_name,
        "kind": session.kind.value,
        "pages": session.pages,
        "created_at": session.created_at,
        "total_sections": len(session.sections),
        "completed": known.count(TaskStatus.SUCCESS),
        "failed": known.count(TaskStatus.FAILURE),
        "active": sum(state not in TERMINAL for state in known),
    }
