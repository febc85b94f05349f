"""Dates of one sentence that contradict what it tells: an answer before the question, a span that is none."""

import datetime
import re
from collections.abc import Iterator
from itertools import pairwise

from core.rules.dates import DateText, day_dates
from core.rules.impossible_dates import exists
from core.rules.lexicon import phrases
from core.rules.number_words import value_of
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
# "Paid on 4 May after the claim of 9 May": what stands after these words came first; before those, later.
_CAME_FIRST = re.compile(rf"^[^.;]{{0,60}}?\b{phrases('came_first')}\b[^.;,]{{0,70}}$", re.IGNORECASE)
_CAME_LATER = re.compile(rf"^[^.;]{{0,60}}?\b{phrases('came_later')}\b[^.;,]{{0,70}}$", re.IGNORECASE)
# "Answered on 3 May the letter that had arrived on 9 May".
_HAD_COME = re.compile(
    r"\b(?:that|which|who)(?: [a-z]+){0,2} had (?:been )?"
    r"(?!due|set|planned|scheduled|expected|booked|fixed|announced|promised|agreed|meant|hoped)[a-z]+"
    r"(?: (?:in|there|to [a-z ]{2,20}|from [a-z ]{2,20}|by [a-z ]{2,20}))? on $"
)
_OPENS_WITH = re.compile(r"^(?P<way>After|Following|Before|Ahead of|Prior to) [^.;,]{0,80}$")
# "The appeal of 14 May was rejected on 11 May", "The parcel, posted on 7 July, arrived on 5 July".
_OF_THE_DAY = re.compile(rf"\b{phrases('asks_for_an_answer')} (?:of|dated|from) $", re.IGNORECASE)
_DEALT_WITH = re.compile(
    rf"^(?: [\w'’-]+){{0,4}} (?:was|were|has been|had been)(?: \w+ly| then| only)?"
    rf" {phrases('dealt_with')}\b[^.;,]{{0,30}}$",
    re.IGNORECASE,
)
# "Received the logs on 2 April, a week before the bank sent them on 9 April".
_GOT = re.compile(rf"\b{phrases('got')}\b", re.IGNORECASE)
_SENT_LATER = re.compile(rf"\bbefore\b[^.;]{{2,60}} {phrases('parted_with')} (?:it|them|these|this)\b")
# "Appeal AP-7 arrived on 5 March and the desk granted it on 2 March".
_CAME_IN = re.compile(
    rf"\b{phrases('asks_for_an_answer')}s?(?: [A-Z]+-?\d[\w-]*| no\. \d+)? {phrases('came_in')} (?:on|at) $",
    re.IGNORECASE,
)
_BEGUN = re.compile(rf"\b(?:{phrases('begins')}|{phrases('made')})(?: \w+)? (?:on|at|in)? ?$", re.IGNORECASE)
_THEN_ENDED = re.compile(
    r"^,? (?:and |but )?(?:was |were |had |only |then )*"
    rf"(?:{phrases('follows')}|{phrases('over')}|[a-z]+ (?:its|their|his|her) first)\b[^.;,]{{0,40}}$",
    re.IGNORECASE,
)
_OVER = re.compile(rf"\b{phrases('over')} (?:on )?$", re.IGNORECASE)
_THEN_MADE = re.compile(
    rf"^,? and (?:was |were |had been )?(?:{phrases('made')})\b[^.;,]{{0,30}}$", re.IGNORECASE
)
_SPAN_OF_HOURS = re.compile(
    rf"\b{phrases('clock_begins')}\b[^.;]{{0,40}}? (?P<from>\d{{1,2}}:\d{{2}})\b(?P<between>[^.;]{{1,60}}?)"
    rf"\b{phrases('clock_ends')}\b[^.;]{{0,30}}? (?P<to>\d{{1,2}}:\d{{2}})\b",
    re.IGNORECASE,
)
_NEXT_DAY = re.compile(r"\b(?:next|following|later|day|morning)\b", re.IGNORECASE)
_A_NIGHT_H = 6
# "The apology of 2 July followed", but not "followed the offer".
_CAME_LAST = re.compile(
    r",? (?:then |later |finally |at last |only )*(?:followed|came (?:later|last|next|afterwards|at the end))"
    r"(?=[.,;]| (?:once|when|after|as soon|later|at|upon)\b)"
)
_OF = re.compile(r"\b(?:of|dated|from) $")
_NEAR_BEFORE = 1_500
"""Code points of a paragraph in which the story before a sentence is looked for."""
_NEAR = 120
"""Code points before a date that say what was on that day."""
_DAYS_OF_A_MONTH = re.compile(
    r"\b(?:[Ff]rom|[Bb]etween) (?:the )?(?P<from>\d{1,2})(?:st|nd|rd|th)? (?:to|until|till|and|–|-) (?:the )?$"
)


