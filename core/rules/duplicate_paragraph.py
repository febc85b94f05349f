"""Paragraphs that stand in the document twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.documents.model import Block, BlockKind
from core.review.finding import FindingType, Risk
from core.rules.placeholders import placeholder_spans
from core.rules.rule import Hit, Rule, Scope
from core.rules.text import TYPED_NUMBER, trim
from core.rules.view import View

_LEAST_WORDS = 12
_SAME = 94.0
"""Percent of equal text from which two paragraphs are one; a changed figure in a list of like items stays below."""
_MOST_PARAGRAPHS = 400
_CONTAINED_WORDS = 20
"""A copy to which a sentence was added is a copy, from so many words on."""
_SHARED_WORDS = 0.85
"""Of the shorter paragraph's words, below which the longer one needs no closer look."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class _Paragraph:
    block: Block
    folded: str
    figures: tuple[str, ...]
    words: frozenset[str]


def _find(view: View) -> Iterator[Hit]:
    seen: list[_Paragraph] = []
    for paragraph in _paragraphs(view)[:_MOST_PARAGRAPHS]:
        twin = next((other for other in seen if _is_twin(paragraph, other)), None)
        if twin is None:
            seen.append(paragraph)
        elif not placeholder_spans(paragraph.block.text):
            # What has still to be replaced is a placeholder, and no copy.
            yield _hit(paragraph, exact=paragraph.folded == twin.folded)


def _paragraphs(view: View) -> list[_Paragraph]:
    found = []
    for block in view.blocks:
        folded = " ".join(TYPED_NUMBER.sub("", block.text).lower().split())
        apart = "textbox" in block.flags or "running" in block.flags
        prose = block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not apart
        if prose and len(_WORD.findall(folded)) >= _LEAST_WORDS:
            figures, words = tuple(_DIGITS.findall(folded)), frozenset(folded.split())
            found.append(_Paragraph(block, folded, figures, words))
    return found


def _is_twin(one: _Paragraph, other: _Paragraph) -> bool:
    """Like items that differ in their figures ("On 3 May ...", "On 4 May ...") are no copies."""
    if one.folded == other.folded:
        return True
    if _holds(one.folded, other.folded) or _holds(other.folded, one.folded):
        return True
    shorter, longer = sorted((one, other), key=lambda paragraph: len(paragraph.folded))
    if not (_is_as_long(shorter, longer) or _is_extended(shorter, longer)):
        return False
    from rapidfuzz import fuzz  # lazily: few documents have two paragraphs that come this far

    like = fuzz.ratio if _is_as_long(shorter, longer) else fuzz.partial_ratio
    return like(shorter.folded, longer.folded) >= _SAME


def _is_as_long(shorter: _Paragraph, longer: _Paragraph) -> bool:
    return len(shorter.folded) >= 0.9 * len(longer.folded) and shorter.figures == longer.figures


def _is_extended(shorter: _Paragraph, longer: _Paragraph) -> bool:
    """Whether the longer one may be the shorter, of two sentences or more, with another before or behind it."""
    if ". " not in shorter.folded or 2 * len(shorter.folded) < len(longer.folded):
        return False
    count = len(shorter.figures)
    beside = shorter.figures in (longer.figures[:count], longer.figures[len(longer.figures) - count :])
    shared = len(shorter.words & longer.words) >= _SHARED_WORDS * len(shorter.words)
    return beside and shared and len(shorter.words) >= _CONTAINED_WORDS


def _holds(longer: str, shorter: str) -> bool:
    return shorter in longer and len(shorter.split()) >= _CONTAINED_WORDS


def _hit(paragraph: _Paragraph, *, exact: bool) -> Hit:
    start, end = trim(paragraph.block.text, (0, len(paragraph.block.text)))
    words = "word for word" if exact else "almost word for word"
    return Hit(
        paragraph.block,
        start,
        end,
        reason=f"This paragraph stands {words} earlier in the document.",
        questions=("Which of the two places is the right one?",),
    )


RULE = Rule(
    slug="duplicate-paragraph",
    title="Repeated paragraph",
    type=FindingType.SUGGESTION,
    risk=Risk.MEDIUM,
    hawkeye_refs=(13,),
    suggestion="Keep it in one place and refer to it from the other.",
    because="Copies drift apart, and a reader looks for the difference.",
    precision="Short lines, cells and like items that differ in a figure are left alone.",
    find=_find,
    scope=Scope.DOCUMENT,
    confidence=0.95,
)
