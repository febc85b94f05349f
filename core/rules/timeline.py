"""Entries of a timeline, in a table or in lines that begin with a date, and those that stand out of order."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from core.documents.model import Block
from core.rules.action_columns import action_columns
from core.rules.clocks import HALF_OF_DAY, hour_and_minute
from core.rules.dates import DateText, SlashOrder, day_dates, slash_order
from core.rules.impossible_dates import exists
from core.rules.tables import Table
from core.rules.topics import Topic
from core.rules.view import View

Moment = tuple[int, int, int, int, int]
"""Year, month, day, hour, minute; hour is -1 where the entry has no time."""

_DATE_HEADER = re.compile(r"\b(?:date|when|day|time|timestamp)\b", re.IGNORECASE)
_TIME_HEADER = re.compile(r"^(?:time|hour|clock)\b", re.IGNORECASE)
_EVENT_HEADER = re.compile(
    r"\b(?:events?|what|description|action|step|happened|activity|entry)\b", re.IGNORECASE
)
_TIME = re.compile(rf"\b(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)\b{HALF_OF_DAY}", re.IGNORECASE)
_ONLY_TIME = re.compile(
    rf"^[\s•*-]*(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::\d\d)?{HALF_OF_DAY}"
    r"(?: ?[A-Z]{2,4}\b)?(?=[\s,;:.–—|-]|$)"
)
_HALF_A_DAY = 12
_LONGEST_MOMENT = 40
_LATE_IN_A_YEAR, _EARLY_IN_A_YEAR = 11, 2
_RANGE_START = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s*(?:[–-]|to|and)\s*$")
_LEAD_IN = re.compile(r"^(?:[-•*]\s*|\(?\d+[.)]\s+)?(?:On |By |From |Between )?$")
_AFTER_DATE = re.compile(r"^[\s,;:.–—|-]*(?:(?:at )?\d{1,2}:\d{2}(?: ?[A-Z]{2,4}\b)?[\s,;:.–—|-]*)?")


@dataclass(frozen=True)
class Entry:
    """One line of a timeline. start, end: the words of the event in `block`; written: its date as the text has it."""

    moment: Moment
    block: Block
    start: int
    end: int
    written: str


def timelines(view: View) -> Iterator[list[Entry]]:
    """Each timeline of at least three dated entries, in the order of the text."""
    for table in view.tables:
        entries = _of_table(view, table)
        if len(entries) >= 3:
            yield entries
    entries = _of_lines(view)
    if len(entries) >= 3:
        yield entries


def out_of_order(entries: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """The fewest entries that would have to move, each with the neighbour it contradicts.

    Newest first is an order too. More than a quarter out of order is another arrangement, by team for example.
    """
    moments = [entry.moment for entry in entries]
    days = [moment[:3] for moment in moments]
    if days[-1] < days[0] and all(later <= earlier for earlier, later in pairwise(days)):
        return []
    kept = _longest_rising([_comparable(moments, at) for at in range(len(moments))])
    stray = [at for at in range(len(entries)) if at not in kept]
    if len(stray) > max(1, len(entries) // 4):
        return []
    return [(entries[at], _contradicted(entries, at)) for at in stray]


def _comparable(moments: Sequence[Moment], at: int) -> Moment:
    """An entry without a time counts as the time of the entry before it on that day."""
    moment = moments[at]
    if moment[3] >= 0:
        return moment
    before = [other for other in moments[:at] if other[:3] == moment[:3]]
    return max(before, default=moment)


def _longest_rising(moments: Sequence[Moment]) -> set[int]:
    """Indexes of a longest non-falling run of entries (patience sorting)."""
    tails: list[Moment] = []
    holders: list[int] = []
    previous: dict[int, int | None] = {}
    for at, moment in enumerate(moments):
        pile = bisect_right(tails, moment)
        previous[at] = holders[pile - 1] if pile else None
        tails[pile : pile + 1] = [moment]
        holders[pile : pile + 1] = [at]
    kept: set[int] = set()
    last: int | None = holders[-1] if holders else None
    while last is not None:
        kept.add(last)
        last = previous[last]
    return kept


def _contradicted(entries: Sequence[Entry], at: int) -> Entry:
    after = next((entry for entry in entries[at + 1 :] if entry.moment < entries[at].moment), None)
    return after or next(entry for entry in reversed(entries[:at]) if entry.moment > entries[at].moment)


@lru_cache(maxsize=1)
def slashes_of(view: View) -> SlashOrder | None:
    """Which number of "03/04/2026" is the month here."""
    return slash_order(block.text for block in view.blocks)


def _of_table(view: View, table: Table) -> list[Entry]:
    slashes = slashes_of(view)
    date_column = table.column(_DATE_HEADER)
    if date_column is None:
        date_column = next((at for at in table.columns[:1] if _holds_moments(table, at, slashes)), None)
    event = _event_column(table, beside=date_column)
    told = Topic.TIMELINE in view.topics_at(table.blocks[0]) or _EVENT_HEADER.search(table.header(event or 0))
    if date_column is None or event is None or event == date_column or not told or _commits(view, table):
        return []
    time = next(
        (at for at in table.columns if at != date_column and _TIME_HEADER.search(table.header(at))), None
    )
    entries: list[Entry] = []
    clocked: list[Entry] = []
    for row in table.rows:
        cell, block = table.text(row, date_column), table.first(row, event)
        if block is None:
            continue
        written = " ".join(cell.split())
        clocks = table.text(row, time) if time is not None else ""
        moment = _moment(day_dates(cell, slashes), cell, clocks=clocks, last=_last(entries))
        if moment is not None:
            entries.append(Entry(moment, block, 0, len(block.text), written))
        elif clock := _ONLY_TIME.match(cell):
            clocked.append(Entry(_at_clock(clock, clocked), block, 0, len(block.text), written))
    return entries or clocked


def _commits(view: View, table: Table) -> bool:
    """A table of actions is ordered by whatever: its dates lie ahead."""
    columns = action_columns(table)
    return (
        columns is not None
        and columns.owner is not None
        and Topic.TIMELINE not in view.topics_at(table.blocks[0])
    )


def _at_clock(clock: re.Match[str], before: Sequence[Entry]) -> Moment:
    """The time of an entry without a date; far back after a late hour is the next day."""
    hour, minute = hour_and_minute(clock)
    day = before[-1].moment[2] if before else 0
    if before and before[-1].moment[3] - hour >= _HALF_A_DAY:
        day += 1
    return (0, 0, day, hour, minute)


def _holds_moments(table: Table, column: int, slashes: SlashOrder | None) -> bool:
    """Whatever stands above it ("UTC"): nearly every cell is a date or a time and little else."""
    cells = [text for row in table.rows if (text := table.text(row, column).strip())]
    short = (text for text in cells if len(text) <= _LONGEST_MOMENT)
    moments = [text for text in short if _ONLY_TIME.match(text) or day_dates(text, slashes)]
    return len(cells) >= 3 and len(moments) >= 0.8 * len(cells)


def _event_column(table: Table, *, beside: int | None) -> int | None:
    named = next(
        (at for at in table.columns if at != beside and _EVENT_HEADER.search(table.header(at))), None
    )
    if named is not None:
        return named
    others = (at for at in table.columns[1:] if at != beside and not _holds_times(table, at))
    return next(others, None)


def _holds_times(table: Table, column: int) -> bool:
    """A table that goes on overleaf without its header still has its column of times."""
    cells = [text for row in table.rows if (text := table.text(row, column).strip())]
    return bool(cells) and all(_ONLY_TIME.match(text) for text in cells)


def _of_lines(view: View) -> list[Entry]:
    entries: list[Entry] = []
    clocked: list[Entry] = []
    slashes = slashes_of(view)
    for block in view.blocks:
        if block.cell is not None or Topic.TIMELINE not in view.topics_at(block):
            continue
        dates = day_dates(block.text, slashes)
        if not dates and (clock := _ONLY_TIME.match(block.text)):
            written = clock[0].strip(" -•*")
            clocked.append(Entry(_at_clock(clock, clocked), block, 0, len(block.text), written))
        if not dates or not _LEAD_IN.match(_RANGE_START.sub("", block.text[: dates[0].start])):
            continue
        behind = block.text[dates[0].end : dates[0].end + 12]
        moment = _moment(dates[:1], block.text[: dates[0].end], clocks=behind, last=_last(entries))
        after = _AFTER_DATE.match(block.text[dates[0].end :])
        start = dates[0].end + (after.end() if after else 0)
        if moment is not None and start < len(block.text):
            entries.append(
                Entry(moment, block, start, len(block.text), block.text[dates[0].start : dates[0].end])
            )
    return entries or clocked


def _last(entries: Sequence[Entry]) -> Moment | None:
    return entries[-1].moment if entries else None


def _turns_the_year(last: Moment, date: DateText) -> bool:
    """ "28 December 2025", "2 January"."""
    return last[1] >= _LATE_IN_A_YEAR and date.month <= _EARLY_IN_A_YEAR


def _moment(dates: Sequence[DateText], date_text: str, *, clocks: str, last: Moment | None) -> Moment | None:
    """last: of the entry before, whose year goes on."""
    if not dates or not exists(dates[0]):
        return None
    date: DateText = dates[0]
    known_year = date.year or next((other.year for other in dates if other.year), None)
    if known_year is None:
        known_year = (last[0] if last else 0) + (last is not None and _turns_the_year(last, date))
    ranged = _RANGE_START.search(date_text[: date.start])
    clock = _TIME.search(clocks) or _TIME.search(date_text)
    hour, minute = hour_and_minute(clock) if clock else (-1, -1)
    return (known_year, date.month, int(ranged[1]) if ranged else date.day, hour, minute)
