"""Asking questions about a document, and reading the conversation."""

from typing import Any

from flask import Blueprint, Response

from core.errors import Permanent
from core.queueing.results import STATUS_WORDS
from core.review.conversation import as_text
from core.review.review_parts import standings
from core.review.session import ReviewSession
from core.web.bodies import Ask
from core.web.context import current_identity, section_by_name, services, session_to_change, session_to_view
from core.web.downloads import attachment, stem
from core.web.people import person
from core.web.request_json import read_body

blueprint = Blueprint("chat", __name__)


@blueprint.post("/chat")
def ask() -> dict[str, Any]:
    body = read_body(Ask)
    session = session_to_change(body.session_id)
    section_id = _section_of(session, body.section_id or body.current_section or "")
    _check_finding(session, body.finding_id or "")
    record = services().chat.ask(
        session,
        body.message,
        by=current_identity().user_id,
        section_id=section_id,
        finding_id=body.finding_id or "",
    )
    return {
        "success": True,
        "task_id": record.task_id,
        "session_id": session.id,
        "status": STATUS_WORDS[record.status],
    }


@blueprint.get("/sessions/<session:session_id>/chat")
def conversation(session_id: str) -> dict[str, Any]:
    found = services().conversations.of(session_to_view(session_id))
    return {**found, "people": services().people.names(turn["asked_by"] for turn in found["turns"])}


@blueprint.get("/sessions/<session:session_id>/chat.txt")
def conversation_as_text(session_id: str) -> Response:
    session = session_to_view(session_id)
    text = as_text(session, services().conversations.of(session), called=person)
    name = f"{stem(session.document_name)}-chat.txt"
    return attachment(text.encode(), filename=name, media_type="text/plain; charset=utf-8")


def _section_of(session: ReviewSession, named: str) -> str:
    """The id of the section that is named, by id or by a name that only one has; "" is the whole document."""
    if not named or session.section(named) is not None:
        return named
    return section_by_name(session, named)


def _check_finding(session: ReviewSession, finding_id: str) -> None:
    if not finding_id:
        return
    present = standings(services().overviews.parts(session))
    if all(standing.finding.id != finding_id for standing in present):
        raise Permanent("finding/not-found")
