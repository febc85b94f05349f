"""POST /upload: a document becomes a review, or a clear refusal and nothing stored."""

from pathlib import Path
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import FileStorage

from core.documents.guard import check_upload
from core.documents.scratch import scratch_folder
from core.errors import Permanent
from core.review.session import ReviewSession
from core.web.context import current_identity, services
from core.web.file_names import display_name
from core.web.new_reviews import new_session_id, store_review
from core.web.sent_guidelines import SentGuidelines, guidelines_of_upload
from core.web.team_choice import TeamUsed, team_used

blueprint = Blueprint("uploads", __name__)


@blueprint.post("/upload")
def upload() -> dict[str, Any]:
    part = request.files.get("document")
    if part is None or not part.filename:
        raise Permanent("document/missing")
    sent, team = guidelines_of_upload(), team_used()
    with scratch_folder() as folder:
        session = _store(part, folder / "document", sent=sent, team=team)
    return _answer(session)


def _store(part: FileStorage, path: Path, *, sent: SentGuidelines, team: TeamUsed) -> ReviewSession:
    """Reads the upload in the limited child and stores document, text and findings, the session last."""
    part.save(path)
    name = display_name(part.filename or "")
    kind = check_upload(path, filename=name, limits=services().settings.documents)
    services().quota.take(current_identity().user_id, path.stat().st_size)
    session_id = new_session_id()
    read = services().readers.run(
        "core.pipeline.intake",
        {"path": str(path), "kind": kind.value, "session_id": session_id, "rules_off": team.rules_off},
    )
    if sent.guidelines is not None and sent.is_new:
        services().guidelines.keep(current_identity().user_id, sent.guidelines)
    return store_review(
        session_id,
        read,
        name=name,
        document=path.read_bytes(),
        guidelines=sent.guidelines,
        team=team,
    )


def _answer(session: ReviewSession) -> dict[str, Any]:
    details = [
        {
            "id": section.id,
            "name": section.name,
            "label": section.label,
            "page": section.page,
            "chars": section.chars,
        }
        for section in session.sections
    ]
    return {
        "success": True,
        "session_id": session.id,
        "document_name": session.document_name,
        "sections": [section.name for section in session.sections],
        "section_details": details,
        "total_sections": len(session.sections),
        "notices": list(session.notices),
        "checklist": session.checklist,
        "guidelines": list(session.guidelines.names) if session.guidelines else [],
    }
