"""A case that was closed, or this report that was accepted, before the case was opened."""

import datetime
import re
from collections.abc import Iterator, Sequence

from core.rules.dates import day_dates
from core.rules.impossible_dates import exists
from core.rules.lexicon import phrases
from core.rules.rule import Hit, hit_in
from core.rules.timeline import Entry, slashes_of
from core.rules.topics import Topic
from core.rules.view import Sentence, View

_CASE = r"(?:incident|case|ticket|investigation|inquiry|inquest)"
_REPORT = r"(?:report|review|write-up|document|paper|investigation)"
_OVER = r"(?:closed|resolved|completed|concluded|finished|settled)"
_ACCEPTED = phrases("dealt_with_report")
_ID = r"[A-Z][\w/.-]*\d[\w/-]*"
_WAS = r"(?:was|is|has been)(?: [a-z]+ly| then| finally)?"
_DEALT_WITH = re.compile(
    rf"\b(?:[Tt]h(?:e|is) {_CASE}(?: (?P<one>{_ID}))?|(?i:{_CASE}) (?P<other>{_ID})) {_WAS} {_OVER}\b"
    rf"|\b[Tt]h(?:is|e present) {_REPORT} {_WAS} (?:{_ACCEPTED}|{_OVER})\b"
    rf"|\b(?:[Rr]eview|[Aa]pproval|[Aa]cceptance|[Dd]iscussion|[Ss]ign-?off|[Cc]losure|[Pp]resentation|[Rr]eading)"
    rf" of th(?:is|e present) (?:{_REPORT}|{_CASE})\b"
    rf"|\b(?:closed|resolved) th(?:is|e) {_CASE}\b"
    rf"|\b(?:accepted|approved|signed|endorsed|adopted|looked at|discussed|read) th(?:is|e present) {_REPORT}\b"
    rf"|^(?:Read and )?[Aa](?:ccepted|pproved) by\b"
)
_ON = re.compile(r"\bon (?:[A-Z][a-z]+day,? (?:the )?)?$")
_OPENED = re.compile(
    r"\b(?:open(?:s|ed)|files|filed|logs|logged|starts|started|opening of)\b"
    rf"(?: [a-z]+){{0,2}} (?:{_CASE}|report|review)\b",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:draft|earlier|previous|prior|former|similar|another|first version|last year|at first)\b",
    re.IGNORECASE,
)
_ELSEWHERE = frozenset({Topic.TIMELINE, Topic.BACKGROUND, Topic.APPENDIX})


def closed_before_opened(view: View, entries: Sequence[Sequence[Entry]]) -> Iterator[Hit]:
    """Sentences that date the end of the case, or what became of this report, before it all began.

    It began when the timeline says that it was opened, else with the first entry.
    """
    begun = _begun(entries)
    for sentence in view.sentences if begun else ():
        if view.topics_at(sentence.block) & _ELSEWHERE or sentence.is_quoted():
            continue
        day = _dealt_with(view, sentence)
        if begun is not None and day is not None and day < begun:
            yield hit_in(
                sentence,
                0,
                len(sentence.text),
                reason=f"By the timeline it was not open before {begun.day} {begun:%B %Y}.",
                suggestion="Check both dates at their source and correct the wrong one.",
            )


def _begun(entries: Sequence[Sequence[Entry]]) -> datetime.date | None:
    dated = [entry for timeline in entries for entry in timeline if entry.moment[0]]
    opened = [entry for entry in dated if _OPENED.search(entry.block.text[entry.start : entry.end])]
    days = [datetime.date(*entry.moment[:3]) for entry in opened or dated]
    return min(days, default=None)


def _dealt_with(view: View, sentence: Sentence) -> datetime.date | None:
    """The day on which the sentence says it was closed or accepted."""
    text = sentence.text
    told = _DEALT_WITH.search(text)
    if told is None or _ANOTHER.search(text) or not _is_this_one(view, told["one"] or told["other"]):
        return None
    for date in day_dates(text, slashes_of(view)):
        if date.start > told.end() and _ON.search(text[: date.start]) and date.year and exists(date):
            return datetime.date(date.year, date.month, date.day)
    return None


def _is_this_one(view: View, name: str | None) -> bool:
    """Whether the case of this name is the one that the timeline or the summary tells of."""
    telling = {Topic.TIMELINE, Topic.SUMMARY}
    return name is None or any(name in block.text for block in view.blocks if view.topics_at(block) & telling)
