"""Marks a comment's place around exact words of a paragraph: runs are split where the words begin and end."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.oxml.parser import OxmlElement

from core.documents.docx_text import Piece, paragraph_pieces, paragraph_text
from core.documents.ooxml import Element, w
from core.export.comment_xml import SPACE

_RUN_PROPERTIES = w("rPr")


@dataclass(frozen=True)
class _Placed:
    """A piece and the offset in the paragraph's text at which it begins."""

    piece: Piece
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.piece.text)


def mark_words(places: Sequence[tuple[Element, tuple[int, int]]], comment_id: int) -> list[str]:
    """Marks `places` with a comment; returns the words marked in each.

    places: w:p and span of its text (code points, end excluded); several are marked from the first one's start
    to the last one's end. An equation, a field or ruby text is marked whole; a span outside the text marks all
    of it.
    """
    texts = [paragraph_text(paragraph) for paragraph, _ in places]
    spans = [_widened(*place) for place in places]
    for at in range(1, len(spans)):
        spans[at - 1], spans[at] = (spans[at - 1][0], len(texts[at - 1])), (0, spans[at][1])
    # Cutting the start first leaves the words in the right-hand run; the other order gives empty ranges.
    first = _cut_before(_placed(places[0][0]), spans[0][0])
    mark_elements(first, _cut_after(_placed(places[-1][0]), spans[-1][1]), comment_id)
    return [text[slice(*span)] for text, span in zip(texts, spans, strict=True)]


def words_between(paragraph: Element, span: tuple[int, int]) -> list[Piece]:
    """The pieces of text that `span` touches; [] where it is not a stretch of the paragraph's text."""
    placed = _placed(paragraph)
    if not 0 <= span[0] < span[1] <= sum(len(item.piece.text) for item in placed):
        return []
    return [item.piece for item in placed if item.start < span[1] and item.end > span[0]]


def cut_out(paragraph: Element, span: tuple[int, int]) -> tuple[Element, Element]:
    """The first and the last element of `span`, cut so that they hold nothing else."""
    # The start first: see mark_words.
    first = _cut_before(_placed(paragraph), span[0])
    return first, _cut_after(_placed(paragraph), span[1])


def mark_elements(first: Element, last: Element, comment_id: int) -> None:
    """Marks from `first` to `last`, with the reference run that shows the comment."""
    first.addprevious(_mark("w:commentRangeStart", comment_id))
    reference = OxmlElement("w:r")
    properties, style = OxmlElement("w:rPr"), OxmlElement("w:rStyle")
    style.set(w("val"), "CommentReference")
    properties.append(style)
    reference.append(properties)
    reference.append(_mark("w:commentReference", comment_id))
    last.addnext(reference)
    last.addnext(_mark("w:commentRangeEnd", comment_id))


def _mark(name: str, comment_id: int) -> Any:
    mark = OxmlElement(name)
    mark.set(w("id"), str(comment_id))
    return mark


def _placed(paragraph: Element) -> list[_Placed]:
    placed, start = [], 0
    for piece in paragraph_pieces(paragraph):
        placed.append(_Placed(piece, start))
        start += len(piece.text)
    return placed


def _widened(paragraph: Element, span: tuple[int, int]) -> tuple[int, int]:
    """The span, widened at both ends over what cannot be split. All of the text for a span outside it."""
    placed = _placed(paragraph)
    start, end = span if 0 <= span[0] < span[1] <= placed[-1].end else (0, placed[-1].end)
    first = next(item for item in placed if item.end > start)
    last = next(item for item in reversed(placed) if item.start < end)
    if first.piece.whole:
        start = next(item.start for item in placed if item.piece.unit is first.piece.unit)
    if last.piece.whole:
        end = next(item.end for item in reversed(placed) if item.piece.unit is last.piece.unit)
    return start, end


def _cut_before(placed: list[_Placed], offset: int) -> Element:
    """The element that begins at `offset`, cut there if need be."""
    item = next(item for item in placed if item.end > offset)
    piece, inside = item.piece, offset - item.start
    nodes_before = [node for node in piece.node.itersiblings(preceding=True) if node.tag != _RUN_PROPERTIES]
    if piece.whole or (inside == 0 and not nodes_before):
        return piece.unit
    return _split(piece, inside)


def _cut_after(placed: list[_Placed], offset: int) -> Element:
    """The element that ends at `offset`, cut there if need be."""
    item = next(item for item in reversed(placed) if item.start < offset)
    piece, inside = item.piece, offset - item.start
    is_run_end = inside == len(piece.text) and piece.node.getnext() is None
    if not piece.whole and not is_run_end:
        _split(piece, inside)
    return piece.end


def _split(piece: Piece, inside: int) -> Element:
    """Moves what follows `inside` characters of the piece into a new run of the same look; gives that run."""
    run, node = piece.unit, piece.node
    right = OxmlElement("w:r")
    for name, text in run.attrib.items():
        right.set(name, text)
    properties = run.find(_RUN_PROPERTIES)
    if properties is not None:
        right.append(copy.deepcopy(properties))
    following = list(node.itersiblings())
    if inside == 0:
        following.insert(0, node)
    elif inside < len(piece.text):
        right.append(_text(piece.text[inside:]))
        node.text = piece.text[:inside]
        node.set(SPACE, "preserve")
    for moved in following:
        right.append(moved)
    run.addnext(right)
    return right  # type: ignore[no-any-return]


def _text(words: str) -> Any:
    node = OxmlElement("w:t")
    node.text = words
    node.set(SPACE, "preserve")
    return node
