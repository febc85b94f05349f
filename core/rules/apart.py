"""Whether two sentences with like figures speak of two things: then their figures may differ."""

import re

from core.rules.dates import MONTHS
from core.rules.lexicon import alternatives
from core.rules.view import View

_FAMILIES = (*(frozenset(one.split()) for one in alternatives("opposites")), frozenset(MONTHS))
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LEAST_WORDS = 3
_MOST_DIFFERING = 2


def told_apart(one: str, other: str) -> bool:
    """ "The north has 1,482 shops", "The south has 1,842": words that exclude each other, other years, or one frame
    with another word in it."""
    first, second = _WORD.findall(one.lower()), _WORD.findall(other.lower())
    mine, others = set(first), set(second)
    excluded = any((mine & family) - others and (others & family) - mine for family in _FAMILIES)
    years = set(_YEAR.findall(one)), set(_YEAR.findall(other))
    return excluded or (all(years) and years[0].isdisjoint(years[1])) or _one_frame(first, second)


def sentence_at(view: View, block_id: str, start: int) -> str:
    """The text of the sentence that holds this place; empty for a heading."""
    found = (one.text for one in view.by_block.get(block_id, ()) if one.start <= start < one.end)
    return next(found, "")


def _one_frame(first: list[str], second: list[str]) -> bool:
    if len(first) != len(second) or len(first) < _LEAST_WORDS:
        return False
    differing = sum(one != other for one, other in zip(first, second, strict=True))
    return 0 < differing <= _MOST_DIFFERING
