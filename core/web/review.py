"""My reviews: list, one, rename, delete, and the text of one."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request

from core.errors import Permanent
from core.queueing.results import STATUS_WORDS, TERMINAL, TaskStatus
from core.review.session import DOCUMENT_SECTION, ReviewSession
from core.web.bodies import RenameSession
from core.web.conditional import with_etag
from core.web.context import audit, current_identity, own_session, review_overview, services, session_to_view
from core.web.document_view import sent_block
from core.web.file_names import clean_title
from core.web.people import with_people
from core.web.request_json import read_body

blueprint = Blueprint("review", __name__)

_MOST_LISTED = 1_000
_MOST_TALLIES = 20


@blueprint.get("/sessions")
def my_sessions() -> Response:
    """Newest first. ?find= keeps those whose name has these words, ?most= the newest so many of them."""
    most, wanted = _number(request.args.get("most")), request.args.get("find", "").split()
    me = current_identity().user_id
    ids = services().reviews.ids_for(me)
    found = services().names.having(wanted, ids) if wanted else ids
    sessions = services().reviews.readable(found[:most], me)
    states = services().results.statuses(task for session in sessions for task in session.tasks.values())
    summaries = [_summary(session, states) for session in sessions]
    people = services().people.names(session.owner for session in sessions if session.owner != me)
    return with_etag({"sessions": summaries, "people": people, "found": len(found), "total": len(ids)})


@blueprint.get("/sessions/tallies")
def tallies() -> dict[str, Any]:
    """How many findings the reviews of ?ids=a,b have, and how many are decided.

    Only reviews that the asker may read.
    """
    wanted = [session_id for session_id in request.args.get("ids", "").split(",") if session_id]
    if not 0 < len(wanted) <= _MOST_TALLIES:
        raise Permanent("request/malformed", f"Send 1 to {_MOST_TALLIES} session ids as ?ids=a,b,c.")
    sessions = services().reviews.readable(dict.fromkeys(wanted), current_identity().user_id)
    return {"tallies": {one.id: asdict(services().tallies.of(one)) for one in sessions}}


@blueprint.get("/sessions/<session:session_id>")
def one_session(session_id: str) -> Response:
    return with_etag(with_people(review_overview(session_id)))


@blueprint.patch("/sessions/<session:session_id>")
def rename_session(session_id: str) -> dict[str, Any]:
    own_session(session_id)
    name = clean_title(read_body(RenameSession).document_name)
    if not name:
        raise Permanent("request/malformed", "document_name: it has no character that can be seen.")
    renamed = services().reviews.rename(session_id, name)
    services().names.forget(session_id)
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


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _MOST_LISTED:
        raise Permanent("request/malformed", f"most: it must be 1 to {_MOST_LISTED}.")
    return int(text)


def _summary(session: ReviewSession, states: Mapping[str, TaskStatus]) -> dict[str, Any]:
    """States count the tasks that were accepted; an id without a result never was."""
    whole = states.get(session.tasks.get(DOCUMENT_SECTION, ""))
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
        "document_pass": STATUS_WORDS[whole] if whole else "not_started",
        "owner": session.owner,
        "signed_off": session.signed_off is not None,
    }
