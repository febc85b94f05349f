"""Root causes that only tell the event again: why it could happen stays open."""

import re
from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.hedge import is_hedged
from core.rules.lexicon import pattern
from core.rules.rule import Hit, Rule, hit_in
from core.rules.text import is_quoted
from core.rules.topics import Topic
from core.rules.view import Sentence, View

_NAMED = pattern("cause_named")
_EVENT = pattern("event_told")
_MECHANISM = pattern("mechanism")
_LEADS = re.compile(r"^(?:that|because) ")
_LONGEST_WORDS = 24
"""A longer clause tells how it came about, in some words or other."""
# "This is what the driver saw. It could happen because ...": the sentence behind it goes on to the reason.
_GOES_DEEPER = re.compile(
    r"^(?:This|That|It|They|He|She|The reason|The cause)\b"
    r".*\b(?:because|since|due to|reason|caused|possible|missing|lack\w*)\b"
)


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        if Topic.ROOT_CAUSE in view.topics_at(sentence.block) and _retells(view, sentence):
            yield _hit(sentence)


def _retells(view: View, sentence: Sentence) -> bool:
    named = _NAMED.search(sentence.text)
    if named is None or _is_quoted(sentence, named):
        return False
    told = _LEADS.sub("", sentence.text[named.end() :].strip())
    if len(told.split()) > _LONGEST_WORDS or _MECHANISM.search(told) or not _EVENT.search(told):
        return False
    _, after = view.neighbours(sentence)
    deeper = after is not None and _GOES_DEEPER.match(after.text)
    return not (deeper or is_hedged(view, sentence))


def _is_quoted(sentence: Sentence, named: re.Match[str]) -> bool:
    return is_quoted(sentence.block.text, sentence.start + named.start(), sentence.start + named.end())


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
    confidence=0.7,
)
