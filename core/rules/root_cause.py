"""Root causes that only tell the event again: why it could happen stays open."""

import re
from collections.abc import Iterator
from functools import lru_cache

from core.review.finding import FindingType, Risk
from core.rules.circular import is_circular
from core.rules.hedge import is_hedged
from core.rules.lexicon import pattern
from core.rules.rule import Hit, Rule, Scope, hit_in
from core.rules.stems import stems_of
from core.rules.topics import Topic
from core.rules.view import Sentence, View

_NAMED = pattern("cause_named")
_EVENT = pattern("event_told")
_PERHAPS = pattern("event_perhaps")
_MECHANISM = pattern("mechanism")
_LEADS = re.compile(r"^(?:that|because) ")
# "The cause was a worn seal that leaked" names no event, nor does "the cause was the seal that leaked".
_THING = re.compile(r"(?:an? |(?<!: )the )", re.IGNORECASE)
_OF_EVENT = frozenset({Topic.SUMMARY, Topic.IMPACT, Topic.TIMELINE})
_MOSTLY = 0.5
_LONGEST_WORDS = 24
"""A longer clause tells how it came about, in some words or other."""
# "This is what the driver saw. It could happen because ...": the sentence behind it goes on to the reason.
_GOES_DEEPER = re.compile(
    r"^(?:This|That|It|They|He|She|The reason|The cause)\b"
    r".*\b(?:because|since|due to|reason|caused|possible|missing|lack\w*)\b"
)


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        told = Topic.ROOT_CAUSE in view.topics_at(sentence.block) and not sentence.is_quoted()
        if told and (is_circular(sentence.text) or _retells(view, sentence)):
            yield _hit(sentence)


def _retells(view: View, sentence: Sentence) -> bool:
    named = _NAMED.search(sentence.text)
    if named is None or sentence.is_quoted(*named.span()):
        return False
    told = sentence.text[named.end() :].strip()
    clause = _LEADS.sub("", told)
    if len(clause.split()) > _LONGEST_WORDS or _MECHANISM.search(clause):
        return False
    starts = _event_starts(view, clause)
    if not (0 in starts if _THING.match(sentence.text, named.end() + 1) else starts):
        return False
    _, after = view.neighbours(sentence)
    deeper = after is not None and _GOES_DEEPER.match(after.text)
    return not (deeper or is_hedged(view, sentence))


def _event_starts(view: View, clause: str) -> set[int]:
    """Where it tells what anybody could see, or what the summary tells and the impact counts."""
    families = [_EVENT, _PERHAPS] if _is_known(view, clause) else [_EVENT]
    return {match.start() for family in families for match in family.finditer(clause)}


def _is_known(view: View, clause: str) -> bool:
    stems = stems_of(clause)
    return len(stems & _stems_of_event(view)) >= _MOSTLY * len(stems)


@lru_cache(maxsize=1)
def _stems_of_event(view: View) -> frozenset[str]:
    return stems_of("\n".join(one.text for one in view.blocks if view.topics_at(one) & _OF_EVENT))


def _hit(sentence: Sentence) -> Hit:
    return hit_in(
        sentence,
        0,
        len(sentence.text),
        reason="The root cause given here is the event itself, told again: it does not say what made it possible.",
        questions=(
            "Why could this happen, and why did nothing stop it?",
            "Which check, rule, limit or design would have to change so that it cannot happen again?",
        ),
    )


RULE = Rule(
    slug="root-cause-is-symptom",
    title="Root cause that is a symptom",
    type=FindingType.IMPORTANT,
    risk=Risk.HIGH,
    hawkeye_refs=(11,),
    suggestion="Ask why once more, until the answer names something that can be changed: a check, a rule, a limit.",
    because="Actions against a symptom leave the cause in place.",
    precision="Only sentences of the root cause section that name the cause as what anybody could see, in a short"
    " clause without a reason, a rule, a setting or a change in it or right behind it.",
    find=_find,
    scope=Scope.DOCUMENT,
    confidence=0.7,
)
