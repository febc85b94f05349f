"""Parts that a section tells though its heading does not say so: "The eleventh of May" may be the timeline."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from core.documents.model import Block, BlockKind
from core.rules.clauses import is_list_item
from core.rules.dates import day_dates
from core.rules.lexicon import pattern
from core.rules.planned import is_planned
from core.rules.text import sentences
from core.rules.topics import Topic, perhaps_topics_of, topics_of
from core.rules.view import View

_CAUSE = pattern("tells_cause")
_HARM = pattern("tells_harm")
_MENDED = pattern("tells_repair")
_AHEAD = pattern("tells_plan")
_FIGURE = re.compile(r"(?<![\w.])\d[\d,.]*(?![\w-])")
_STARTS_DATED = re.compile(r"^\W*(?:On |By )?(?:\w+day,? )?")
_CLOCK = re.compile(r"^\W*\d{1,2}[:.]\d{2}\b")
_TOLD_BY_DAYS = frozenset({Topic.SUMMARY, Topic.BACKGROUND})
"""What may tell the course of events as well."""
_WEEK = re.compile(r"\W*(?:calendar )?(?:week|cw|kw|wk\.?|w) ?\d{1,2}\b", re.IGNORECASE)
_CLOCKS = re.compile(r"\b([01]?\d|2[0-3])[:.]([0-5]\d)\b")
_FEWEST_CLOCKS = 5
_FEWEST_ENTRIES = 3
_FEWEST_SIGNS = 2
_LONGEST_SUMMARY = 220
_SHORTEST_SUMMARY = 25


def told_parts(view: View) -> frozenset[Topic]:
    """Of sections whose headings name no part at all: they get the benefit of the doubt."""
    sections = list(_sections(view))
    unnamed = [(at, blocks) for at, named, blocks in sections if not named]
    days = (blocks for _, named, blocks in sections if named <= _TOLD_BY_DAYS and _lists_days(blocks))
    advised = (blocks for _, named, blocks in sections if named == {Topic.RECOMMENDATIONS})
    return (
        frozenset(topic for _, blocks in unnamed for topic, tells in _TELLS.items() if tells(blocks))
        | frozenset(Topic.SUMMARY for at, blocks in unnamed if at <= 1 and _is_short(blocks))
        | frozenset(Topic.TIMELINE for _ in days)
        | frozenset(Topic.TIMELINE for _, blocks in unnamed if _tells_days(blocks))
        | frozenset(Topic.PREVENTIVE for _, blocks in unnamed if _plans(blocks))
        | frozenset(Topic.PREVENTIVE for blocks in advised if _plans_all(blocks))
    )


def _sections(view: View) -> Iterator[tuple[int, frozenset[Topic], list[Block]]]:
    """(which heading of the document it is, the parts that it names, what stands under it)."""
    at, named, current = -1, frozenset(Topic), list[Block]()
    for block in view.blocks:
        if block.kind is BlockKind.HEADING:
            yield at, named, current
            at += 1
            named, current = topics_of(block.text) | perhaps_topics_of(block.text), []
        else:
            current.append(block)
    yield at, named, current


def _is_short(blocks: list[Block]) -> bool:
    words = sum(len(block.text.split()) for block in blocks)
    return _SHORTEST_SUMMARY <= words <= _LONGEST_SUMMARY and all(block.cell is None for block in blocks)


def _lists_days(blocks: list[Block]) -> bool:
    lines = (block.text[start:end] for block in blocks for start, end in sentences(block.text))
    return sum(map(_is_entry, lines)) >= _FEWEST_ENTRIES


def _tells_days(blocks: list[Block]) -> bool:
    """The course of events as prose: so many moments, each no earlier than the one before."""
    prose = " ".join(block.text for block in blocks if block.cell is None)
    clocks = [(int(one[1]), int(one[2])) for one in _CLOCKS.finditer(prose)]
    falls = sum(later < one for one, later in pairwise(clocks))
    days = {(date.month, date.day) for date in day_dates(prose)}
    return len(clocks) >= _FEWEST_CLOCKS and falls <= max(1, len(days))


def _plans(blocks: list[Block]) -> bool:
    """Items that end in somebody's name with a date."""
    return sum(is_planned(block.text) for block in blocks if block.cell is None) >= _FEWEST_SIGNS


def _plans_all(blocks: list[Block]) -> bool:
    """A list whose every item has somebody's name with a date commits, though it is called a proposal."""
    items = [block.text for block in blocks if is_list_item(block)]
    return len(items) >= _FEWEST_SIGNS and all(map(is_planned, items))


def _is_entry(text: str) -> bool:
    start = _STARTS_DATED.match(text)
    dates = day_dates(text[:40])
    return bool(_CLOCK.match(text) or _WEEK.match(text)) or bool(
        dates and start and dates[0].start <= start.end()
    )


def _tells_harm(blocks: list[Block]) -> bool:
    text = "\n".join(one.text for one in blocks)
    return (
        bool(_FIGURE.search(text))
        and len({match[0].lower() for match in _HARM.finditer(text)}) >= _FEWEST_SIGNS
    )


def _counts(of: str) -> Callable[[list[Block]], bool]:
    signs = {"cause": _CAUSE, "repair": _MENDED, "plan": _AHEAD}[of]
    return lambda blocks: sum(len(list(signs.finditer(one.text))) for one in blocks) >= _FEWEST_SIGNS


_TELLS: Mapping[Topic, Callable[[list[Block]], bool]] = {
    Topic.IMPACT: _tells_harm,
    Topic.ROOT_CAUSE: _counts("cause"),
    Topic.RESOLVING: _counts("repair"),
    Topic.PREVENTIVE: _counts("plan"),
}
