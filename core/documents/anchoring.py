"""Finds a quote in the document: exact, folded, with an ellipsis, nearly, or not at all.

If a quote cannot be found the result is None; a place is never guessed. Of 141 invented quotes on real documents
none was accepted at the fuzzy threshold of 85, of quotes with one word dropped 139 were.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from unicodedata import combining

from core.documents.folding import fold, from_utf16, to_utf16
from core.documents.model import Anchor, AnchorPart, Block, Stage

__all__ = ["Context", "fold", "from_utf16", "locate", "to_utf16"]

FUZZY_BAR = 85
_FUZZY_MIN_CHARS = 12
_WORD_BOUND_BELOW_CHARS = 5
_PART_MIN_CHARS = 4
_LONGEST_PART_MIN_CHARS = 10
_ELLIPSIS_GAP_CHARS = 1_500
_MOST_HITS = 200
"""In one block, or folded in all; quotes are not so common, and text made of one word must not take long."""
_AROUND_CHARS = 400
_WORD = re.compile(r"[^\W_]{4,}")
_ELLIPSIS = re.compile(r" ?[\[(]?(?:\.{3,}|\u2026)[\])]? ?")
# What a model may put around a quote: the markers of prompt lines, and quotation marks.
_PROMPT_MARK = re.compile(r"^[ \t]*\[b\d{1,9}[^\]\n]{0,60}\][ \t]*", re.MULTILINE)
# What prompts and people write between two cells, or two paragraphs of one.
_BETWEEN_BLOCKS = re.compile(r" [|\u00b6/](?: [|\u00b6/])* ")
_MARKDOWN = re.compile(r"\\(?=[^\w\s])|[*`]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)")
_OUTER_MARKS = "\"'\u201c\u201d\u2018\u2019\u00ab\u00bb \t\n"


@dataclass(frozen=True)
class _Hay:
    """All blocks folded into one text, a space between two; starts[i] is where block i begins in it."""

    blocks: Sequence[Block]
    text: str
    starts: list[int]
    origins: list[list[int]]


@dataclass(frozen=True)
class Context:
    """What distinguishes equal places; "" where it is not known.

    block_id: the block that the words are said to stand in. before, after: the words around them, as in an earlier
    version of the document. about: what is said about them; it often repeats words of the right place.
    """

    block_id: str = ""
    before: str = ""
    after: str = ""
    about: str = ""


NO_CONTEXT = Context()


def locate(quote: str, blocks: Sequence[Block], context: Context = NO_CONTEXT) -> Anchor | None:
    """Returns the place of `quote` in the blocks, or None if it is not there.

    Whole words win over parts of words. Of several such places the one that `context` fits best, else the first. A
    quote may run over several blocks.
    """
    wanted = _PROMPT_MARK.sub("", quote).strip()
    if not any(char.isalnum() for char in wanted):
        return None
    exact = _exact(wanted, blocks, context)
    if exact:
        return exact
    hay = _folded_hay(blocks)
    bare = wanted.strip(_OUTER_MARKS)
    joined = _BETWEEN_BLOCKS.sub(" ", " ".join(bare.split()))
    for candidate in dict.fromkeys((wanted, bare, joined, _unadorned(joined, blocks))):
        found = _folded(candidate, hay, context) or _with_ellipsis(candidate, hay)
        if found:
            return found
    return _fuzzy(bare, hay)


def _unadorned(quote: str, blocks: Sequence[Block]) -> str:
    """The quote without Markdown or HTML that an answer has put around the words, and without an automatic number."""
    words = unescape(_MARKDOWN.sub("", quote))
    first, _, rest = words.partition(" ")
    is_label = any(block.label and block.label == first.rstrip(".") for block in blocks)
    return rest if is_label else words


def _exact(quote: str, blocks: Sequence[Block], context: Context) -> Anchor | None:
    hits = [(block, span) for block in blocks for span in _hits(block.text, quote)]
    whole = [(block, span) for block, span in hits if _on_words(block.text, *span)]
    if not whole and len(quote) < _WORD_BOUND_BELOW_CHARS:
        return None
    anchors = [Anchor(block.id, start, _marks_end(block.text, end)) for block, (start, end) in whole or hits]
    return _best(anchors, blocks, context)


def _hits(text: str, wanted: str) -> list[tuple[int, int]]:
    """Where `wanted` stands between word borders; where it stands so nowhere, its first place."""
    first = at = text.find(wanted)
    whole: list[tuple[int, int]] = []
    while at >= 0 and len(whole) < _MOST_HITS:
        if _on_words(text, at, at + len(wanted)):
            whole.append((at, at + len(wanted)))
        at = text.find(wanted, at + 1)
    return whole or ([(first, first + len(wanted))] if first >= 0 else [])


def _marks_end(text: str, end: int) -> int:
    """An accent written as a character of its own belongs to the letter before it."""
    while end < len(text) and combining(text[end]):
        end += 1
    return end


def _best(anchors: Sequence[Anchor], blocks: Sequence[Block], context: Context) -> Anchor | None:
    if len(anchors) < 2 or context == NO_CONTEXT:
        return anchors[0] if anchors else None
    texts = {block.id: block.text for block in blocks}
    about = set(_words(context.about))
    before, after = fold(context.before)[0], fold(context.after)[0]

    def fit(anchor: Anchor) -> tuple[bool, int, int]:
        first, last = anchor.parts[0], anchor.parts[-1]
        text_before = texts[first.block_id][max(0, first.start - _AROUND_CHARS) : first.start]
        text_after = texts[last.block_id][last.end : last.end + _AROUND_CHARS]
        same = _same_chars(before[::-1], fold(text_before)[0][::-1]) + _same_chars(after, fold(text_after)[0])
        said = about & {*_words(text_before), *_words(text_after)}
        return first.block_id == context.block_id, same, len(said)

    return max(anchors, key=fit)


def _same_chars(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


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


def _folded(quote: str, hay: _Hay, context: Context) -> Anchor | None:
    wanted, _ = fold(quote)
    spans = _hits(hay.text, wanted) if wanted else []
    if len(wanted) < _WORD_BOUND_BELOW_CHARS:
        spans = [span for span in spans if _on_words(hay.text, *span)]
    # Words that happen to meet where two blocks do are not the place if they stand together elsewhere.
    spans = [span for span in spans if _in_one_block(hay, span)] or spans
    anchors = [_anchor(hay, span, Stage.FOLDED) for span in spans]
    return _best([anchor for anchor in anchors if anchor], hay.blocks, context)


def _with_ellipsis(quote: str, hay: _Hay) -> Anchor | None:
    parts = [fold(part)[0] for part in _ELLIPSIS.split(" ".join(quote.split()))]
    parts = [part for part in parts if part]
    if not parts or min(map(len, parts)) < _PART_MIN_CHARS or max(map(len, parts)) < _LONGEST_PART_MIN_CHARS:
        return None
    spans = _in_order(parts, hay.text)
    return _anchor(hay, (spans[0][0], spans[-1][1]), Stage.ELLIPSIS) if spans else None


def _in_one_block(hay: _Hay, span: tuple[int, int]) -> bool:
    return bisect_right(hay.starts, span[0]) == bisect_right(hay.starts, span[1] - 1)


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
    """`span` of the folded text, in code points of each block that it runs over."""
    indexes = range(bisect_right(hay.starts, span[0]) - 1, bisect_right(hay.starts, span[1] - 1))
    parts = [part for index in indexes if (part := _part(hay, span, index))]
    if stage is Stage.FUZZY:
        parts = _without_ragged_ends(parts)
    if not parts:
        return None
    first, *more = parts
    return Anchor(first.block_id, first.start, first.end, stage, tuple(more))


def _part(hay: _Hay, span: tuple[int, int], index: int) -> AnchorPart | None:
    block, origins = hay.blocks[index], hay.origins[index]
    low, high = max(span[0] - hay.starts[index], 0), min(span[1] - hay.starts[index], len(origins))
    if high <= low:
        return None
    start, end = origins[low], _marks_end(block.text, origins[high - 1] + 1)
    while start < end - 1 and block.text[start].isspace():
        start += 1
    while end > start + 1 and block.text[end - 1].isspace():
        end -= 1
    return AnchorPart(block.id, start, end)


def _without_ragged_ends(parts: list[AnchorPart]) -> list[AnchorPart]:
    """A word or two over the edge of a block are an accident of the alignment."""
    long = [at for at, part in enumerate(parts) if part.end - part.start >= _FUZZY_MIN_CHARS]
    if not long:
        return sorted(parts, key=lambda part: part.start - part.end)[:1]
    return parts[long[0] : long[-1] + 1]
