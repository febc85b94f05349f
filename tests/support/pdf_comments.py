"""Comments for PDFs: those to be written, and what a reader of the written file finds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2

from core.documents.model import Block
from core.export.pdf_check import PdfComment
from tests.support.pdfs import Drawn, drawn_pdf, shown

AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)

_SHEET = "/MediaBox [0 0 595 842]"
_PDF_COMMENTS = (
    "/Subtype /Highlight /Contents (When exactly?) /T (Ann Lee) /M (D:20260304103000Z) "
    "/QuadPoints [187 660 220 660 187 647 220 647] /Rect [187 647 220 660]",
    "/Subtype /Text /Contents (On Monday.) /T (Bob) /IRT 6 0 R /Rect [0 0 20 20]",
    "/Subtype /Text /Contents (Who?) /T (Eve) /Rect [560 295 580 315]",
    "/Subtype /Text /Contents (Completed set by Eve) /IRT 8 0 R /StateModel (Review) /State (Completed) "
    "/F 30 /Rect [0 0 20 20]",
    "/Subtype /Text /Contents (Nothing here?) /T (Eve) /Rect [100 295 120 315]",
)


def a_commented_pdf(path: Path) -> Path:
    """A thread on the word "soon", a note that is done beside "Elsewhere.", and one on a page without text."""
    words = (
        shown("Summary", y=700) + shown("The form will be fixed soon.", y=650) + shown("Elsewhere.", y=300)
    )
    pages = [
        Drawn(words, f"{_SHEET} /Annots [6 0 R 7 0 R 8 0 R 9 0 R]"),
        Drawn("", f"{_SHEET} /Annots [10 0 R]"),
    ]
    return drawn_pdf(path, pages, objects=[f"<< /Type /Annot /F 4 {one} >>" for one in _PDF_COMMENTS])


def comment_on(blocks: Sequence[Block], quote: str) -> PdfComment:
    """On the quote where there is one, else on all of the first block."""
    block = next((block for block in blocks if quote and quote in block.text), blocks[0])
    start = block.text.index(quote)
    lines = ("Important, high risk: Vague \u5831\u544a", "When exactly?")
    place = (block.id, block.text, block.page, start, start + len(quote))
    return PdfComment(lines, "Ann Lee", "AL", AT, *place, "Vague")


def annotations(path: Path) -> list[tuple[int, Any]]:
    """(page from 1, annotation) in order."""
    reader = pypdf.PdfReader(path)
    return [
        (number, item.get_object())
        for number, page in enumerate(reader.pages, start=1)
        for item in page.get("/Annots") or ()
    ]


def words_under(path: Path, page: int, annotation: Any) -> list[str]:
    """The text in each quad, as PDFium reads it."""
    text = pypdfium2.PdfDocument(path)[page - 1].get_textpage()
    points = [float(value) for value in annotation["/QuadPoints"]]
    quads = [points[at : at + 8] for at in range(0, len(points), 8)]
    return [
        text.get_text_bounded(min(q[::2]), min(q[1::2]), max(q[::2]), max(q[1::2])).strip() for q in quads
    ]
