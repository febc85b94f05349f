"""Figures of one sentence that contradict each other: "31 of 124 (35%)", "38 sellers (12 in Lund and 24 in Kiel)"."""

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
# "38 sellers (12 in Lund and 24 in Kiel)": a count, and right after it nothing but its parts.
_LISTED = re.compile(
    rf"{_NOT_BEFORE}(?P<whole>{_COUNT})(?: [a-z][a-z-]+){{1,4}}?"
    rf"(?: \((?P<parts>{_COUNT} [^.;:()]{{3,120}})\)|: (?P<rest>{_COUNT} [^.;:()]{{3,120}})[.;])"
)
_PART = re.compile(rf"^(?P<part>{_COUNT})(?: (?!of\b|to\b|or\b|x\b|×)[\w-]+){{1,6}}$")
_AND = re.compile(r",? and |, ")
_ROUNDING = 1.0
_NEAR = 0.25


def wrong_shares(sentence: Sentence) -> Iterator[Hit]:
    """Shares that their counts do not make, and parts that do not make the whole right before them."""
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
    for match in _LISTED.finditer(text):
        parts = [_PART.match(one.strip()) for one in _AND.split(match["parts"] or match["rest"])]
        counts = [value_of(one["part"]) for one in parts if one is not None]
        whole, total = value_of(match["whole"]), sum(counts)
        if len(counts) == len(parts) > 1 and total != whole and abs(total - whole) <= _NEAR * whole:
            yield _hit(sentence, match.span(), f"The parts make {total:,}, the sentence says {whole:,}.")


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
