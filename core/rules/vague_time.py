"""Times that are no times."""

from collections.abc import Iterator
from dataclasses import replace

from core.review.finding import FindingType, Risk
from core.rules.action_tables import Gap, not_a_date, row_gaps
from core.rules.rule import Hit, Rule, hit_in
from core.rules.topics import ACTIONS, Topic
from core.rules.unsupported_claim import is_told_whole
from core.rules.vagueness import vague_times
from core.rules.view import Sentence, View

_MINOR = frozenset({Topic.BACKGROUND, Topic.APPENDIX})


def _find(view: View) -> Iterator[Hit]:
    for row in row_gaps(view):
        if row.gap is Gap.VAGUE_DATE and row.cell is not None:
            because = "Nobody can tell when this action is late."
            yield replace(not_a_date(row, row.cell), because=because, hawkeye_refs=(12,))
    for sentence in view.sentences:
        if not sentence.text.endswith("?"):
            yield from _sentence_hits(view, sentence)


def _sentence_hits(view: View, sentence: Sentence) -> Iterator[Hit]:
    topics = view.topics_at(sentence.block)
    acting = bool(topics & ACTIONS)
    minor = bool(topics & _MINOR)
    for start, end in vague_times(sentence.text, action=acting)[:1]:
        if is_told_whole(view, sentence, start):
            continue
        words = sentence.text[start:end]
        yield hit_in(
            sentence,
            start,
            end,
            reason=f"“{words}” does not say when: two readers will think of two different times.",
            suggestion="Give the calendar date by which it will be done."
            if acting
            else "Give the date, the time or the measured span of time, with its source.",
            because="It is background here." if minor else "",
            questions=("When exactly, and which record shows it?",),
            risk=Risk.LOW if minor else None,
        )


RULE = Rule(
    slug="vague-time",
    title="Vague time",
    type=FindingType.IMPORTANT,
    risk=Risk.MEDIUM,
    hawkeye_refs=(12, 13),
    suggestion="Give the calendar date by which it will be done.",
    because="It cannot be checked or followed up.",
    precision="A date, clock time or span of time beside the words makes them exact; quoted words are left alone.",
    find=_find,
)
