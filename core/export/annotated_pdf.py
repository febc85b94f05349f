"""A PDF with highlights on exact words, read back and checked before anyone gets it.

Existing annotations stay as they are; what the file would do by itself is gone. Runs in the limited child.
"""

import io
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from core.documents.pdf_gate import PYPDF_STUMBLES, open_pdf
from core.documents.pdf_page import Box, PageText
from core.documents.pdf_reader import page_text, placed_blocks
from core.errors import Permanent
from core.export.pdf_actions import remove_actions
from core.export.pdf_check import Added, PdfComment, check, snapshot
from core.export.pdf_marks import Place, Places, boxes
from core.export.reviewed_docx import ExportReport

_COLOUR = (1.0, 0.84, 0.29)
_OPACITY = 0.5
_PRINTED = 4
_NOTE_POINTS = 20.0
_NOTE_STEP = 8.0


def write_annotated(source: Path, target: Path, comments: Sequence[PdfComment]) -> ExportReport:
    """Writes `target`. Raises Permanent("export/check-failed") when the copy is not exactly as it should be."""
    document = open_pdf(source)
    before = snapshot(document)
    added = _marks(document, comments)
    fault = ""
    for write in _ways(source, document):
        try:
            target.write_bytes(write(added))
            check(before, pypdfium2.PdfDocument(target), added)
        except (*PYPDF_STUMBLES, pypdfium2.PdfiumError) as error:
            fault = f"The PDF cannot be written ({type(error).__name__})."
        except Permanent as error:
            fault = error.detail
        else:
            return ExportReport(len(comments), sum(len(page.annotations) for page in before))
    raise Permanent("export/check-failed", fault)


def _ways(source: Path, document: pypdfium2.PdfDocument) -> Iterator[Callable[[Sequence[Added]], bytes]]:
    """Written anew; else as an addition to the file, which leaves odd fonts alone; else from PDFium's own copy.

    Only the last is without encryption, and puts right where pypdf stumbles.
    """
    if pdfium.FPDF_GetSecurityHandlerRevision(document.raw) < 0:
        content = source.read_bytes()
        yield lambda added: _annotated(pypdf.PdfWriter(clone_from=io.BytesIO(content)), added)
        yield lambda added: _annotated(pypdf.PdfWriter(io.BytesIO(content), incremental=True), added)
    rewritten = io.BytesIO()
    document.save(rewritten, flags=pdfium.FPDF_REMOVE_SECURITY)
    yield lambda added: _annotated(pypdf.PdfWriter(clone_from=rewritten), added)


def _marks(document: pypdfium2.PdfDocument, comments: Sequence[PdfComment]) -> list[Added]:
    """One for each page that a comment's words stand on; notes where they stand on none."""
    places = Places(placed_blocks(document))
    notes: Counter[int] = Counter()
    added: list[Added] = []
    for comment in comments:
        found = places.of_words(comment)
        added += [_highlight(document, comment, place) for place in found]
        if found:
            continue
        place = places.beginning(comment)
        note = _beside(document, place, notes[place.page])
        added.append(Added(str(uuid.uuid4()), comment, place.page, [note]))
        notes[place.page] += 1
    return added


def _highlight(document: pypdfium2.PdfDocument, comment: PdfComment, place: Place) -> Added:
    page = _page(document, place)
    marked = boxes(page, place.chars)
    page.close()
    return Added(str(uuid.uuid4()), comment, place.page, marked, place.chars)


def _beside(document: pypdfium2.PdfDocument, place: Place, others: int) -> Box:
    """Left of the place, or in the corner of its page; several on a page do not cover each other."""
    page = _page(document, place)
    bounds = page.bounds
    at = page.loose_box(place.chars[0]) if place.chars else bounds
    page.close()
    left = at.left - (1.2 * _NOTE_POINTS if place.chars else 0) + _NOTE_STEP * others
    left = max(bounds.left, min(left, bounds.right - _NOTE_POINTS))
    top = min(at.top, bounds.top)
    return Box(left, top - _NOTE_POINTS, left + _NOTE_POINTS, top)


def _page(document: pypdfium2.PdfDocument, place: Place) -> PageText:
    page = page_text(document, place.page - 1)
    if page is None:
        raise Permanent("export/check-failed", f"Page {place.page} could not be read again.")
    return page


def _annotated(writer: pypdf.PdfWriter, added: Sequence[Added]) -> bytes:
    remove_actions(writer)
    for one in added:
        page = writer.pages[one.page - 1]
        present = page.get("/Annots")
        present = present.get_object() if present is not None else None
        kept = list.__iter__(present) if isinstance(present, ArrayObject) else ()
        # A new list: two pages of one file can share theirs.
        page[NameObject("/Annots")] = ArrayObject([*kept, writer._add_object(_annotation(one, page))])
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _annotation(one: Added, page: Any) -> DictionaryObject:
    comment, marked = one.comment, one.boxes
    written_at = TextStringObject(comment.at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ"))
    around = (
        min(box.left for box in marked),
        min(box.bottom for box in marked),
        max(box.right for box in marked),
        max(box.top for box in marked),
    )
    entries = {
        "/Type": NameObject("/Annot"),
        "/Subtype": NameObject("/Highlight" if one.chars else "/Text"),
        "/Rect": _numbers(*around),
        "/C": _numbers(*_COLOUR),
        "/F": NumberObject(_PRINTED),
        "/NM": TextStringObject(one.name),
        "/T": TextStringObject(comment.author),
        "/Subj": TextStringObject(comment.subject),
        "/Contents": TextStringObject("\r".join(comment.text_lines)),
        "/CreationDate": written_at,
        "/M": written_at,
        "/P": page.indirect_reference,
    }
    if one.chars:
        corners = (
            at
            for box in marked
            for at in (box.left, box.top, box.right, box.top, box.left, box.bottom, box.right, box.bottom)
        )
        entries |= {"/QuadPoints": _numbers(*corners), "/CA": FloatObject(_OPACITY)}
    else:
        entries |= {"/Name": NameObject("/Comment")}
    return DictionaryObject({NameObject(key): value for key, value in entries.items() if value is not None})


def _numbers(*values: float) -> ArrayObject:
    return ArrayObject([FloatObject(round(value, 3)) for value in values])
