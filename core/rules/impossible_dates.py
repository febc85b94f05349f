"""Dates and times that no calendar has."""

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.rules.dates import DateText, day_dates

_BEFORE_DATE = re.compile(
    r"(?:^|[(\[,;:–—-]\s*|\b(?:on|by|from|to|until|till|between|since|and|after|before|of|due|dated|through|the)\s+)$",
    re.I,
)
_COUNTED = re.compile(r"^\s+[a-z]+s\b")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)}),?(?: the)? $", re.IGNORECASE)
_TIME = re.compile(r"(?<![\d:.,])(?P<hour>\d{2}):(?P<minute>\d{2})(?![\d:])")
_CLOCK_CONTEXT = re.compile(r"(?:\b(?:at|by|from|until|to|since|before|after)\s+|\d{4},?\s+)$|^\s*$")

_A_SPLIT = 100
"""Of two shares, "45:55"."""
_NEAR = 80
"""Code points beside a date that tell what it is."""


@dataclass(frozen=True)
class Impossible:
    start: int
    end: int
    why: str


def impossible_dates(text: str) -> Iterator[Impossible]:
    """Days a month does not have, weekdays that do not fit, and clock times beyond 24:00."""
    for date in day_dates(text):
        why = _why_impossible(text, date) or _wrong_weekday(text, date)
        if why:
            yield Impossible(date.start, date.end, why)
    for match in _TIME.finditer(text):
        hour, minute = int(match["hour"]), int(match["minute"])
        beyond = (hour > 24 or minute > 59 or (hour == 24 and minute > 0)) and hour + minute != _A_SPLIT
        alone = text.strip() == match[0]
        if beyond and not alone and _CLOCK_CONTEXT.search(_just_before(text, match.start())):
            yield Impossible(*match.span(), f"“{match[0]}” is not a time of day.")


def _just_before(text: str, at: int) -> str:
    return text[max(0, at - _NEAR) : at]


def exists(date: DateText) -> bool:
    """29 February without a year may exist."""
    year = date.year or 2024
    return 1 <= date.month <= 12 and 1 <= date.day <= calendar.monthrange(year, date.month)[1]


def _why_impossible(text: str, date: DateText) -> str:
    if exists(date):
        return ""
    written = text[date.start : date.end]
    # "31 June claims" may count claims; a year or a word such as "on" before it makes it a date.
    counted = _COUNTED.match(text[date.end : date.end + _NEAR]) or not _BEFORE_DATE.search(
        _just_before(text, date.start)
    )
    if date.year is None and counted:
        return ""
    if not 1 <= date.month <= 12:
        return f"“{written}” has no such month."
    month = calendar.month_name[date.month]
    if month == "February" and date.day == 29:
        return f"“{written}” does not exist: {date.year} is no leap year."
    days = calendar.monthrange(date.year or 2024, date.month)[1]
    return f"“{written}” does not exist: {month} has {days} days."


def _wrong_weekday(text: str, date: DateText) -> str:
    named = _WEEKDAY.search(_just_before(text, date.start))
    if named is None or date.year is None or not exists(date):
        return ""
    right = _WEEKDAYS[datetime.date(date.year, date.month, date.day).weekday()]
    if named[1].lower() == right:
        return ""
    return f"“{text[date.start : date.end]}” was a {right.capitalize()}, not a {named[1].capitalize()}."
