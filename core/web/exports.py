"""What can be taken away: the findings as JSON or CSV, and the document with comments in it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from core.clock import iso
from core.documents.model import DocumentKind
from core.errors import Permanent
from core.export.pdf_service import annotated_pdf
from core.export.service import reviewed_docx
from core.review.decision import Standing, Verdict
from core.review.overview import standings
from core.web.context import current_identity, review_overview, services, session_to_view
from core.web.downloads import attachment, stem
from core.web.findings_csv import findings_csv

blueprint = Blueprint("exports", __name__)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WRITERS = {DocumentKind.DOCX: (reviewed_docx, DOCX), DocumentKind.PDF: (annotated_pdf, "application/pdf")}


@blueprint.get("/sessions/<session:session_id>/findings.json")
def findings_json(session_id: str) -> dict[str, Any]:
    review = review_overview(session_id)
    exported = {name: review[name] for name in ("session_id", "document_name", "counts", "findings")}
    return {**exported, "exported_at": iso(services().clock.now())}


@blueprint.get("/sessions/<session:session_id>/findings.csv")
def findings_table(session_id: str) -> Response:
    review = review_overview(session_id)
    table = findings_csv(review)
    name = f"{stem(review['document_name'])}-findings.csv"
    return attachment(table, filename=name, media_type="text/csv; charset=utf-8")


@blueprint.get("/sessions/<session:session_id>/reviewed")
def reviewed(session_id: str) -> Response:
    """A comment on the words of each accepted finding; ?rejected=1 adds the rejected ones."""
    session = session_to_view(session_id)
    if session.kind not in _WRITERS:
        raise Permanent("export/not-word")
    write, media_type = _WRITERS[session.kind]
    rejected = {Verdict.REJECTED} if request.args.get("rejected") == "1" else set()
    wanted = {Verdict.ACCEPTED} | rejected
    parts = services().overviews.parts(session)
    document = write(
        services().readers,
        document=services().reviews.document(session_id, session.kind),
        blocks=parts.blocks,
        sections=session.sections,
        items=[(one.worded, _note(one)) for one in standings(parts) if one.decision.decision in wanted],
        author=current_identity().name,
        checklist_names=services().reviews.checklist(session).names,
        at=datetime.fromtimestamp(services().clock.now(), UTC),
    )
    filename = f"{stem(session.document_name)}-reviewed.{session.kind}"
    return attachment(document, filename=filename, media_type=media_type)


def _note(standing: Standing) -> str:
    """What the reviewer said about it. A rejected one says that first, or it would read as accepted."""
    decision = standing.decision
    if decision.decision is not Verdict.REJECTED:
        return decision.note
    said = f"Rejected: {decision.reason}" if decision.reason else "Rejected"
    return f"{said}. {decision.note}".strip()