def told_out_of_order(sentence: Sentence) -> Iterator[Hit]:
    """The whole sentence, at most once.

    "Wrote on 21 April, and the desk replied on 9 April"; "12 May, three days after the call of 14 May".
    """
    text = sentence.text
    dates = day_dates(text)
    reasons = [_why(text, first, second) for first, second in pairwise(dates)]
    reasons += [_falling_days(text, date) for date in dates]
    reasons.append(_clock_runs_back(text))
    reasons.append(_follows_nothing(sentence, dates))
    why = next(filter(None, reasons), "")
    if why:
        yield hit_in(
            sentence,
            0,
            len(text),
            reason=why,
            suggestion="Check both dates at their source and correct the wrong one.",
        )


def _follows_nothing(sentence: Sentence, dates: list[DateText]) -> str:
    """ "The apology of 2 July followed", where everything that the paragraph tells before is of later days."""
    last = next((date for date in dates if _CAME_LAST.match(sentence.text, date.end)), None)
    if last is None or not _OF.search(sentence.text[: last.start]):
        return ""
    told = sentence.block.text[max(0, sentence.start - _NEAR_BEFORE) : sentence.start]
    before = [(_day(date, last), _day(last, date)) for date in day_dates(told)]
    days = [(day, mine) for day, mine in before if day is not None and mine is not None]
    runs_back = bool(days) and all(mine < day for day, mine in days)
    return "What is told before it has a later date." if runs_back else ""


def _falling_days(text: str, date: DateText) -> str:
    """ "From 14 to 11 August"."""
    span = _DAYS_OF_A_MONTH.search(text[: date.start])
    return "The period ends before it begins." if span and int(span["from"]) > date.day else ""


def _clock_runs_back(text: str) -> str:
    """ "Began at 14:20 and ended at 13:05"; over midnight more than a few hours lie between."""
    span = _SPAN_OF_HOURS.search(text)
    if span is None or _NEXT_DAY.search(span["between"]) or len(set(day_dates(span["between"]))) > 1:
        return ""
    start, end = (60 * int(at[:-3]) + int(at[-2:]) for at in (span["from"], span["to"]))
    return "By these times it ended before it began." if 0 < start - end < 60 * _A_NIGHT_H else ""


def _why(text: str, first: DateText, second: DateText) -> str:
    one, other = _day(first, second), _day(second, first)
    if one is None or other is None:
        return ""
    between, before = text[first.end : second.start], text[: first.start]
    if span := _SPAN.match(between):
        return _wrong_span(span, one, other)
    asked = _BEGINS.search(before) or _CAME_IN.search(before)
    if other < one and asked and _answers(between):
        return "What comes second in this sentence has the earlier date."
    if one < other and _GOT.search(before) and _SENT_LATER.search(between):
        return "By these dates it was received before it was sent."
    if one < other and _ENDS.search(before) and _reopens(between):
        return "By these dates it ended before it began."
    if not _ANOTHER_TIME.search(between.replace("had ", "")) and _contradicts(
        before, between, later=other > one
    ):
        return "The words between the two dates put them in the other order." if one != other else ""
    return ""


def _contradicts(before: str, between: str, *, later: bool) -> bool:
    """later: whether the second date is the later one."""
    opened = _OPENS_WITH.search(before)
    before = before[-_NEAR:]
    if opened:
        return later is (opened["way"] in ("Before", "Ahead of", "Prior to")) and between.count(",") == 1
    if later:
        return bool(
            _HAD_COME.search(between)
            or _CAME_FIRST.match(between)
            or (_OVER.search(before) and _THEN_MADE.match(between))
        )
    return bool(
        (_CAME_LATER.match(between))
        or (_OF_THE_DAY.search(before) and _DEALT_WITH.match(between))
        or (_BEGUN.search(before) and _THEN_ENDED.match(between))
    )


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
    days = (one - other).days if span["way"] == "after" else (other - one).days
    told = value_of(span["count"]) * (7 if span["unit"] == "week" else 1)
    slack = 1 if span["unit"] == "day" else 6
    return f"Between the two dates lie {days} days." if abs(days - told) > slack else ""


def _day(date: DateText, other: DateText) -> datetime.date | None:
    year = date.year or other.year
    return datetime.date(year, date.month, date.day) if year and exists(date) and date.month else None
