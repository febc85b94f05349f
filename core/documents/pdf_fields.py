"""What was filled into the fields of a PDF form, or typed onto its pages: annotations, which are no text of a page.

Each becomes a line where it stands, so that a value reads with its label. It has no characters to mark.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from core.documents.model import TICKED, UNTICKED
from core.documents.pdf_annotations import TYPED_ON, UNSEEN_FLAGS, annotations, string_of, text_of
from core.documents.pdf_lines import Line
from core.documents.pdf_page import Box

_PASSWORD_FLAG = 1 << 13
_TEXTS = {pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
_BOXES = {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}
_OFF = {"", "Off"}
_USUAL_SIZE = 10.0
_LEADING = 1.2
_BELOW_SIZES = 0.3
_NEAR_SIZES = 8.0
_UPRIGHT = (10, 0)


@dataclass(frozen=True)
class Filled:
    """A value and where it stands on its page."""

    text: str
    box: Box


@contextmanager
def form_of(document: pypdfium2.PdfDocument) -> Iterator[Any]:
    """PDFium's handle of the document's form, None without one. Nothing in the form acts: no script is run."""
    if document.get_formtype() == pdfium.FORMTYPE_NONE:
        yield None
        return
    config = pdfium.FPDF_FORMFILLINFO(version=2)
    handle = pdfium.FPDFDOC_InitFormFillEnvironment(document.raw, config)
    try:
        yield handle or None
    finally:
        if handle:
            pdfium.FPDFDOC_ExitFormFillEnvironment(handle)


def filled_in(page: pypdfium2.PdfPage, form: Any) -> list[Filled]:
    """What is shown in the page's fields and was typed over it, from the top. form: of `form_of`."""
    found = []
    for _, annotation in annotations(page):
        text = _shown(annotation, form)
        if text.strip():
            rect = pdfium.FS_RECTF()
            pdfium.FPDFAnnot_GetRect(annotation, rect)
            found.append(Filled(text, Box(rect.left, rect.bottom, rect.right, rect.top)))
    return sorted(found, key=lambda one: (-one.box.top, one.box.left))


def with_filled_in(lines: Sequence[Line], values: Sequence[Filled]) -> list[Line]:
    """The page's lines and the values among them, each beside its nearest words or below those over it."""
    placed = list(lines)
    sizes = Counter(line.size for line in lines)
    size = sizes.most_common(1)[0][0] if sizes else _USUAL_SIZE
    for value in values:
        at, first = _place(value.box, placed, size)
        placed[at:at] = [
            replace(
                first, text=text, chars=(-1,) * len(text), baseline=first.baseline - _LEADING * size * down
            )
            for down, text in enumerate(value.text.split("\n"))
        ]
    return placed


def _place(box: Box, lines: Sequence[Line], size: float) -> tuple[int, Line]:
    """Before which of the lines a value goes, and its own first line, without words."""
    line = Line("", box.left, box.right, max(box.bottom, box.top - _LEADING * size), size)
    level = [
        at
        for at, other in enumerate(lines)
        if _is_level(other, box) and _apart(other, box) <= _NEAR_SIZES * size
    ]
    if level:
        at = min(level, key=lambda at: _apart(lines[at], box))
        label = lines[at]
        if label.left <= box.left:
            left = max(box.left, label.right)
            return at + 1, replace(line, baseline=label.baseline, left=left, right=max(left, box.right))
        return at, replace(line, baseline=label.baseline, right=min(box.right, label.left))
    over = [at for at, other in enumerate(lines) if other.baseline >= box.top and not _apart(other, box)]
    return min(over, key=lambda at: lines[at].baseline, default=len(lines) - 1) + 1, line


def _is_level(line: Line, box: Box) -> bool:
    return line.angle == _UPRIGHT and box.bottom - _BELOW_SIZES * line.size <= line.baseline <= box.top


def _apart(line: Line, box: Box) -> float:
    """How far a value and a line are apart, from side to side."""
    return max(line.left - box.right, box.left - line.right, 0.0)


def _shown(annotation: Any, form: Any) -> str:
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    if pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN_FLAGS:
        return ""
    if kind == pdfium.FPDF_ANNOT_WIDGET and form is not None:
        return _of_field(annotation, form)
    if kind == pdfium.FPDF_ANNOT_FREETEXT and string_of(annotation, b"IT") == TYPED_ON:
        return string_of(annotation, b"Contents")
    return ""


def _of_field(annotation: Any, form: Any) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _BOXES:
        return UNTICKED if string_of(annotation, b"AS") in _OFF else TICKED
    if kind not in _TEXTS or pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD_FLAG:
        return ""
    return text_of(lambda units, size: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, units, size))
