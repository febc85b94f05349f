"""What is taken out of a review: the document with its marks, the bundle."""

from typing import Literal

from core.web import bodies
from core.web.api.answer import Answer
from core.web.api.refusals import JSON_BODY, MY_SESSION
from core.web.api.spec import DOCX, PDF, PNG, SESSION, ZIP, Query, RouteSpec


class ExportedFile(Answer):
    """A file of a bundle. path: inside the folder. sha256: hex."""

    path: str
    size_bytes: int
    sha256: str


class ExportAnswer(Answer):
    """A bundle in storage. folder: inside the review's part. files: each was read back and compared."""

    success: Literal[True]
    session_id: str
    status: Literal["done"]
    folder: str
    files: list[ExportedFile]


class LinkAnswer(Answer):
    success: Literal[True]
    url: str
    expires_at: str


class PageSize(Answer):
    """Size of a page. number: from 1. width, height: in points."""

    number: int
    width: float
    height: float


class PageMark(Answer):
    """A box around words of the finding `id`, as fractions of the page from its top left corner."""

    id: str
    page: int
    left: float
    top: float
    width: float
    height: float


class PageLine(Answer):
    """Place of UTF-16 units `start` to `end` of a block, as fractions of the page from its top left corner."""

    page: int
    block_id: str
    start: int
    end: int
    left: float
    top: float
    width: float
    height: float


class PageComment(Answer):
    """A comment that the upload already had. marks: none where it is beside no words."""

    id: str
    page: int
    marks: list[PageMark]


class LinesAnswer(Answer):
    session_id: str
    lines: list[PageLine]


class PagesAnswer(Answer):
    session_id: str
    pages: list[PageSize]
    marks: list[PageMark]
    comments: list[PageComment]


_PAGES = (
    *MY_SESSION,
    "review/no-pages",
    "document/reader-busy",
    "document/too-complex",
    "document/damaged",
    "document/encrypted",
    "document/reader-failed",
)

ROUTES = (
    RouteSpec(
        "GET",
        f"{SESSION}/pages",
        "How large the pages of a PDF are, and where the words of its findings stand on them",
        gives=PagesAnswer,
        errors=_PAGES,
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/pages/lines",
        "Where the text of a PDF stands on its pages, line by line",
        gives=LinesAnswer,
        errors=_PAGES,
    ),
    RouteSpec(
        "GET", f"{SESSION}/pages/<page:number>", "A page of a PDF as a picture", media=PNG, errors=_PAGES
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/reviewed",
        "The Word document or PDF with a comment on the words of each accepted finding",
        media=DOCX,
        other_media=PDF,
        query=(
            Query("rejected", "1: rejected findings too, marked so"),
            Query("summary", "1: a page that sums the review up, before a Word document, after a PDF"),
            Query(
                "rewrites",
                "1: a reviewer's replacement of quoted words as a tracked change; in a PDF as a line of the comment",
            ),
        ),
        errors=(
            *MY_SESSION,
            "export/not-word",
            "export/check-failed",
            "document/reader-busy",
        ),
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/bundle",
        "Everything about the review as a zip: documents, findings, decisions, chat, activity, checksums",
        media=ZIP,
        errors=(*MY_SESSION, "export/check-failed", "document/reader-busy"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/download-links",
        "A link to the reviewed document or the bundle that works for five minutes without a cookie",
        gives=LinkAnswer,
        body=bodies.DownloadLink,
        errors=(*MY_SESSION, *JSON_BODY),
    ),
    RouteSpec(
        "GET",
        "/downloads",
        "What such a link opens",
        media=ZIP,
        other_media=DOCX,
        query=(Query("token", "As in the link", required=True),),
        errors=(
            *MY_SESSION,
            "export/link-expired",
            "limits/requests",
            "export/not-word",
            "export/check-failed",
            "document/reader-busy",
        ),
        public=True,
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/export",
        "The same into the review's folder in storage; answers once every object is confirmed there",
        gives=ExportAnswer,
        errors=(
            *MY_SESSION,
            "review/view-only",
            "export/check-failed",
            "export/not-confirmed",
            "document/reader-busy",
        ),
    ),
)
