"""The foot- and endnotes that a .docx shows, in the order of their marks, with the marks as labels."""

from collections.abc import Iterator

from core.documents.docx_numbering import format_number
from core.documents.docx_package import DocxPackage
from core.documents.ooxml import REMOVED, Element, is_true, w

# Part -> element, the mark in the text, format of the numbers.
_KINDS = {
    "footnotes": (w("footnote"), w("footnoteReference"), "decimal"),
    "endnotes": (w("endnote"), w("endnoteReference"), "lowerRoman"),
}


def shown_notes(
    package: DocxPackage, body: Element
) -> Iterator[tuple[str, Element, Iterator[tuple[str, Element]]]]:
    """The notes that are shown: (part, its root, (label, note) of each).

    A note goes with its mark when that is deleted.
    """
    for kind, (element, reference, number_format) in _KINDS.items():
        found = package.related_part(kind)
        if found is not None:
            notes = {note.get(w("id")): note for note in found[1].iterfind(element)}
            yield *found, _labelled(notes, _marks(body, reference), number_format)


def _labelled(
    notes: dict[str | None, Element], marks: dict[str | None, str | None], number_format: str
) -> Iterator[tuple[str, Element]]:
    count = 0
    for note_id, own_mark in marks.items():
        if note_id in notes:
            count += own_mark is None
            label = format_number(count, number_format) if own_mark is None else own_mark
            yield label, notes[note_id]


def _marks(body: Element, reference: str) -> dict[str | None, str | None]:
    """Id of a note -> the mark that its author gave it, None for one that Word numbers."""
    marks: dict[str | None, str | None] = {}
    for mark in body.iter(reference):
        if next(mark.iterancestors(*REMOVED), None) is None:
            marks.setdefault(mark.get(w("id")), _own_mark(mark))
    return marks


def _own_mark(mark: Element) -> str | None:
    if not is_true(mark.get(w("customMarkFollows"), "0")):
        return None
    following = mark.getnext()
    return "" if following is None else (following.text or "").strip()
