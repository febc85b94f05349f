"""Figures: numbers that count or measure something, told apart from dates and reference numbers."""

import re

from core.rules.currencies import CODES
from core.rules.dates import duration_spans, without_dates
from core.rules.text import Span, overlaps

_NUMBER_WORD = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five"
    r"|six|seven|eight|nine))?|(?:one|a) (?:hundred|thousand|million|dozen|half|third|quarter|fifth)|half|both|none)"
)
# "KX-532" and "6.21.3" are names, "2024" is a year: none of them counts anything.
_FIGURE = re.compile(
    r"(?:(?<![\w\-/.:#,])(?:[$€£]\s?)?(?!\d+\.\d+\.\d)(?!(?:19|20)\d\d\b(?![,.%]\d))\d+(?:[,.]\d+)*(?:%|(?:[mkMK]|bn)\b|(?![\w]|-\w|:\d|\.\d))"
    rf"|\b{_NUMBER_WORD}\b)",
    re.IGNORECASE,
)
_HEDGING = (
    r"(?:(?:about|around|some|roughly|approximately|nearly|almost|over|under|more than|less than|fewer than|at least"
    r"|up to|exactly|only|or|with|namely|in all|in total|a total of|including|all|currently|of them"
    rf"|{CODES})\s+)*"
)
# A figure beside a vague word: after a comma, dash, colon or bracket, or after of, from, by, to ("fell by 12 %").
_BESIDE = re.compile(
    rf"^[^.;!?]{{0,70}}?(?:[(,–—:=]|\s-\s|\b(?:of|from|by|to|at|namely|is|are|was|were))\s*{_HEDGING}{_FIGURE.pattern}",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^[^.;!?(]{0,60}(?:\([^)]*(?:,|\band\b|\bor\b)[^)]*\)|:\s*\S)")
_JUST_BEFORE = re.compile(
    rf"(?<!of )(?<!of the ){_FIGURE.pattern}(?:\s\w+){{0,2}}\s*[,(–—]\s*$", re.IGNORECASE
)
# Reaches further than the patterns do, so that a date is seen whole.
_NEAR_BEFORE, _NEAR_AFTER = 120, 400


def figure_spans(text: str) -> list[Span]:
    return [match.span() for match in _FIGURE.finditer(without_dates(text))]


def has_figure(text: str) -> bool:
    return bool(figure_spans(text))


def figure_beside(text: str, start: int, end: int) -> bool:
    """Whether the words text[start:end] are made exact where they stand: by a figure or by a list of what is meant.

    text: one sentence. "Many of the 38 sellers" is not exact: 38 is the whole, not the part.
    """
    first = max(0, start - _NEAR_BEFORE)
    plain = without_dates(text[first : end + _NEAR_AFTER])
    start, end = start - first, end - first
    after = _skip_durations(plain[end:])
    return bool(
        _BESIDE.match(after) or _LISTED.match(plain[end:]) or _JUST_BEFORE.search(plain[:start][-60:])
    )


def _skip_durations(after: str) -> str:
    """A span of time does not count sellers: "many sellers complained of 3 days"; in brackets it may."""
    letters = list(after)
    bracketed = [match.span() for match in re.finditer(r"\([^)]*\)", after)]
    for start, end in duration_spans(after):
        if not overlaps(bracketed, start, end):
            letters[start:end] = " " * (end - start)
    return "".join(letters)
