"""Which paragraphs of a PDF read as headings: short ones in larger or bolder print than the text."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from core.documents.pdf_lines import Paragraph

MAX_CHARS = 120
_SIZE_RATIO = 1.12
_MAX_SHARE = 0.25
_LEAST = 2
_INDENT_POINTS = 3.0
_MOST_LEVELS = 3
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[^\W\d_]")
_ENDS_OTHERWISE = (".", ";", ",", ":")


def heading_levels(items: Sequence[Paragraph]) -> dict[int, int]:
    """Index of each heading -> its level from 1; none where large and bold print are no sign of one."""
    body = _body(items)
    large = [at for at, item in enumerate(items) if _is_short(item) and item.size >= _SIZE_RATIO * body[0]]
    large = large if _LEAST <= len(large) <= _MAX_SHARE * len(items) else []
    sizes = sorted({items[at].size for at in large}, reverse=True)
    levels = {at: min(sizes.index(items[at].size) + 1, _MOST_LEVELS) for at in large}
    bold = [at for at in _bold(items, body) if at not in levels]
    if _LEAST <= len(bold) <= _MAX_SHARE * len(items):
        below = min(len(sizes) + 1, _MOST_LEVELS)
        levels |= {at: _numbered_level(items[at], below) for at in bold}
    return levels


def _body(items: Sequence[Paragraph]) -> tuple[float, bool, float]:
    """Size, whether bold, and left edge of most of the text."""
    sizes, bold, lefts = Counter[float](), Counter[bool](), Counter[float]()
    for item in items:
        if not item.flag:
            sizes[item.size] += len(item.text)
            bold[item.bold] += len(item.text)
            lefts[round(item.left)] += len(item.text)
    return tuple(count.most_common(1)[0][0] if count else 0 for count in (sizes, bold, lefts))  # type: ignore[return-value]


def _bold(items: Sequence[Paragraph], body: tuple[float, bool, float]) -> Iterator[int]:
    """Bold lines where text begins, each with a paragraph of plain text under it."""
    size, is_bold, left = body
    if is_bold:
        return
    for at, (item, under) in enumerate(zip(items, items[1:], strict=False)):
        is_line = item.bold and item.lines == 1 and _is_short(item) and item.size >= 0.95 * size
        has_text = not under.bold and not under.flag and len(under.text) > len(item.text)
        at_margin = abs(item.left - left) <= _INDENT_POINTS
        if is_line and has_text and at_margin and not item.text.endswith(_ENDS_OTHERWISE):
            yield at


def _numbered_level(item: Paragraph, otherwise: int) -> int:
    numbered = _NUMBERED.match(item.text)
    depth = numbered.group(1).count(".") if numbered else 0
    return min(otherwise + depth, _MOST_LEVELS)


def _is_short(item: Paragraph) -> bool:
    return not item.flag and len(item.text) <= MAX_CHARS and any(char.isalpha() for char in item.text)
