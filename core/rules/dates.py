"""Dates, times and spans of time as write-ups spell them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.rules.number_words import NUMBER_WORDS
from core.rules.openings import Quick
from core.rules.text import Span

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_ORDINAL = r"(?:st|nd|rd|th)?"
_UNIT = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?)"
_COUNT = rf"(?:\d[\d,.]*|one|{NUMBER_WORDS})"

_DIGIT = re.compile(r"\d")
_DAY_FIRST = re.compile(
    rf"(?<![\d.,/-])(?P<day>\d{{1,2}}){_ORDINAL}(?: of)?[ -](?P<month>{_MONTH})(?:(?:,? |-)(?P<year>\d{{4}}))?(?!\d)"
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<month>{_MONTH}) (?P<day>\d{{1,2}}){_ORDINAL}(?![\d:%]|,\d{{3}})(?:,? (?P<year>\d{{4}})\b)?"
)
_ISO = re.compile(r"(?<![\d-])(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-])")
_NUMERIC = re.compile(
    r"(?<![\d./-])(?P<a>\d{1,2})(?P<sep>[./])(?P<b>\d{1,2})(?P=sep)(?P<year>(?:19|20)\d\d)(?!\d)"
)
_LOOSE = Quick(
    (
        rf"{_MONTH} \d{{4}}\b|Q[1-4]\b|(?:first|second|third|fourth) quarter\b|H[12] \d{{4}}\b",
        rf"(?:[Ww]eek|CW) \d{{1,2}}\b|end of (?:the )?(?:month|quarter|year|week|{_MONTH}|\d{{4}})",
        r"(?:[Ii]n|[Bb]y|[Ss]ince|[Uu]ntil|[Dd]uring|[Bb]efore|[Ff]rom|[Aa]fter|[Mm]id|[Ee]arly|[Ll]ate)[ -]"
        rf"(?:{_MONTH}|(?:19|20)\d\d\b)",
        r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:today|tomorrow|yesterday)\b",
    ),
    before=r"\b",
)
_TIME = re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?![\d:])")
_DURATION = re.compile(rf"\b{_COUNT}[- ](?:working |business |calendar )?{_UNIT}\b", re.IGNORECASE)


@dataclass(frozen=True)
class DateText:
    """A date that names a day, as written. year is None where the text has none. It may not exist."""

    start: int
    end: int
    day: int
    month: int
    year: int | None


def day_dates(text: str) -> list[DateText]:
    """Every date with a day and a month, in order. "03/04/2025" is left out: which is the month is unknown."""
    if not _DIGIT.search(text):
        return []
    found = [_named(match) for pattern in (_DAY_FIRST, _MONTH_FIRST) for match in pattern.finditer(text)]
    found += [_iso(match) for match in _ISO.finditer(text)]
    found += [numeric for match in _NUMERIC.finditer(text) if (numeric := _numeric(match))]
    kept: list[DateText] = []
    for date in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or date.start >= kept[-1].end:
            kept.append(date)
    return kept


@lru_cache(maxsize=8192)
def date_spans(text: str) -> tuple[Span, ...]:
    """Everything that fixes a point in time, loosely or exactly."""
    patterns = (_DAY_FIRST, _MONTH_FIRST, _ISO, _NUMERIC, _LOOSE, _TIME) if _DIGIT.search(text) else (_LOOSE,)
    return tuple(match.span() for pattern in patterns for match in pattern.finditer(text))


@lru_cache(maxsize=8192)
def duration_spans(text: str) -> tuple[Span, ...]:
    """ "14 days", "two working weeks"."""
    return tuple(match.span() for match in _DURATION.finditer(text))


def has_date(text: str) -> bool:
    return bool(date_spans(text))


def without_dates(text: str) -> str:
    """`text` with dates and times blanked out, so that what is left of digits counts something."""
    letters = list(text)
    for start, end in date_spans(text):
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def _named(match: re.Match[str]) -> DateText:
    month = match["month"].rstrip(".").lower()[:3]
    number = next(index for index, name in enumerate(MONTHS, 1) if name.startswith(month))
    return DateText(match.start(), match.end(), int(match["day"]), number, _year(match))


def _iso(match: re.Match[str]) -> DateText:
    return DateText(match.start(), match.end(), int(match["day"]), int(match["month"]), _year(match))


def _numeric(match: re.Match[str]) -> DateText | None:
    a, b = int(match["a"]), int(match["b"])
    if match["sep"] == "/" and a <= 12 and b <= 12 and a != b:
        return None
    day, month = (b, a) if match["sep"] == "/" and b > 12 >= a else (a, b)
    return DateText(match.start(), match.end(), day, month, _year(match))


def _year(match: re.Match[str]) -> int | None:
    return int(match["year"]) if match["year"] else None
