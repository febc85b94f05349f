"""By when something is to be done, as this sentence says it or the ones beside it."""

import re

from core.rules.actors import speaks_of_owner
from core.rules.clauses import ACTIVE, BRACKETS, PASSIVE, WHO, is_list_item
from core.rules.dates import duration_spans, has_date
from core.rules.led import term_led
from core.rules.lexicon import pattern
from core.rules.stems import stems_of
from core.rules.vagueness import vague_times
from core.rules.view import Sentence, View

_BOUND = pattern("time_bound")
_PAST = pattern("looking_back")
_AHEAD = pattern("looking_ahead")
_DUE = re.compile(r"^(?:due|deadline|by when|target(?: date)?|when|date|completion)\b", re.IGNORECASE)
_FIELD = re.compile(r"[A-Z][a-z]+(?: [a-z]+){0,2} ?[:=]|(?:[Dd]ue|[Ww]ho|[Ww]hen|[Oo]wner|[Bb]y) ")
_GOES_ON = re.compile(
    r"\b(?:it|this|that|these|they|she|he|both|all|the (?:actions?|work|changes?|measures?|steps?))\b",
    re.IGNORECASE,
)


def is_bound(text: str) -> bool:
    """Whether this text itself says when, by a date, a span of time or a condition."""
    return has_date(text) or bool(duration_spans(text)) or bool(_BOUND.search(text))


def is_dated(view: View, sentence: Sentence) -> bool:
    """A date here, in a field of this item ("Due: 3 May"), set by the heading or the opening of the list, or told
    in the sentence beside it if that one looks ahead too."""
    if is_bound(sentence.text):
        return True
    if term_led(view, sentence.block) or _has_due_field(view, sentence):
        return True
    if is_list_item(sentence.block) and any(
        _DUE.match(one.text) and has_date(one.text) for one in view.by_block[sentence.block.id]
    ):
        return True
    near = [one.text for one in view.neighbours(sentence) if one]
    return any(_gives_due(text) and not _others_action(text, sentence.text) for text in near)


def _has_due_field(view: View, sentence: Sentence) -> bool:
    """ "Limit it to ten. Owner: Ada Ferro. Date: 3 May 2026.": the fields of one item belong together."""
    _, after = view.neighbours(sentence)
    while after is not None:
        if _FIELD.match(after.text) is None:
            return False
        if _DUE.match(after.text) and has_date(after.text):
            return True
        _, after = view.neighbours(after)
    return False


def is_vaguely_due(view: View, sentence: Sentence) -> bool:
    """ "Due: as soon as possible" beside it is told as a vague time."""
    near = (one.text for one in view.neighbours(sentence) if one)
    return any(_DUE.match(text) and vague_times(text, action=True) for text in near)


def _others_action(text: str, mine: str) -> bool:
    """Whether the sentence beside mine is about what somebody else does, and its date with it."""
    who, me = WHO.match(text), WHO.match(mine)
    promised = ACTIVE.search(text) or PASSIVE.search(text)
    if promised and not (_GOES_ON.search(text[: promised.start()]) or speaks_of_owner(text)):
        return not stems_of(text) & stems_of(mine)
    return (
        who is not None and me is not None and who[0] != me[0] and not speaks_of_owner(BRACKETS.sub("", text))
    )


def _gives_due(text: str) -> bool:
    return has_date(text) and bool(_AHEAD.search(text) if _PAST.search(text) else True)
