"""Shares that the counts beside them do not make: "31 of 124 (35%)"."""

import re
from collections.abc import Iterator

from core.rules.dates import without_dates
from core.rules.number_words import value_of
from core.rules.rule import Hit, hit_in
from core.rules.view import Sentence

_COUNT = r"\d{1,3}(?:,\d{3}){1,3}|\d{1,9}"
_SHARE = r"(?P<share>\d{1,3}(?:\.\d+)?) ?(?:%|per cent|percent)"
_NOT_BEFORE = r"(?<![\w\-/.:#,])"
_WORDS = r"(?: [a-z][a-z-]+){0,4}?"
_OF = r"(?:out )?of (?:the |its |their |our |all |these |those |a total of |some )*"
_SHARES = (
    # "31 of the 124 sellers (25%)", "31 of 124, or 25%"
    re.compile(
        rf"{_NOT_BEFORE}(?P<part>{_COUNT}){_WORDS} {_OF}(?P<whole>{_COUNT}){_WORDS}"
        rf"(?: ?\((?:or |that is |i\.e\. |= ?)?|, (?:or |that is |i\.e\. |which is )?| ?= ?| – ){_SHARE}"
    ),
    # "25% (31 of 124)", "25% of the 124 sellers (31)"
    re.compile(rf"{_NOT_BEFORE}{_SHARE}{_WORDS} \((?P<part>{_COUNT}) {_OF}(?P<whole>{_COUNT})(?= ?[a-z )])"),
    re.compile(rf"{_NOT_BEFORE}{_SHARE} {_OF}(?P<whole>{_COUNT}){_WORDS} \((?P<part>{_COUNT})\)"),
)
_ROUNDING = 1.0


def wrong_shares(sentence: Sentence) -> Iterator[Hit]:
    """The share with its counts."""
    text = without_dates(sentence.text)
    for pattern in _SHARES:
        for match in pattern.finditer(text):
            part, whole, share = value_of(match["part"]), value_of(match["whole"]), float(match["share"])
            if whole and part <= whole and abs(100 * part / whole - share) > _rounding(match["share"]):
                yield _hit(
                    sentence,
                    match.span(),
                    f"{part:,} of {whole:,} are {100 * part / whole:.1f}%, not {share:g}%.",
                )


def _rounding(share: str) -> float:
    """ "25%" may stand for 24.6% or, cut off, for 25.9%; "25.4%" is as exact as it looks."""
    return _ROUNDING if "." not in share else 1.0 / 10 ** len(share.partition(".")[2])


def _hit(sentence: Sentence, span: tuple[int, int], reason: str) -> Hit:
    start, end = span
    return hit_in(
        sentence,
        start,
        end,
        reason=reason,
        suggestion="Recompute it from the counts and correct the figure that is wrong.",
        questions=("Which of the figures is wrong?",),
    )
