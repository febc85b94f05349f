"""Events of the timeline that the text tells again at another hour: "06:40 Control calls the fitter", "the fitter was
called at 03:05".
"""

import re
from collections.abc import Iterator

from core.rules.dates import without_dates
from core.rules.quantified import clause_around, is_told_as_fact
from core.rules.stems import LIGHT, stems_in
from core.rules.timeline import timelines
from core.rules.topics import Topic
from core.rules.view import Sentence, View

_AT = re.compile(
    r"\b(?:at|by) (?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)\b(?! ?[ap]\.?m)(?! (?:on|the next|and|to)\b)",
    re.IGNORECASE,
)
_CLOCK_FIRST = re.compile(
    r"\W*(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)\b(?! ?[ap]\.?m)", re.IGNORECASE
)
_ANY = re.compile(r"\d{1,2}[:.]\d\d\b")
_ANOTHER = re.compile(
    r"\b(?:again|first|second|third|last|later|next|another|other|also|once more|daily|each|every|until|since|before"
    r"|after)\b",
    re.IGNORECASE,
)
_LEAST = 3
_MOST_ENTRIES = 200


def retold(view: View) -> Iterator[tuple[Sentence, str]]:
    """(the sentence, the entry of the timeline that has another time)."""
    entries = [(time, text, _about(text)) for time, text in _entries(view)][:_MOST_ENTRIES]
    for sentence in view.sentences if entries else ():
        told = _only_time(view, sentence)
        if told is None:
            continue
        start, end = clause_around(sentence.text, *told.span())
        clause, time = sentence.text[start:end], (int(told["hour"]), int(told["minute"]))
        about = frozenset[str]() if _ANOTHER.search(clause) else _about(clause)
        same = [(at, text) for at, text, happened in entries if _is_same(happened, about)]
        if same and all(at != time for at, _ in same):
            (hour, minute), event = same[0]
            yield sentence, f"{hour:02}:{minute:02} {event}"


def _only_time(view: View, sentence: Sentence) -> re.Match[str] | None:
    """The one time of a sentence of the text, not of the timeline."""
    told = list(_AT.finditer(sentence.text))
    if len(told) != 1 or len(_ANY.findall(sentence.text)) != 1 or sentence.block.cell is not None:
        return None
    apart = Topic.TIMELINE not in view.topics_at(sentence.block) and is_told_as_fact(sentence)
    return told[0] if apart else None


def _entries(view: View) -> Iterator[tuple[tuple[int, int], str]]:
    """Hour and minute, and what happened, also of lines that have their date from a line before."""
    for row in timelines(view):
        for one in row:
            if one.moment[3] >= 0:
                yield one.moment[3:], one.block.text[one.start : one.end]
    for block in view.blocks:
        clock = _CLOCK_FIRST.match(block.text) if Topic.TIMELINE in view.topics_at(block) else None
        if clock and block.cell is None:
            yield (int(clock["hour"]), int(clock["minute"])), block.text[clock.end() :].lstrip(" :–-")


def _about(text: str) -> frozenset[str]:
    return frozenset(stems_in(without_dates(text))) - LIGHT


def _is_same(event: frozenset[str], clause: frozenset[str]) -> bool:
    return len(event & clause) >= _LEAST and len(event - clause) <= 1
