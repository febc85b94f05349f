"""Dates that do not exist, run backwards or stand in the wrong order."""

import re
from collections.abc import Iterator
from itertools import pairwise

from core.documents.model import Block
from core.review.finding import FindingType, Risk
from core.rules.action_tables import due_cells
from core.rules.closed_early import closed_before_opened
from core.rules.dates import DateText, day_dates
from core.rules.impossible_dates import exists, impossible_dates
from core.rules.rule import Hit, Rule
from core.rules.text import is_quoted, trim
from core.rules.timeline import Entry, out_of_order, timelines
from core.rules.told_order import told_out_of_order
from core.rules.topics import Topic
from core.rules.view import View

_JOINED = (" and ", " to ", " until ", " till ", " – ", " - ", "–", " through ")
_OPENED = ("from", "between", "period", "(")
# "29 February 2025, a day that does not exist" is what the text is about.
_TOLD_SO = re.compile(
    r"\b(?:(?:does|did|do) not exist|(?:does|did)n[’']t exist|never existed|no such (?:date|day|time)|non-?existent"
    r"|(?:impossible|invalid) (?:date|day|time))\b",
    re.IGNORECASE,
)
_NEAR = 80
"""Code points behind a date in which the text may say itself that there is none."""
_A_SEASON = 120
"""Days. Without its own year "20 December to 5 January 2026" begins the year before."""


def _find(view: View) -> Iterator[Hit]:
    for block in view.blocks:
        yield from _impossible(block)
        yield from _backwards(block)
    for sentence in view.sentences:
        if not sentence.is_quoted():
            yield from told_out_of_order(sentence)
    entries = list(timelines(view))
    for timeline in entries:
        yield from (_misplaced(entry, other) for entry, other in out_of_order(timeline))
    yield from _due_too_early(view, entries)
    yield from closed_before_opened(view, entries)


def _impossible(block: Block) -> Iterator[Hit]:
    for one in impossible_dates(block.text):
        if not is_quoted(block.text, one.start, one.end) and not _TOLD_SO.search(
            block.text, one.end, one.end + _NEAR
        ):
            yield Hit(
                block,
                one.start,
                one.end,
                reason=one.why,
                suggestion="Put in the right date, as the source has it.",
                questions=("Which date does the source give?",),
            )


def _misplaced(entry: Entry, other: Entry) -> Hit:
    start, end = trim(entry.block.text, (entry.start, entry.end))
    place = "before" if other.moment < entry.moment else "after"
    return Hit(
        entry.block,
        start,
        end,
        reason=f"This entry ({entry.written}) stands {place} one of {other.written}: the timeline is out of order.",
        suggestion="Check both dates at their source, correct the wrong one or move the entry.",
        questions=("Is the date wrong, or the place of the entry?",),
    )


def _backwards(block: Block) -> Iterator[Hit]:
    """ "From 18 October to 2 September 2025"."""
    for first, second in pairwise(day_dates(block.text)):
        before = block.text[max(0, first.start - 12) : first.start].lower()
        joined = block.text[first.end : second.start] in _JOINED
        if joined and any(word in before for word in _OPENED) and _ends_before(first, second):
            yield Hit(
                block,
                first.start,
                second.end,
                reason="The period ends before it begins.",
                suggestion="Check both dates at their source and correct them.",
            )


def _ends_before(first: DateText, second: DateText) -> bool:
    if not (exists(first) and exists(second)) or (first.year is not None and second.year is None):
        return False
    year = second.year or 0
    begins, ends = ((first.year or year), first.month, first.day), (year, second.month, second.day)
    days = 30 * (begins[1] - ends[1]) + begins[2] - ends[2]
    return begins > ends and (first.year is not None or days < _A_SEASON)


def _told_in_summary(view: View) -> list[tuple[int, int, int]]:
    """Days of the summary, for a timeline that gives clock times alone."""
    blocks = (block for block in view.blocks if Topic.SUMMARY in view.topics_at(block))
    dates = (date for block in blocks for date in day_dates(block.text) if exists(date))
    return [(date.year, date.month, date.day) for date in dates if date.year is not None]


def _due_too_early(view: View, entries: list[list[Entry]]) -> Iterator[Hit]:
    moments = [entry.moment[:3] for timeline in entries for entry in timeline if entry.moment[0]]
    moments = moments or _told_in_summary(view)
    if not moments:
        return
    for block in due_cells(view):
        dates = day_dates(block.text)
        if len(dates) != 1 or dates[0].year is None or not exists(dates[0]):
            continue
        if (dates[0].year, dates[0].month, dates[0].day) < min(moments):
            yield Hit(
                block,
                dates[0].start,
                dates[0].end,
                reason="The action was due before the first event of the timeline.",
                suggestion="Check the year and the month of the due date.",
            )


RULE = Rule(
    slug="date-order",
    title="Dates in the wrong order",
    type=FindingType.IMPORTANT,
    risk=Risk.HIGH,
    hawkeye_refs=(2, 13),
    suggestion="Check the dates at their source.",
    because="Who knew what when is what the review turns on.",
    precision="Entries of one day, newest-first order and timelines arranged otherwise are left alone.",
    find=_find,
    confidence=0.95,
)
