"""Differences that the figures before them do not make: "2,214 instead of 2,387 ... the difference of 137"."""

import re
from collections.abc import Iterator
from itertools import combinations

from core.rules.currencies import CURRENCY
from core.rules.dates import without_dates
from core.rules.number_words import value_of
from core.rules.rule import Hit, hit_in
from core.rules.view import Sentence

_VALUE = r"\d{1,3}(?:,\d{3})+|\d+"
_WHOLE = re.compile(rf"(?<![\w\-/.:#,])(?:{_VALUE})(?![\w%]|[,.:]\d|-\w)")
_TOLD = re.compile(
    rf"\b[Tt]he (?:difference|gap|shortfall|surplus|deficit)(?: of| is| was|:)"
    rf" (?:{CURRENCY} ?)?(?P<value>{_VALUE})(?![\w%]|[,.:]\d|-\w)(?: [a-z]+s\b)?"
)
_PAIR = re.compile(
    rf"(?<![\w\-/.:#,])(?P<one>{_VALUE})(?: [a-z]+){{0,3}} (?:instead of|rather than|against|compared (?:with|to))"
    rf"(?: (?:the|its|their))?(?: {CURRENCY})? ?(?P<other>{_VALUE})(?![\w%]|[,.:]\d|-\w)"
)
_NEAR_BEFORE = 500
_MOST_FIGURES = 8
_LEAST = 10


def wrong_differences(sentence: Sentence) -> Iterator[Hit]:
    """The words that tell the difference, where two are set against each other before and no two make it."""
    match = _TOLD.search(sentence.text)
    if match is None or sentence.block.cell is not None:
        return
    at = sentence.start + match.start()
    before = without_dates(sentence.block.text[max(0, at - _NEAR_BEFORE) : at])
    pairs = list(_PAIR.finditer(before))
    told = value_of(match["value"])
    if not pairs or told < _LEAST:
        return
    figures = [value_of(one) for one in _WHOLE.findall(before)][-_MOST_FIGURES:]
    if told in figures or any(abs(one - other) == told for one, other in combinations(figures, 2)):
        return
    one, other = value_of(pairs[-1]["one"]), value_of(pairs[-1]["other"])
    yield hit_in(
        sentence,
        *match.span(),
        reason=f"Between {one:,} and {other:,} lie {abs(one - other):,}, not {told:,}.",
        suggestion="Work the difference out again, or say between which figures it lies.",
        questions=("Which of the three figures is wrong?",),
    )
