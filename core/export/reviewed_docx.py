"""A Word document with comments on exact words, read back and checked before anyone gets it.

Existing comments, their ids and tracked changes stay as they are. Runs in the limited child.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import PartFactory
from docx.package import Package
from docx.parts.document import DocumentPart

from core.documents.docx_package import open_package
from core.documents.docx_text import paragraph_text
from core.documents.ooxml import PARAGRAPH, REMOVED, RUN, TEXT_BOX, Element, number, parse_xml, w
from core.errors import Permanent
from core.export.comment_check import Snapshot, check, snapshot
from core.export.comment_marks import mark_elements, mark_words
from core.export.comment_threads import Threaded, join_threads
from core.export.comment_xml import comment_element, comment_paragraph, signed
from core.export.model import ExportReport, Remark, Summary
from core.export.package_check import more_faults, package_faults
from core.export.summary_page import add_summary, drop_summary
from core.export.tracked_rewrites import Rewrite, free_change_ids, rewrite_words, take_back
from core.export.unreached_parts import restore_unreached

_MAX_ID = 2**31 - 1
_NOTES = {w("footnote"): w("footnoteReference"), w("endnote"): w("endnoteReference")}
_TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"


@dataclass(frozen=True)
class WordsAt:
    """Code points `start` to `end` of the block with that origin; start == end: all of it."""

    block_origin: str
    start: int
    end: int


@dataclass(frozen=True)
class ExportComment(Remark):
    """A comment on code points `start` to `end` of the block with that origin; start == end: on all of it.

    A block in a foot- or endnote gets its comment on the note's mark in the text: Word allows none in notes.
    more: where the words go on. replies, resolved: as Word's own. rewrite: words for a tracked change in place of
    those, or a line of the comment where none can be made; "" for none.
    """

    block_origin: str
    start: int
    end: int
    more: tuple[WordsAt, ...] = ()
    replies: tuple[Remark, ...] = ()
    resolved: bool = False
    rewrite: str = ""


@dataclass
class _Written:
    """places: comment id -> number of the w:p -> words marked. texts: of the w:p that were rewritten."""

    places: dict[str, dict[int, str]] = field(default_factory=dict)
    threads: list[Threaded] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    changes: set[str] = field(default_factory=set)
    rewritten: int = 0
    leading: int = 0


@dataclass(frozen=True)
class _Asked:
    """A rewrite of words marked in these w:p, and the comment that says so."""

    marked: dict[int, str]
    rewrite: Rewrite
    comment: Any

    @property
    def index(self) -> int:
        return next(iter(self.marked))

    @property
    def is_exact(self) -> bool:
        """Whether what is marked is what was asked for, in one paragraph."""
        return [len(words) for words in self.marked.values()] == [self.rewrite.end - self.rewrite.start]


def write_reviewed(
    source: Path, target: Path, comments: Sequence[ExportComment], *, summary: Summary | None = None
) -> ExportReport:
    """Writes the copy with comments to `target`.

    Raises Permanent export/check-failed when it is not exactly as it should be.
    """
    with open_package(source) as package:
        before, faults = snapshot(package, source), package_faults(package, source)
    part = _open(source)
    written = _Written()
    if comments:
        _add_all(part, comments, written)
    if summary is not None:
        written.leading = add_summary(part.element.body, summary)
    part.package.save(str(target))
    restore_unreached(source, target)
    _check_copy(target, written, before=before, faults=faults)
    return ExportReport(len(written.places), len(before.comments), written.rewritten)


def _check_copy(target: Path, written: _Written, *, before: Snapshot, faults: Counter[str]) -> None:
    """Without what was put in, the copy must be the document; with it, only the rewritten words may differ."""
    with open_package(target) as package:
        more = more_faults(faults, package_faults(package, target))
        body = package.body()
        main = body.find(w("body"))
        drop_summary(main if main is not None else body, written.leading)
        shown = tuple(paragraph_text(paragraph) for paragraph in body.iter(PARAGRAPH))
        take_back(body, written.changes)
        after = snapshot(package, target, body)
    check(before, after, written.places)
    expected = tuple(written.texts.get(index, text) for index, text in enumerate(before.texts))
    if shown != expected:
        raise Permanent(
            "export/check-failed", "In the copy a tracked change replaced other words than it should."
        )
    if more:
        raise Permanent("export/check-failed", f"The copy has {' and '.join(more)}.")


def _open(source: Path) -> Any:
    # python-docx knows documents only; a template is the same but for its content type.
    PartFactory.part_type_for.setdefault(_TEMPLATE, DocumentPart)
    return Package.open(str(source)).main_document_part


def _add_all(part: Any, comments: Sequence[ExportComment], written: _Written) -> None:
    paragraphs: list[Element] = list(part.element.iter(PARAGRAPH))
    root = _comments_root(part)
    ids = _free_ids(part.element, root)
    rewrites: list[_Asked] = []
    for comment in comments:
        first = len(written.threads)
        for position, said in enumerate((comment, *comment.replies)):
            comment_id = next(ids)
            signature = {"id": str(comment_id), **signed(said.author, said.at), "initials": said.initials}
            element = comment_element(said.text_lines, signature)
            root.append(element)
            # Word shows a reply where its comment stands, so it has the same marks.
            marked = written.places[str(comment_id)] = _mark(part, paragraphs, (comment, comment_id))
            written.threads.append(Threaded(element, first if position else None, comment.resolved))
        if comment.rewrite:
            change = Rewrite(comment.start, comment.end, comment.rewrite, signed(comment.author, comment.at))
            rewrites.append(_Asked(marked, change, written.threads[first].element))
    _rewrite_all(part.element, paragraphs, (rewrites, written))
    join_threads(part, root, written.threads)


def _rewrite_all(body: Element, paragraphs: list[Element], asked: tuple[list[_Asked], _Written]) -> None:
    """Makes the tracked changes, from the end of a paragraph to its beginning, so that none moves another's place."""
    rewrites, written = asked
    ids = free_change_ids(body)
    done: dict[int, int] = {}
    for one in sorted(rewrites, key=lambda one: (one.index, one.rewrite.start), reverse=True):
        index, rewrite = one.index, one.rewrite
        before = paragraph_text(paragraphs[index])
        is_free = one.is_exact and rewrite.end <= done.get(index, rewrite.end)
        made = rewrite_words(paragraphs[index], rewrite, ids) if is_free else set()
        if not made:
            one.comment.append(comment_paragraph(f"Suggested text: {rewrite.words}"))
            continue
        written.changes |= made
        written.rewritten += 1
        written.texts[index] = f"{before[: rewrite.start]}{rewrite.words}{before[rewrite.end :]}"
        done[index] = rewrite.start


