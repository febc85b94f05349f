"""Which paragraphs of a PDF read as headings: short ones in larger or bolder print than the text."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.documents.pdf_lines import Paragraph

MAX_CHARS = 120
_SIZE_RATIO = 1.12
_MAX_SHARE = 0.5
_MAX_SHARE_OF_TEXT = 0.25
_LEAST = 2
_INDENT_POINTS = 3.0
_MOST_LEVELS = 3
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[^\W\d_]")
_ENDS_OTHERWISE = (".", ";", ",", ":")


@dataclass(frozen=True)
class _Body:
    """Of most of the text: its size, whether it is bold, its left edge."""

    size: float
    bold: bool
    left: float


def heading_levels(items: Sequence[Paragraph]) -> dict[int, int]:
    """Index of each heading -> its level from 1; none where large and bold print are no sign of one."""
    body = _body(items)
    large = [at for at, item in enumerate(items) if _is_short(item) and item.size >= _SIZE_RATIO * body.size]
    large = large if _are_few(large, items) else []
    sizes = sorted({items[at].size for at in large}, reverse=True)
    levels = {at: min(sizes.index(items[at].size) + 1, _MOST_LEVELS) for at in large}
    bold = [at for at in _bold(items, body) if at not in levels]
    if _are_few(bold, items):
        below = min(len(sizes) + 1, _MOST_LEVELS)
        levels |= {at: _numbered_level(items[at], below) for at in bold}
    return levels


def _body(items: Sequence[Paragraph]) -> _Body:
    sizes, bold, lefts = Counter[float](), Counter[bool](), Counter[float]()
    for item in items:
        if not item.flag:
            sizes[item.size] += len(item.text)
            bold[item.bold] += len(item.text)
            lefts[round(item.left)] += len(item.text)
    if not sizes:
        return _Body(size=0.0, bold=False, left=0.0)
    return _Body(sizes.most_common(1)[0][0], bold.most_common(1)[0][0], lefts.most_common(1)[0][0])


def _are_few(headings: Sequence[int], items: Sequence[Paragraph]) -> bool:
    """More than a share of the document is print that says nothing about its parts."""
    chars, most_chars = sum(len(items[at].text) for at in headings), sum(len(item.text) for item in items)
    few = _LEAST <= len(headings) <= _MAX_SHARE * len(items)
    return few and chars <= _MAX_SHARE_OF_TEXT * most_chars


def _bold(items: Sequence[Paragraph], body: _Body) -> Iterator[int]:
    """Bold lines where text begins, each with a paragraph of plain text under it."""
    if body.bold:
        return
    for at, (item, under) in enumerate(pairwise(items)):
        is_line = item.bold and item.lines == 1 and _is_short(item) and item.size >= 0.95 * body.size
        has_text = not under.bold and not under.flag and len(under.text) > len(item.text)
        at_margin = abs(item.left - body.left) <= _INDENT_POINTS
        if is_line and has_text and at_margin and not item.text.endswith(_ENDS_OTHERWISE):
            yield at


def _numbered_level(item: Paragraph, otherwise: int) -> int:
    numbered = _NUMBERED.match(item.text)
    depth = numbered.group(1).count(".") if numbered else 0
    return min(otherwise + depth, _MOST_LEVELS)


def _is_short(item: Paragraph) -> bool:
    return (
        not item.flag
        and not item.cell
        and len(item.text) <= MAX_CHARS
        and any(char.isalpha() for char in item.text)
    )
