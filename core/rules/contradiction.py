"""Statements that cannot both hold: none and some, all and not these, still so and no longer so, unhurt and hurt, one
event at two hours."""

from collections.abc import Iterator
from itertools import chain

from core.review.finding import FindingType, Risk
from core.rules.counterexamples import counterexample
from core.rules.lasting import lasting_and_ended, unhurt_and_hurt
from core.rules.quantified import universals
from core.rules.retold import retold
from core.rules.rule import Hit, Rule, Scope, hit_in
from core.rules.view import Sentence, View

_MOST_UNIVERSALS = 200
_LONGEST_QUOTE = 200


def _find(view: View) -> Iterator[Hit]:
    told: set[str] = set()
    for sentence, other in _pairs(view):
        place = f"{sentence.block.id} {sentence.start}"
        if place not in told:
            told.add(place)
            yield _hit(sentence, other)


def _pairs(view: View) -> Iterator[tuple[Sentence, str]]:
    """(what is said, what excludes it)."""
    prose = (one for one in view.sentences if one.block.cell is None)
    every = [one for sentence in prose for one in universals(sentence)]
    for universal in every[:_MOST_UNIVERSALS]:
        other = counterexample(view, universal)
        if other is not None:
            yield universal.sentence, other.text
    for sentence, other in chain(lasting_and_ended(view), unhurt_and_hurt(view)):
        yield sentence, other.text
    yield from retold(view)


def _hit(sentence: Sentence, other: str) -> Hit:
    words = " ".join(other.split())
    quote = words if len(words) <= _LONGEST_QUOTE else f"{words[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
    return hit_in(
        sentence,
        0,
        len(sentence.text),
        reason=f"This cannot hold beside “{quote}”, which the document says elsewhere.",
        questions=("Which of the two is right, and what shows it?",),
    )


RULE = Rule(
    slug="contradiction",
    title="Statements that contradict each other",
    type=FindingType.IMPORTANT,
    risk=Risk.HIGH,
    hawkeye_refs=(13, 2),
    suggestion="Check both at their source and correct the wrong one; if both hold, say when or of whom each does.",
    because="A reader cannot tell which of them to believe.",
    precision="None and some, all and not these of one kind with the same words around; lasting states and injuries."
    " Norms, plans, what others said, other times and other parts of the kind are left alone.",
    find=_find,
    scope=Scope.DOCUMENT,
    confidence=0.75,
)
