"""Checks that an annotated PDF is its document plus the annotations, read back from the written file by PDFium."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from core.documents.pdf_page import Box, PageText
from core.documents.pdf_reader import page_text
from core.errors import Permanent
from core.export.model import Remark

_TOLERANCE = 0.01
_KEPT = (b"Contents", b"T", b"Subj", b"M", b"V")
_MOST_STRING_BYTES = 65_536


@dataclass(frozen=True)
class InBlock:
    """Code points `start` to `end` of a block. page: of the block, from 1."""

    block_id: str
    block_text: str
    page: int
    start: int
    end: int


@dataclass(frozen=True)
class PdfComment(Remark):
    """A comment on code points `start` to `end` of a block; start == end: a note beside its beginning.

    page: of the block, from 1. more: where the words go on. resolved: its thread is settled.
    """

    block_id: str
    block_text: str
    page: int
    start: int
    end: int
    subject: str
    more: tuple[InBlock, ...] = ()
    replies: tuple[Remark, ...] = ()
    resolved: bool = False


@dataclass(frozen=True)
class Added:
    """An annotation to be written. name: its /NM. page: from 1. chars: those it marks; none for a note.

    answers: name of the one that it is a reply to, "" for none. state: what a thread has come to, of Acrobat's model
    "Review", or "".
    """

    name: str
    said: Remark
    page: int
    boxes: Sequence[Box]
    chars: tuple[int, ...] = ()
    subject: str = ""
    answers: str = ""
    state: str = ""


@dataclass(frozen=True)
class PageState:
    """What has to stay the same on a page.

    text: of the page. annotations: what tells each apart, by its position; the last item is the /NM.
    """

    text: str
    annotations: tuple[tuple[str, ...], ...]


def snapshot(document: pypdfium2.PdfDocument) -> list[PageState]:
    return [_state(document, index) for index in range(len(document))]


def check(
    before: Sequence[PageState],
    written: pypdfium2.PdfDocument,
    added: Sequence[Added],
    *,
    summary: bool = False,
) -> None:
    """Raises Permanent export/check-failed unless the copy is as it should be.

    summary: whether pages that sum the review up follow the document's.
    """
    every = snapshot(written)
    after, more = every[: len(before)], every[len(before) :]
    names = {one.name for one in added}
    present = {found[-1] for page in after for found in page.annotations}
    faults = {
        "the number of pages is wrong": len(before) != len(after) or bool(more) != summary,
        "the summary cannot be read": not all(page.text.strip() for page in more),
        "its text changed": [page.text for page in before] != [page.text for page in after],
        "a comment is missing": not names <= present,
        "an existing annotation changed": [page.annotations for page in before]
        != [tuple(found for found in page.annotations if found[-1] not in names) for page in after],
        "a comment stands on the wrong words": not all(_stands_right(written, one) for one in added),
        "a reply answers nothing": not all(_answers(written, one) for one in added if one.answers),
    }
    found = [fault for fault, is_so in faults.items() if is_so]
    if found:
        raise Permanent("export/check-failed", f"In the copy with comments {' and '.join(found)}.")


def _state(document: pypdfium2.PdfDocument, index: int) -> PageState:
    text = page_text(document, index)
    if text is None:
        return PageState("", ())
    raw = text.page.raw
    annotations = tuple(_annotation(raw, at) for at in range(pdfium.FPDFPage_GetAnnotCount(raw)))
    state = PageState(text.text, annotations)
    text.close()
    return state


def _annotation(page: object, at: int) -> tuple[str, ...]:
    found = pdfium.FPDFPage_GetAnnot(page, at)
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(found, rect)
    place = f"{rect.left:.2f} {rect.bottom:.2f} {rect.right:.2f} {rect.top:.2f}"
    said = (_string(found, key) for key in (*_KEPT, b"NM"))
    told = (str(pdfium.FPDFAnnot_GetSubtype(found)), str(pdfium.FPDFAnnot_GetFlags(found)), place, *said)
    pdfium.FPDFPage_CloseAnnot(found)
    return told


def _string(annotation: object, key: bytes) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    size = min(size, _MOST_STRING_BYTES)
    units = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, units, size)
    return bytes(units)[:size].decode("utf-16-le", "replace").rstrip("\0")


def _stands_right(document: pypdfium2.PdfDocument, one: Added) -> bool:
    """Whether the boxes as written hold every character they are meant for."""
    page = page_text(document, one.page - 1)
    if page is None:
        return False
    written = _boxes(page, one.name)
    stands = not one.chars or all(
        _holds(written, page.box(index)) for index in one.chars if not page.text[index].isspace()
    )
    page.close()
    return stands


def _answers(document: pypdfium2.PdfDocument, one: Added) -> bool:
    """Whether the reply as written names the annotation that it is meant for."""
    page = document[one.page - 1]
    answered = ""
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        found = pdfium.FPDFPage_GetAnnot(page.raw, at)
        parent = pdfium.FPDFAnnot_GetLinkedAnnot(found, b"IRT")
        if parent:
            answered = _string(parent, b"NM") if _string(found, b"NM") == one.name else answered
            pdfium.FPDFPage_CloseAnnot(parent)
        pdfium.FPDFPage_CloseAnnot(found)
    page.close()
    return answered == one.answers


def _boxes(page: PageText, name: str) -> list[Box]:
    raw = page.page.raw
    boxes: list[Box] = []
    for at in range(pdfium.FPDFPage_GetAnnotCount(raw)):
        found = pdfium.FPDFPage_GetAnnot(raw, at)
        if _string(found, b"NM") == name:
            points = pdfium.FS_QUADPOINTSF()
            for quad in range(pdfium.FPDFAnnot_CountAttachmentPoints(found)):
                pdfium.FPDFAnnot_GetAttachmentPoints(found, quad, points)
                boxes.append(Box(points.x3, points.y3, points.x2, points.y2))
        pdfium.FPDFPage_CloseAnnot(found)
    return boxes


def _holds(boxes: Sequence[Box], char: Box) -> bool:
    x, y = (char.left + char.right) / 2, (char.bottom + char.top) / 2
    return any(
        box.left - _TOLERANCE <= x <= box.right + _TOLERANCE
        and box.bottom - _TOLERANCE <= y <= box.top + _TOLERANCE
        for box in boxes
    )
