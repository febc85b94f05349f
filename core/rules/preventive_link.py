"""Preventive actions that please the eye or the staff and have nothing to do with what happened."""

import re
from collections.abc import Iterator
from functools import lru_cache

from core.documents.model import BlockKind
from core.review.finding import FindingType, Risk
from core.rules.lexicon import lower_pattern, lowered
from core.rules.rule import Hit, Rule, Scope, hit_in
from core.rules.stems import stems_of
from core.rules.topics import ACTIONS, Topic
from core.rules.view import Sentence, View

_COSMETIC = lower_pattern("cosmetic")
_DENIED = re.compile(r"\b(?:no|not|never|nor|without|instead of|rather than)\b", re.IGNORECASE)
# "Repair" begins like "repaint".
_PAINTED = re.compile(r"\b(?:re)?paint\w*")


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        if Topic.PREVENTIVE not in view.topics_at(sentence.block) or sentence.text.endswith("?"):
            continue
        match = next(_COSMETIC.finditer(lowered(sentence.text)), None)
        if match is not None and not _is_about_it(view, sentence, match):
            yield _hit(sentence, match[0])


def _is_about_it(view: View, sentence: Sentence, match: re.Match[str]) -> bool:
    """Whether the document tells of such things elsewhere: where two colours were mistaken, paint is a remedy."""
    words = stems_of(_PAINTED.sub("paint", match[0]))
    return bool(words & _stems_told(view)) or bool(_DENIED.search(sentence.text[: match.start()]))


@lru_cache(maxsize=1)
def _stems_told(view: View) -> frozenset[str]:
    """What the document is about, without its actions."""
    told = (
        block.text
        for block in view.blocks
        if block.kind is not BlockKind.HEADING and not view.topics_at(block) & ACTIONS
    )
    return stems_of(_PAINTED.sub("paint", lowered("\n".join(told))))


def _hit(sentence: Sentence, words: str) -> Hit:
    return hit_in(
        sentence,
        0,
        len(sentence.text),
        reason=f"Nothing that the document tells of has to do with “{words}”: the action does not meet the cause.",
        questions=("Which cause or which missed control does this action meet?",),
    )


RULE = Rule(
    slug="no-preventive-link",
    title="Action that prevents nothing",
    type=FindingType.IMPORTANT,
    risk=Risk.MEDIUM,
    hawkeye_refs=(12, 11),
    suggestion="Leave it out, or say which cause it removes and how anybody will see that it worked.",
    because="It fills the list, and the cause stays as it is.",
    precision="Only looks, comfort and events for staff, and only where nothing else in the document speaks of them.",
    find=_find,
    scope=Scope.DOCUMENT,
    confidence=0.75,
)
