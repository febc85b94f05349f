"""POST /upload: a document becomes a review, or a clear refusal and nothing stored."""

from dataclasses import dataclass
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
        read = read_upload(part, folder / "document", session_id=new_session_id(), team=team)
        session = _store(read, sent, team=team)
    return answer_of(session)


@dataclass(frozen=True)
class ReadUpload:
    """A checked upload. read: what the limited child has read from it."""

    session_id: str
    name: str
    content: bytes
    read: dict[str, Any]


def read_upload(part: FileStorage, path: Path, *, session_id: str, team: TeamUsed) -> ReadUpload:
    """Checks the file and reads it in the limited child; stores nothing.

    Raises Permanent document/..., Throttled.
    """
    part.save(path)
    name = display_name(part.filename or "")
    kind = check_upload(path, filename=name, limits=services().settings.documents)
    services().quota.take(current_identity().user_id, path.stat().st_size)
    asked = {"path": str(path), "kind": kind.value, "session_id": session_id, "rules_off": team.rules_off}
    read = services().readers.run("core.pipeline.intake", asked)
    return ReadUpload(session_id, name, path.read_bytes(), read)


def _store(upload: ReadUpload, sent: SentGuidelines, *, team: TeamUsed) -> ReviewSession:
    """Document, text and findings, the session last."""
    if sent.guidelines is not None and sent.is_new:
        services().guidelines.keep(current_identity().user_id, sent.guidelines)
    return store_review(
        upload.session_id,
        upload.read,
        name=upload.name,
        document=upload.content,
        guidelines=sent.guidelines,
        team=team,
    )


def answer_of(session: ReviewSession) -> dict[str, Any]:
    """The answer to an upload."""
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