def _comments_root(part: Any) -> Element:
    # Asking for the comments makes python-docx add the part where there is none.
    _ = part.document.comments
    root: Element = part.part_related_by(RELATIONSHIP_TYPE.COMMENTS).element
    return root


def _free_ids(body: Element, root: Element) -> Iterator[int]:
    """Comment ids that neither a comment nor a stray mark uses. Ids that are no numbers collide with none."""
    marks = body.iter(w("commentRangeStart"), w("commentRangeEnd"), w("commentReference"))
    elements = [*marks, *root.iterchildren(w("comment"))]
    used = {found for element in elements if (found := number(element.get(w("id")))) is not None}
    highest = max(used, default=-1)
    start = highest + 1 if highest < _MAX_ID // 2 else 0
    return (candidate for candidate in count(max(0, start)) if candidate not in used)


def _mark(part: Any, paragraphs: list[Element], asked: tuple[ExportComment, int]) -> dict[int, str]:
    """Number of each w:p -> the words marked in it."""
    comment, comment_id = asked
    name = part.partname.lstrip("/")
    if comment.block_origin.partition("#")[0] != name:
        return _mark_note(part, paragraphs, asked)
    asked_for: tuple[ExportComment | WordsAt, ...] = (comment, *comment.more)
    places = {_index(place, paragraphs): (place.start, place.end) for place in asked_for}
    first = next(iter(places))
    # Marks that begin in the text and end in a text box would be two halves of nothing.
    story = _story(paragraphs[first])
    within = {at: span for at, span in places.items() if at >= first and _story(paragraphs[at]) is story}
    words = mark_words([(paragraphs[at], span) for at, span in within.items()], comment_id)
    return dict(zip(within, words, strict=True))


def _index(place: ExportComment | WordsAt, paragraphs: list[Element]) -> int:
    index = number(place.block_origin.partition("#")[2])
    if index is None or not 0 <= index < len(paragraphs):
        raise Permanent("export/check-failed", "A finding stands on a paragraph that the document has not.")
    return index


def _story(paragraph: Element) -> Element | None:
    """The text box that it stands in."""
    return next(paragraph.iterancestors(TEXT_BOX), None)


def _mark_note(part: Any, paragraphs: list[Element], asked: tuple[ExportComment, int]) -> dict[int, str]:
    comment, comment_id = asked
    run = _note_reference(part, comment.block_origin)
    if run is None:
        raise Permanent("export/check-failed", "A finding stands in a note that the document has not.")
    paragraph = next(run.iterancestors(PARAGRAPH))
    mark_elements(run, run, comment_id)
    words = "".join(node.text or "" for node in run.iterchildren(w("t")))
    return {paragraphs.index(paragraph): words}


def _note_reference(part: Any, origin: str) -> Element | None:
    """The run with the note's mark in the text."""
    name, _, position = origin.partition("#")
    related = (rel.target_part for rel in part.rels.values() if not rel.is_external)
    notes = next((found for found in related if found.partname.lstrip("/") == name), None)
    index = number(position)
    if notes is None or index is None:
        return None
    root = parse_xml(notes.blob)
    paragraph = next((item for at, item in enumerate(root.iter(PARAGRAPH)) if at == index), None)
    note = next(paragraph.iterancestors(*_NOTES), None) if paragraph is not None else None
    if note is None:
        return None
    marks = part.element.iter(_NOTES[note.tag])
    wanted = (mark for mark in marks if mark.get(w("id")) == note.get(w("id")))
    shown = (mark for mark in wanted if next(mark.iterancestors(*REMOVED), None) is None)
    return next((next(mark.iterancestors(RUN)) for mark in shown), None)
