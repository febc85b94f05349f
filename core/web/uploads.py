"""POST /upload: a document becomes a review, or a clear refusal and nothing stored."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import FileStorage

from core.documents.guard import check_upload
from core.errors import Permanent
from core.review.session import ReviewSession
from core.web.context import current_identity, services
from core.web.file_names import display_name
from core.web.new_reviews import new_session_id, store_review
from core.web.sent_guidelines import SentGuidelines, guidelines_of_upload

blueprint = Blueprint("uploads", __name__)


@blueprint.post("/upload")
def upload() -> dict[str, Any]:
    part = request.files.get("document")
    if part is None or not part.filename:
        raise Permanent("document/missing")
    sent = guidelines_of_upload()
    with TemporaryDirectory(prefix="ai-prism-upload-") as folder:
        session = _store(read_upload(part, Path(folder) / "document", session_id=new_session_id()), sent)
    return answer_of(session)


@dataclass(frozen=True)
class ReadUpload:
    """read: what the limited child made of it."""

    session_id: str
    name: str
    content: bytes
    read: dict[str, Any]


def read_upload(part: FileStorage, path: Path, *, session_id: str) -> ReadUpload:
    """Guarded and read in the limited child; nothing is stored. Raises Permanent document/..., Throttled."""
    part.save(path)
    name = display_name(part.filename or "")
    kind = check_upload(path, filename=name, limits=services().settings.documents)
    asked = {"path": str(path), "kind": kind.value, "session_id": session_id}
    read = services().readers.run("core.pipeline.intake", asked)
    return ReadUpload(session_id, name, path.read_bytes(), read)


def _store(upload: ReadUpload, sent: SentGuidelines) -> ReviewSession:
    """Document, text and findings, the session last."""
    if sent.guidelines is not None and sent.is_new:
        services().guidelines.keep(current_identity().user_id, sent.guidelines)
    return store_review(
        upload.session_id,
        upload.read,
        name=upload.name,
        document=upload.content,
        guidelines=sent.guidelines,
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
        "guidelines": list(session.guidelines.names) if session.guidelines else [],
    }
