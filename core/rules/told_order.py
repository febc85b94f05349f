"""Dates of one sentence that contradict what it tells: an answer before the question, a span that is none."""

import datetime
import re
from collections.abc import Iterator
from itertools import pairwise

from core.rules.dates import DateText, day_dates
from core.rules.impossible_dates import exists
from core.rules.lexicon import phrases
from core.rules.rule import Hit, hit_in
from core.rules.view import Sentence

_BEGINS = re.compile(rf"\b{phrases('begins')}\b", re.IGNORECASE)
_FOLLOWS = re.compile(rf"\b{phrases('follows')}\b", re.IGNORECASE)
_ENDS = re.compile(rf"\b{phrases('ends')}\b", re.IGNORECASE)
_OPENS = re.compile(rf"\b{phrases('opens')} (?:it|them|him|her)\b", re.IGNORECASE)
# What was handed over cannot have come back before, so that "had" makes no difference.
_RETURNED = re.compile(
    r"[,;]? (?:who|which|and) (?:\w+ )?(?:had |has |then )?(?:\w+ly )?"
    r"(?:returned|answered|approved|rejected|acknowledged|signed|(?:sent|gave|handed|brought) (?:it|them) back)"
    r"(?: (?:it|them|this|both)\b|(?<=back))"
)
_NEXT_CLAUSE = re.compile(r"[,;] (?:and|but|then|while|upon which|whereupon|to which)\b|;|\band\b|\bthen\b")
_ANOTHER_TIME = re.compile(
    r"\b(?:had|already|again|another|earlier|before|previous\w*|re-?(?:opened|started|sent|filed|submitted|applied)|due|will|later)\b"
)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SPAN = re.compile(
    rf"^,? (?:just |only |exactly )?(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)}) (?P<unit>day|week)s?"
    r" (?P<way>after|before)\b(?! (?:that|which|who)\b)[^.;,]{0,60}$"
)


def told_out_of_order(sentence: Sentence) -> Iterator[Hit]:
    """The whole sentence, at most once.

    "Wrote on 21 April, and the desk replied on 9 April"; "12 May, three days after the call of 14 May".
    """
    text = sentence.text
    for first, second in pairwise(day_dates(text)):
        why = _why(text, first, second)
        if why:
            yield hit_in(
                sentence,
                0,
                len(text),
                reason=why,
                suggestion="Check both dates at their source and correct the wrong one.",
            )
            return


def _why(text: str, first: DateText, second: DateText) -> str:
    one, other = _day(first, second), _day(second, first)
    if one is None or other is None:
        return ""
    between, before = text[first.end : second.start], text[: first.start]
    if span := _SPAN.match(between):
        return _wrong_span(span, one, other)
    if other < one and _BEGINS.search(before) and _answers(between):
        return "What comes second in this sentence has the earlier date."
    if one < other and _ENDS.search(before) and _reopens(between):
        return "By these dates it ended before it began."
    return ""


def _answers(between: str) -> bool:
    if _RETURNED.search(between):
        return True
    clause = _NEXT_CLAUSE.search(between)
    if clause is None or _ANOTHER_TIME.search(between):
        return False
    after = between[clause.end() :]
    return bool(_FOLLOWS.search(after)) and not _BEGINS.search(after)


def _reopens(between: str) -> bool:
    return bool(_NEXT_CLAUSE.search(between) and _OPENS.search(between)) and not _ANOTHER_TIME.search(between)


def _wrong_span(span: re.Match[str], one: datetime.date, other: datetime.date) -> str:
    count = int(span["count"]) if span["count"].isdigit() else _NUMBERS.index(span["count"]) + 1
    days = (one - other).days if span["way"] == "after" else (other - one).days
    told = count * (7 if span["unit"] == "week" else 1)
    slack = 1 if span["unit"] == "day" else 6
    return f"Between the two dates lie {days} days." if abs(days - told) > slack else ""


def _day(date: DateText, other: DateText) -> datetime.date | None:
    year = date.year or other.year
    return datetime.date(year, date.month, date.day) if year and exists(date) and date.month else None
