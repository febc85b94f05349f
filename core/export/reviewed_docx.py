"""A Word document with comments on exact words, read back and checked before anyone gets it.

Existing comments, their ids and tracked changes stay as they are. Runs in the limited child.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import PartFactory
from docx.oxml.parser import OxmlElement
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml import etree

from core.documents.docx_package import open_package
from core.documents.ooxml import PARAGRAPH, REMOVED, RUN, Element, number, w
from core.errors import Permanent
from core.export.comment_check import Snapshot, check, snapshot
from core.export.comment_marks import mark_elements, mark_words
from core.export.unreached_parts import restore_unreached

_MAX_ID = 2**31 - 1
_NOTES = {w("footnote"): w("footnoteReference"), w("endnote"): w("endnoteReference")}
_TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True)
class ExportComment:
    """A comment on code points `start` to `end` of the block with that origin; start == end: on all of it.

    A block in a foot- or endnote gets its comment on the note's mark in the text: Word allows none in notes.
    """

    block_origin: str
    start: int
    end: int
    text_lines: tuple[str, ...]
    author: str
    initials: str
    at: datetime


@dataclass(frozen=True)
class ExportReport:
    """added, kept: comments written and comments that were there."""

    added: int
    kept: int


def write_reviewed(source: Path, target: Path, comments: Sequence[ExportComment]) -> ExportReport:
    """Writes `target`. Raises Permanent("export/check-failed") when the copy is not exactly as it should be."""
    before = _snapshot(source)
    part = _open(source)
    added = _add_all(part, comments, before)
    part.package.save(str(target))
    restore_unreached(source, target)
    check(before, _snapshot(target), added)
    return ExportReport(len(added), len(before.comments))


def _snapshot(path: Path) -> Snapshot:
    with open_package(path) as package:
        return snapshot(package, path)


def _open(source: Path) -> Any:
    # python-docx knows documents only; a template is the same but for its content type.
    PartFactory.part_type_for.setdefault(_TEMPLATE, DocumentPart)
    return Package.open(str(source)).main_document_part


def _add_all(part: Any, comments: Sequence[ExportComment], before: Snapshot) -> dict[str, tuple[int, str]]:
    """Comment id -> (number of the w:p, words marked)."""
    if not comments:
        return {}
    paragraphs: list[Element] = list(part.element.iter(PARAGRAPH))
    root = _comments_root(part)
    ids = _free_ids(part.element, root)
    added = {}
    for comment, comment_id in zip(comments, ids, strict=False):
        root.append(_comment(comment, comment_id))
        added[str(comment_id)] = _mark(part, paragraphs, (comment, comment_id))
    return added


def _comments_root(part: Any) -> Element:
    # Asking for the comments makes python-docx add the part where there is none.
    _ = part.document.comments
    root: Element = part.part_related_by(RELATIONSHIP_TYPE.COMMENTS).element
    return root


def _free_ids(body: Element, root: Element) -> Iterator[int]:
    """Ids that neither a comment nor a stray mark uses. Ids that are no numbers collide with none."""
    marks = body.iter(w("commentRangeStart"), w("commentRangeEnd"), w("commentReference"))
    elements = [*marks, *root.iterchildren(w("comment"))]
    used = {found for element in elements if (found := number(element.get(w("id")))) is not None}
    highest = max(used, default=-1)
    start = highest + 1 if highest < _MAX_ID // 2 else 0
    return (candidate for candidate in count(max(0, start)) if candidate not in used)


def _mark(part: Any, paragraphs: list[Element], asked: tuple[ExportComment, int]) -> tuple[int, str]:
    comment, comment_id = asked
    name, _, position = comment.block_origin.partition("#")
    if name != part.partname.lstrip("/"):
        return _mark_note(part, paragraphs, asked)
    index = number(position)
    if index is None or not 0 <= index < len(paragraphs):
        raise Permanent("export/check-failed", "A finding stands on a paragraph that the document has not.")
    return index, mark_words(paragraphs[index], (comment.start, comment.end), comment_id)


def _mark_note(part: Any, paragraphs: list[Element], asked: tuple[ExportComment, int]) -> tuple[int, str]:
    comment, comment_id = asked
    run = _note_reference(part, comment.block_origin)
    if run is None:
        raise Permanent("export/check-failed", "A finding stands in a note that the document has not.")
    paragraph = next(run.iterancestors(PARAGRAPH))
    mark_elements(run, run, comment_id)
    words = "".join(node.text or "" for node in run.iterchildren(w("t")))
    return paragraphs.index(paragraph), words


def _note_reference(part: Any, origin: str) -> Element | None:
    """The run with the note's mark in the text."""
    name, _, position = origin.partition("#")
    related = (rel.target_part for rel in part.rels.values() if not rel.is_external)
    notes = next((found for found in related if found.partname.lstrip("/") == name), None)
    index = number(position)
    if notes is None or index is None:
        return None
    root = etree.fromstring(notes.blob, etree.XMLParser(resolve_entities=False, no_network=True))
    paragraph = next((item for at, item in enumerate(root.iter(PARAGRAPH)) if at == index), None)
    note = next(paragraph.iterancestors(*_NOTES), None) if paragraph is not None else None
    if note is None:
        return None
    marks = part.element.iter(_NOTES[note.tag])
    wanted = (mark for mark in marks if mark.get(w("id")) == note.get(w("id")))
    shown = (mark for mark in wanted if next(mark.iterancestors(*REMOVED), None) is None)
    return next((next(mark.iterancestors(RUN)) for mark in shown), None)


def _comment(comment: ExportComment, comment_id: int) -> Any:
    element = OxmlElement("w:comment")
    element.set(w("id"), str(comment_id))
    element.set(w("author"), comment.author)
    element.set(w("date"), comment.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    element.set(w("initials"), comment.initials)
    for position, line in enumerate(comment.text_lines or ("",)):
        element.append(_comment_paragraph(line, is_first=position == 0))
    return element


def _comment_paragraph(line: str, *, is_first: bool) -> Any:
    paragraph, properties, style = OxmlElement("w:p"), OxmlElement("w:pPr"), OxmlElement("w:pStyle")
    style.set(w("val"), "CommentText")
    properties.append(style)
    paragraph.append(properties)
    if is_first:
        mark = OxmlElement("w:r")
        mark.append(OxmlElement("w:annotationRef"))
        paragraph.append(mark)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = line
    text.set(_SPACE, "preserve")
    run.append(text)
    paragraph.append(run)
    return paragraph
