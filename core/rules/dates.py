"""Dates, times and spans of time as write-ups spell them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
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
_SLASHED = re.compile(r"(?<![\d./-])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?:19|20)\d\d(?!\d)")
_MONTHS = 12
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


class SlashOrder(StrEnum):
    """What "03/04/2025" begins with."""

    DAY = "day"
    MONTH = "month"


def slash_order(texts: Iterable[str]) -> SlashOrder | None:
    """As those dates tell which have a number above 12: None where there is none, or they differ."""
    dates = [(int(match["a"]), int(match["b"])) for text in texts for match in _SLASHED.finditer(text)]
    days = any(a > _MONTHS >= b for a, b in dates)
    months = any(b > _MONTHS >= a for a, b in dates)
    if days == months:
        return None
    return SlashOrder.DAY if days else SlashOrder.MONTH


def day_dates(text: str, slashes: SlashOrder | None = None) -> list[DateText]:
    """Every date with a day and a month, in order. "03/04/2025" is left out where `slashes` does not tell which is
    the month."""
    if not _DIGIT.search(text):
        return []
    found = [_named(match) for pattern in (_DAY_FIRST, _MONTH_FIRST) for match in pattern.finditer(text)]
    found += [_iso(match) for match in _ISO.finditer(text)]
    found += [numeric for match in _NUMERIC.finditer(text) if (numeric := _numeric(match, slashes))]
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


def _numeric(match: re.Match[str], slashes: SlashOrder | None) -> DateText | None:
    a, b = int(match["a"]), int(match["b"])
    either = match["sep"] == "/" and a <= _MONTHS and b <= _MONTHS and a != b
    if either and slashes is None:
        return None
    month_first = (either and slashes is SlashOrder.MONTH) or (match["sep"] == "/" and b > _MONTHS >= a)
    day, month = (b, a) if month_first else (a, b)
    return DateText(match.start(), match.end(), day, month, _year(match))


def _year(match: re.Match[str]) -> int | None:
    return int(match["year"]) if match["year"] else None
