"""What can be taken away: the findings as JSON or CSV, and the document with comments in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, json, request

from core.clock import iso
from core.documents.limited_child import ReaderPool
from core.documents.model import DocumentKind
from core.errors import Permanent
from core.export.content import CopyTaker, Options, review_copy
from core.export.docx_service import reviewed_docx
from core.export.pdf_service import annotated_pdf
from core.export.review_copy import ReviewCopy
from core.review.session import ReviewSession
from core.web.api.spec import DOCX, PDF
from core.web.context import current_identity, review_overview, services, session_to_view
from core.web.downloads import attachment, stem
from core.web.findings_csv import findings_csv
from core.web.people import person

blueprint = Blueprint("exports", __name__)


@dataclass(frozen=True)
class Writer:
    """How a copy with comments is written, for one kind of document."""

    write: Callable[[ReaderPool, ReviewCopy], bytes]
    media_type: str


REVIEWED = {
    DocumentKind.DOCX: Writer(reviewed_docx, DOCX),
    DocumentKind.PDF: Writer(annotated_pdf, PDF),
}
"""Kinds of documents that comments can be written into."""


@blueprint.get("/sessions/<session:session_id>/findings.json")
def findings_json(session_id: str) -> Response:
    """Every finding, also those that are set aside, marked so."""
    review = review_overview(session_id)
    exported = {name: review[name] for name in ("session_id", "document_name", "counts")}
    findings = review["findings"] + review["findings_set_aside"]
    body = {**exported, "findings": findings, "exported_at": iso(services().clock.now())}
    name = f"{stem(review['document_name'])}-findings.json"
    return attachment(json.dumps(body).encode(), filename=name, media_type="application/json")


@blueprint.get("/sessions/<session:session_id>/findings.csv")
def findings_table(session_id: str) -> Response:
    review = review_overview(session_id)
    table = findings_csv(review)
    name = f"{stem(review['document_name'])}-findings.csv"
    return attachment(table, filename=name, media_type="text/csv; charset=utf-8")


@blueprint.get("/sessions/<session:session_id>/reviewed")
def reviewed(session_id: str) -> Response:
    """A comment on the words of each accepted finding; ?rejected=1&summary=1&rewrites=1 add to that."""
    asked = {name: request.args.get(name) == "1" for name in ("rejected", "summary", "rewrites")}
    return reviewed_file(session_to_view(session_id), Options(**asked))


def reviewed_file(session: ReviewSession, options: Options) -> Response:
    document = reviewed_document(session, options)
    name = f"{stem(session.document_name)}-reviewed.{session.kind.value}"
    return attachment(document, filename=name, media_type=REVIEWED[session.kind].media_type)


def reviewed_document(session: ReviewSession, options: Options) -> bytes:
    """The document with comments in it.

    Raises Permanent export/not-word, export/check-failed; Throttled document/reader-busy.
    """
    if session.kind not in REVIEWED:
        raise Permanent("export/not-word")
    reviews = services().reviews
    copy = review_copy(
        services().overviews.parts(session),
        options,
        document=reviews.document(session.id, session.kind),
        checklist=reviews.checklist(session),
        taken=CopyTaker(current_identity(), datetime.fromtimestamp(services().clock.now(), UTC), person),
    )
    return REVIEWED[session.kind].write(services().readers, copy)
