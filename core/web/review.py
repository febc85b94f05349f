"""My reviews: list, one, rename, delete, and the text of one."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

from core.errors import Permanent
from core.queueing.results import TERMINAL, TaskStatus
from core.review.session import ReviewSession
from core.web.bodies import RenameSession, read_body
from core.web.context import audit, current_identity, own_session, review_overview, services, session_to_view
from core.web.document_view import sent_block
from core.web.file_names import clean_title

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
    audit("review.delete", session_id=session_id)
    services().results.forget(services().removal.remove(session))
    return {"success": True, "session_id": session_id}


@blueprint.get("/sessions/<session:session_id>/blocks")
def session_blocks(session_id: str) -> dict[str, Any]:
    session_to_view(session_id)
    blocks = [sent_block(block) for block in services().reviews.blocks(session_id)]
    return {"session_id": session_id, "blocks": blocks}


def _summary(session: ReviewSession, states: Mapping[str, TaskStatus]) -> dict[str, Any]:
    """States count the tasks that were accepted; an id without a result never was."""
    tasks = [session.tasks.get(section.id, "") for section in session.sections if not section.skipped]
    known = [states[task] for task in tasks if task in states]
    return {
        "session_id": session.id,
        "document_name": session.document_name,
        "kind": session.kind.value,
        "pages": session.pages,
        "created_at": session.created_at,
        "total_sections": len(tasks),
        "completed": known.count(TaskStatus.SUCCESS),
        "failed": known.count(TaskStatus.FAILURE),
        "active": sum(state not in TERMINAL for state in known),
        "owner": session.owner,
        "signed_off": session.signed_off is not None,
    }
