"""The comments that a PDF already has: notes, marked words, drawings with words to them, and the answers to these.

They are annotations that name what they answer (/IRT). That a thread is done is an answer too, with a state instead
of words; two that only work together, as a caret and the words struck out there, are a group.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

import pypdfium2.raw as pdfium

from core.documents.model import BlockComment
from core.documents.pdf_annotations import TYPED_ON, UNSEEN_FLAGS, annotations, string_of
from core.documents.pdf_comment_places import MOST_COMMENTS, PageComments, PlacedComment, comment_id
from core.documents.pdf_page import PAGE_SHIFT, PageText

_MOST_ANNOTATIONS = 50_000
"""Of a document: many pages may share one long list, and each look at one of it takes some microseconds."""
_MOST_LOOKED_AT = 50_000_000
"""Characters, about a second of them: each look for a place passes all of its page."""
_LOOK_CHARS = 100
"""As many characters as a look costs by itself."""
_MOST_MARKED_CHARS = 500
_MOST_MARKED_LINES = 50
_DEEPEST_ANSWER = 50
_MOST_NAME_CHARS = 200
_INSIDE = 0.5
_TOO_LONG = "(Longer than 20,000 characters: read it in the file.)"
_STRUCK_OUT = "(struck out)"
_INSERT, _REPLACE = "Insert: ", "Replace with: "
_DONE = "Completed"
_KINDS = {
    pdfium.FPDF_ANNOT_TEXT,
    pdfium.FPDF_ANNOT_FREETEXT,
    pdfium.FPDF_ANNOT_LINE,
    pdfium.FPDF_ANNOT_SQUARE,
    pdfium.FPDF_ANNOT_CIRCLE,
    pdfium.FPDF_ANNOT_POLYGON,
    pdfium.FPDF_ANNOT_POLYLINE,
    pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE,
    pdfium.FPDF_ANNOT_SQUIGGLY,
    pdfium.FPDF_ANNOT_STRIKEOUT,
    pdfium.FPDF_ANNOT_CARET,
    pdfium.FPDF_ANNOT_STAMP,
    pdfium.FPDF_ANNOT_INK,
}
_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:([+-])(\d\d)'?(\d\d)?)?")


@dataclass(frozen=True)
class _Mark:
    """An annotation. answers: the number of the one it answers. grouped: it only works together with that one."""

    at: int
    kind: int
    said: BlockComment
    chars: tuple[int, ...]
    is_point: bool
    answers: int | None
    grouped: bool
    state: str


class CommentReader:
    """Reads pages one after the other, and of them all only so much as the most is."""

    def __init__(self) -> None:
        self._marks_left = MOST_COMMENTS
        self._chars_left = _MOST_LOOKED_AT
        self._annotations_left = _MOST_ANNOTATIONS

    def on(self, text: PageText) -> PageComments:
        """What is said on the page, each followed by its answers."""
        marks = list(islice(self._marks(text), self._marks_left))
        self._marks_left -= len(marks)
        are_more = self._marks_left == 0 or self._annotations_left == 0
        return PageComments(tuple(_threads(marks)), bool(marks), are_more=are_more)

    def _marks(self, text: PageText) -> Iterator[_Mark]:
        for at, annotation in islice(annotations(text.page), self._annotations_left):
            self._annotations_left -= 1
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            if kind not in _KINDS:
                continue
            state = string_of(annotation, b"State")
            unseen = pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN_FLAGS and not state
            if unseen or string_of(annotation, b"IT") == TYPED_ON:
                continue
            marked = tuple(self._marked(text, annotation))
            grouped = string_of(annotation, b"RT") == "Group"
            said = BlockComment(
                id=comment_id(text.number, at),
                text=_words(annotation, kind, grouped=grouped),
                author=string_of(annotation, b"T").strip()[:_MOST_NAME_CHARS],
                date=_date(string_of(annotation, b"M") or string_of(annotation, b"CreationDate")),
            )
            chars = marked or self._beside(text, annotation)
            yield _Mark(at, kind, said, chars, not marked, _answered(text, annotation), grouped, state)

    def _marked(self, text: PageText, annotation: Any) -> Iterator[int]:
        """The characters from one end of each marked stretch to the other."""
        page, chars_left = text.number << PAGE_SHIFT, _MOST_MARKED_CHARS
        for left, bottom, right, top in _boxes(annotation):
            x, y = (left + right) / 2, (bottom + top) / 2
            is_across = right - left >= top - bottom
            ends = ((left + _INSIDE, y), (right - _INSIDE, y)) if is_across else ((x, top), (x, bottom))
            near = (right - left, 0.0) if is_across else (0.0, top - bottom)
            found = [at for at in (self._look(text, end, near) for end in ends) if at >= 0]
            if found and max(found) - min(found) < chars_left:
                chars_left -= max(found) + 1 - min(found)
                yield from range(page + min(found), page + max(found) + 1)

    def _beside(self, text: PageText, annotation: Any) -> tuple[int, ...]:
        """The character nearest to where a note stands."""
        rect = pdfium.FS_RECTF()
        pdfium.FPDFAnnot_GetRect(annotation, rect)
        width, height = text.page.get_size()
        at = self._look(text, (rect.left, (rect.bottom + rect.top) / 2), (2 * width, 2 * height))
        return ((text.number << PAGE_SHIFT) + at,) if at >= 0 else ()

    def _look(self, text: PageText, place: tuple[float, float], near: tuple[float, float]) -> int:
        if self._chars_left < 0:
            return -1
        self._chars_left -= text.count + _LOOK_CHARS
        return text.index_at(*place, near)


def _threads(found: Sequence[_Mark]) -> Iterator[PlacedComment]:
    marks = {mark.at: mark for mark in found}
    roots = {at: _root(mark, marks) for at, mark in marks.items()}
    # What they are about lies in the group, what is said about it at its head.
    lent = {mark.answers: mark for mark in marks.values() if mark.grouped and not mark.is_point}
    done = {roots[at].at: mark.state == _DONE for at, mark in marks.items() if mark.state}
    told = sorted(
        (mark for mark in marks.values() if mark.said.text and not mark.state and not mark.grouped),
        key=lambda mark: (roots[mark.at].at, mark.at),
    )
    for mark in told:
        root = roots[mark.at]
        place = lent.get(root.at, root)
        is_answer = root is not mark and bool(root.said.text)
        one = replace(
            mark.said,
            text=_verb(mark, is_lent=mark.at in lent) + mark.said.text,
            parent=root.said.id if is_answer else "",
            resolved=done.get(root.at, False),
        )
        yield PlacedComment(one, place.chars, place.is_point)


def _words(annotation: Any, kind: int, *, grouped: bool) -> str:
    words = string_of(annotation, b"Contents", too_long=_TOO_LONG).strip()
    is_deletion = kind == pdfium.FPDF_ANNOT_STRIKEOUT and not words and not grouped
    return _STRUCK_OUT if is_deletion else words


def _verb(mark: _Mark, *, is_lent: bool) -> str:
    if mark.kind != pdfium.FPDF_ANNOT_CARET:
        return ""
    return _REPLACE if is_lent else _INSERT


def _root(mark: _Mark, marks: Mapping[int, _Mark]) -> _Mark:
    """What a thread began with; a file may lead round in a circle."""
    found = mark
    for _ in range(_DEEPEST_ANSWER):
        above = marks.get(found.answers) if found.answers is not None else None
        if above is None:
            return found
        found = above
    return mark


def _answered(text: PageText, annotation: Any) -> int | None:
    if not pdfium.FPDFAnnot_HasKey(annotation, b"IRT"):
        return None
    linked = pdfium.FPDFAnnot_GetLinkedAnnot(annotation, b"IRT")
    if not linked:
        return None
    at = pdfium.FPDFPage_GetAnnotIndex(text.page.raw, linked)
    pdfium.FPDFPage_CloseAnnot(linked)
    return int(at) if at >= 0 else None


def _boxes(annotation: Any) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right, top of each stretch of words that is marked."""
    found = []
    count = min(pdfium.FPDFAnnot_CountAttachmentPoints(annotation), _MOST_MARKED_LINES)
    for at in range(count):
        quad = pdfium.FS_QUADPOINTSF()
        if pdfium.FPDFAnnot_GetAttachmentPoints(annotation, at, quad):
            x, y = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            found.append((min(x), min(y), max(x), max(y)))
    return found


def _date(written: str) -> str:
    """ "D:20260304103000+01'00'" as ISO has it; "" for what is no date."""
    match = _DATE.match(written)
    if match is None:
        return ""
    year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
    time = f"T{hour}:{minute}:{second or '00'}" if hour else ""
    zone = f"{sign}{hours}:{minutes or '00'}" if time and sign else ""
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}{time}{zone}").isoformat()
    except ValueError:
        return ""
