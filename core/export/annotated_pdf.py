"""A PDF with highlights on exact words, read back and checked before anyone gets it.

Existing annotations stay as they are; what the file would do by itself is gone. Runs in the limited child.
"""

import io
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
from pypdf.generic import ArrayObject, IndirectObject, NameObject

from core.documents.pdf_gate import PYPDF_STUMBLES, open_pdf
from core.documents.pdf_page import Box, PageText
from core.documents.pdf_reader import page_text, placed_blocks
from core.errors import Permanent
from core.export.model import ExportReport, Summary
from core.export.pdf_actions import remove_actions
from core.export.pdf_annotation import annotation
from core.export.pdf_check import Added, PdfComment, check, snapshot
from core.export.pdf_marks import Place, Places, boxes
from core.export.pdf_summary import add_summary_pages

_RESOLVED = "Completed"
_NOTE_POINTS = 20.0
_NOTE_STEP = 8.0


def write_annotated(
    source: Path, target: Path, comments: Sequence[PdfComment], *, summary: Summary | None = None
) -> ExportReport:
    """Writes the annotated copy to `target`.

    Raises Permanent export/check-failed when it is not exactly as it should be.
    """
    document = open_pdf(source)
    before = snapshot(document)
    added = _marks(document, comments)
    fault = ""
    for write in _ways(source, document):
        try:
            target.write_bytes(_annotated(write(), added, summary))
            check(before, pypdfium2.PdfDocument(target), added, summary=summary is not None)
        except (*PYPDF_STUMBLES, pypdfium2.PdfiumError) as error:
            fault = f"The PDF cannot be written ({type(error).__name__})."
        except Permanent as error:
            fault = error.detail
        else:
            said = sum(1 + len(comment.replies) for comment in comments)
            return ExportReport(said, sum(len(page.annotations) for page in before))
    raise Permanent("export/check-failed", fault)


def _ways(source: Path, document: pypdfium2.PdfDocument) -> Iterator[Callable[[], pypdf.PdfWriter]]:
    """Ways of writing the copy, the next one where one fails the check.

    Written anew by pypdf; as an addition to the file, which leaves odd fonts alone; from a copy that PDFium
    made, which alone removes encryption and mends what pypdf stumbles over.
    """
    if pdfium.FPDF_GetSecurityHandlerRevision(document.raw) < 0:
        content = source.read_bytes()
        yield lambda: pypdf.PdfWriter(clone_from=io.BytesIO(content))
        yield lambda: pypdf.PdfWriter(io.BytesIO(content), incremental=True)
    rewritten = io.BytesIO()
    document.save(rewritten, flags=pdfium.FPDF_REMOVE_SECURITY)
    yield lambda: pypdf.PdfWriter(clone_from=rewritten)


def _marks(document: pypdfium2.PdfDocument, comments: Sequence[PdfComment]) -> list[Added]:
    """A highlight for each page that the comment's words stand on; a note where they stand on none."""
    places = Places(placed_blocks(document))
    notes: Counter[int] = Counter()
    added: list[Added] = []
    for comment in comments:
        marks = [_highlight(document, comment, place) for place in places.of_words(comment)]
        if not marks:
            place = places.beginning(comment)
            note = _beside(document, place, notes[place.page])
            marks = [Added(_name(), comment, place.page, [note], subject=comment.subject)]
            notes[place.page] += 1
        added += [*marks, *_thread(comment, marks[0])]
    return added


def _thread(comment: PdfComment, first: Added) -> Iterator[Added]:
    """The replies to a comment, and the state "resolved", which Acrobat keeps as one more, unseen reply."""
    for reply in comment.replies:
        yield Added(_name(), reply, first.page, first.boxes, answers=first.name)
    if comment.resolved:
        done = replace(first.said, text_lines=(f"{_RESOLVED} set by {comment.author}",))
        yield Added(_name(), done, first.page, first.boxes, answers=first.name, state=_RESOLVED)


def _name() -> str:
    return str(uuid.uuid4())


def _highlight(document: pypdfium2.PdfDocument, comment: PdfComment, place: Place) -> Added:
    page = _page(document, place)
    marked = boxes(page, place.chars)
    page.close()
    return Added(_name(), comment, place.page, marked, place.chars, subject=comment.subject)


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


def _annotated(writer: pypdf.PdfWriter, added: Sequence[Added], summary: Summary | None) -> bytes:
    remove_actions(writer)
    written: dict[str, IndirectObject] = {}
    for one in added:
        page = writer.pages[one.page - 1]
        present = page.get("/Annots")
        present = present.get_object() if present is not None else None
        kept = list.__iter__(present) if isinstance(present, ArrayObject) else ()
        written[one.name] = writer._add_object(annotation(one, page, written.get(one.answers)))
        # A new list: two pages of one file can share theirs.
        page[NameObject("/Annots")] = ArrayObject([*kept, written[one.name]])
    if summary is not None:
        add_summary_pages(writer, summary)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()
