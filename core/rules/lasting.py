"""What is said to last and ended elsewhere, and harm that is denied and told elsewhere."""

import re
from collections.abc import Iterator

from core.rules.dates import date_spans
from core.rules.lexicon import pairs, phrases
from core.rules.quantified import is_told_as_fact
from core.rules.view import Sentence, View

_LASTS = re.compile(
    r"^(?:(?:Until then|To this day|So far|Today|At present|For now|As of today),? )?"
    r"(?:(?:[Tt]he|[Tt]hese|[Bb]oth|[Aa]ll) )*(?P<who>[\w' -]{3,50}?)"
    r" (?:(?:still )?(?:remains?|stays?|continues? to be)|(?:is|are) still)(?: still)? "
)
# "Sellers who did not answer": which of them is not said by two or three words.
_TELLS_WHICH = re.compile(r"\b(?:who|which|that|whose|where|not|other|some|rest|of)\b", re.IGNORECASE)
_OPEN = re.compile(
    rf"\b(?:again|{phrases('negated')}|(?<!^)until|till|unless|while|during|when)\b", re.IGNORECASE
)
_ENDED = r"(?: (?:was|were|has been|have been|is|are|went|came|has|have|had been|got))?"
_BETWEEN = r"(?: \w+){0,3}? "
# Of another case, at another time, or not at all.
_ELSEWHERE = re.compile(
    rf"\b(?:again|{phrases('negated')}|similar|comparable|another|earlier|previous|other|at night|by mistake"
    r"|in (?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_UNHURT = re.compile(
    r"^(?:Nobody|No one|Not one person|No person) (?:was|were|has been|had been|came to|suffered)"
    r" (?:hurt|injured|harmed|wounded|physical harm|bodily harm|harm|any injur\w+|an injury)"
    r"(?: (?:by|in|during|at) (?:the|this|it) ?\w*)?[.;,]"
)
_HURT = re.compile(rf"\b(?:{phrases('hurt')})\b")
_PAIRS = tuple((re.compile(rf"(?:{lasts})\b"), ended) for lasts, ended in pairs("lasting"))


def lasting_and_ended(view: View) -> Iterator[tuple[Sentence, Sentence]]:
    """("Pump 2 stays out of service.", "Pump 2 went back into service on 22 September.")"""
    for sentence in view.sentences:
        ended = _ended(sentence)
        if ended is not None:
            yield from _pairs_of(view, sentence, ended)


def unhurt_and_hurt(view: View) -> Iterator[tuple[Sentence, Sentence]]:
    """("Nobody was hurt.", "A porter broke his wrist.")"""
    for sentence in view.sentences:
        if _UNHURT.match(sentence.text) and is_told_as_fact(sentence):
            yield from _pairs_of(view, sentence, _HURT)


def _pairs_of(
    view: View, sentence: Sentence, excluding: re.Pattern[str]
) -> Iterator[tuple[Sentence, Sentence]]:
    for other in view.sentences:
        found = other is not sentence and excluding.search(other.text)
        if found and not _ELSEWHERE.search(other.text) and is_told_as_fact(other):
            yield sentence, other


def _ended(sentence: Sentence) -> re.Pattern[str] | None:
    """What is read where this one's state has ended; None where it tells of no lasting state."""
    text = sentence.text
    lasts = _LASTS.match(text)
    if lasts is None or _TELLS_WHICH.search(lasts["who"]) or sentence.block.cell is not None:
        return None
    ends = next((ended for state, ended in _PAIRS if state.match(text, lasts.end())), None)
    if ends is None or _OPEN.search(text) or date_spans(text) or not is_told_as_fact(sentence):
        return None
    return re.compile(rf"\b{re.escape(lasts['who'])}{_ENDED}{_BETWEEN}(?:{ends})\b", re.IGNORECASE)
