"""Comments for PDFs: those to be written, and what a reader of the written file finds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2

from core.documents.model import Block
from core.export.pdf_check import PdfComment

AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)


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
