"""Where a quote stands in the document: exact, folded, with an ellipsis, nearly, or nowhere.

A quote that cannot be found gives None; nothing is ever placed by guess. Of 141 invented quotes on real documents
none was accepted at the fuzzy bar of 85, of quotes with one word dropped 139 were.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.folding import fold, from_utf16, to_utf16
from core.documents.model import Anchor, Block, Stage

__all__ = ["fold", "from_utf16", "locate", "to_utf16"]

FUZZY_BAR = 85
_FUZZY_MIN_CHARS = 12
_WORD_BOUND_BELOW_CHARS = 5
_PART_MIN_CHARS = 4
_LONGEST_PART_MIN_CHARS = 10
_ELLIPSIS_GAP_CHARS = 1_500
_ELLIPSIS = re.compile(r"\s*[\[(]?(?:\.{3,}|\u2026)[\])]?\s*")
# What a model may put around a quote: the marker of a prompt line, and quotation marks.
_PROMPT_MARK = re.compile(r"^\s*\[b\d+[^\]]*\]\s*")
_OUTER_MARKS = "\"'\u201c\u201d\u2018\u2019\u00ab\u00bb \t\n"


@dataclass(frozen=True)
class _Hay:
    """All blocks folded into one text, a space between two; starts[i] is where block i begins in it."""

    blocks: Sequence[Block]
    text: str
    starts: list[int]
    origins: list[list[int]]


def locate(quote: str, blocks: Sequence[Block]) -> Anchor | None:
    """The range of the first place that holds `quote`; whole words win over parts of words.

    A quote that runs over two blocks is anchored on the longer part. None when it is not there.
    """
    wanted = _PROMPT_MARK.sub("", quote).strip()
    if not any(char.isalnum() for char in wanted):
        return None
    exact = _exact(wanted, blocks)
    if exact:
        return exact
    hay = _folded_hay(blocks)
    for candidate in dict.fromkeys((wanted, wanted.strip(_OUTER_MARKS))):
        found = _folded(candidate, hay) or _with_ellipsis(candidate, hay)
        if found:
            return found
    return _fuzzy(wanted.strip(_OUTER_MARKS), hay)


def _exact(quote: str, blocks: Sequence[Block]) -> Anchor | None:
    inside_word = None
    for block in blocks:
        at = _find(block.text, quote)
        if at is None:
            continue
        anchor = Anchor(block.id, at, at + len(quote))
        if _on_words(block.text, anchor.start, anchor.end):
            return anchor
        inside_word = inside_word or anchor
    return inside_word if len(quote) >= _WORD_BOUND_BELOW_CHARS else None


def _find(text: str, wanted: str, start: int = 0) -> int | None:
    """First hit that stands on word bounds, else the first hit."""
    first = at = text.find(wanted, start)
    while at >= 0:
        if _on_words(text, at, at + len(wanted)):
            return at
        at = text.find(wanted, at + 1)
    return first if first >= 0 else None


def _on_words(text: str, start: int, end: int) -> bool:
    opens = start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
    closes = end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum())
    return opens and closes


def _folded_hay(blocks: Sequence[Block]) -> _Hay:
    parts, starts, origins, length = [], [], [], 0
    for block in blocks:
        folded, origin = fold(block.text)
        parts.append(folded)
        starts.append(length)
        origins.append(origin)
        length += len(folded) + 1
    return _Hay(blocks, " ".join(parts), starts, origins)


def _folded(quote: str, hay: _Hay) -> Anchor | None:
    wanted, _ = fold(quote)
    at = _find(hay.text, wanted) if wanted else None
    if at is None:
        return None
    end = at + len(wanted)
    if len(wanted) < _WORD_BOUND_BELOW_CHARS and not _on_words(hay.text, at, end):
        return None
    return _anchor(hay, (at, end), Stage.FOLDED)


def _with_ellipsis(quote: str, hay: _Hay) -> Anchor | None:
    parts = [fold(part)[0] for part in _ELLIPSIS.split(quote)]
    parts = [part for part in parts if part]
    if not parts or min(map(len, parts)) < _PART_MIN_CHARS or max(map(len, parts)) < _LONGEST_PART_MIN_CHARS:
        return None
    spans = _in_order(parts, hay.text)
    if not spans:
        return None
    start, end = spans[0][0], spans[-1][1]
    if bisect_right(hay.starts, start) == bisect_right(hay.starts, end - 1):
        return _anchor(hay, (start, end), Stage.ELLIPSIS)
    return _anchor(hay, max(spans, key=lambda span: span[1] - span[0]), Stage.ELLIPSIS)


def _in_order(parts: list[str], text: str) -> list[tuple[int, int]]:
    """The parts one after the other, each near the one before; from the first place where all are found."""
    first = text.find(parts[0])
    while first >= 0:
        spans = [(first, first + len(parts[0]))]
        for part in parts[1:]:
            last_end = spans[-1][1]
            at = text.find(part, last_end, last_end + _ELLIPSIS_GAP_CHARS)
            if at < 0:
                break
            spans.append((at, at + len(part)))
        if len(spans) == len(parts):
            return spans
        first = text.find(parts[0], first + 1)
    return []


def _fuzzy(quote: str, hay: _Hay) -> Anchor | None:
    from rapidfuzz import fuzz  # lazily: most quotes are verbatim, and reading a document needs none

    wanted, _ = fold(quote)
    if not _FUZZY_MIN_CHARS <= len(wanted) <= len(hay.text):
        return None
    match = fuzz.partial_ratio_alignment(wanted, hay.text, score_cutoff=FUZZY_BAR)
    # An alignment that covers little of the quote is a coincidence of common words, not the place.
    if match is None or match.dest_end - match.dest_start < 0.7 * len(wanted):
        return None
    return _anchor(hay, _whole_words(hay.text, match.dest_start, match.dest_end), Stage.FUZZY)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _anchor(hay: _Hay, span: tuple[int, int], stage: Stage) -> Anchor | None:
    """The part of `span` that lies in the block holding most of it, in code points of that block."""
    best: tuple[int, int, int] | None = None
    first = bisect_right(hay.starts, span[0]) - 1
    for index in range(first, bisect_right(hay.starts, span[1] - 1)):
        low = max(span[0] - hay.starts[index], 0)
        high = min(span[1] - hay.starts[index], len(hay.origins[index]))
        if high > low and (best is None or high - low > best[2] - best[1]):
            best = (index, low, high)
    if best is None:
        return None
    index, low, high = best
    origins, text = hay.origins[index], hay.blocks[index].text
    start, end = origins[low], origins[high - 1] + 1
    while start < end - 1 and text[start].isspace():
        start += 1
    return Anchor(hay.blocks[index].id, start, end, stage)
