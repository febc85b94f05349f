"""Words that judge people instead of describing what happened."""

import re
from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.lexicon import pattern, words
from core.rules.rule import Hit, Rule, hit_in
from core.rules.view import Sentence, View

_JUDGING = tuple(
    pattern(family) for family in ("insult", "vice", "vicious", "hindsight", "idle", "guilt", "mockery")
)
_OF_STAFF = pattern("staff_judgement")
_STAFF = pattern("staff")
_TERM = pattern("term_of_art")
_TERM_CHARS = 16
_AT_FAULT = re.compile(r"(?:to blame|at fault)$", re.IGNORECASE)
_THINGS = words("things_at_fault")
_DENIED = re.compile(
    r"\b(?:no|not|without|never|nobody|avoid\w*|rather than|instead of)\s+(?:\w+\s+)?$", re.IGNORECASE
)
# "Such as calling a seller lazy": words that the text warns of.
_NAMED_AS = re.compile(
    r"\b(?:such as|for example|avoid|against|without|forbids?|forbidden|from|not|never|no) (?:to )?"
    r"(?:call|describ|label|nam|brand)(?:e|ing)? (?:an? |the |any |our )?(?:\w+ ){1,3}?(?:as )?(?:\w+ or )?$",
    re.IGNORECASE,
)


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        match = next((one for one in _candidates(sentence.text) if _is_judgement(sentence, one)), None)
        if match:
            yield hit_in(
                sentence,
                0,
                len(sentence.text),
                reason=f"“{match[0]}” judges people; it does not say what made the error possible.",
                questions=("What did the process, the tool or the training let happen here?",),
            )


def _candidates(text: str) -> Iterator[re.Match[str]]:
    for family in _JUDGING:
        yield from family.finditer(text)
    if _STAFF.search(text):
        yield from _OF_STAFF.finditer(text)


def _is_judgement(sentence: Sentence, match: re.Match[str]) -> bool:
    quoted = sentence.is_quoted(*match.span())
    before = sentence.text[: match.start()]
    denied = (_DENIED.search(before) and "bother" not in match[0].lower()) or _NAMED_AS.search(before)
    term = _TERM.search(sentence.text[max(0, match.start() - _TERM_CHARS) : match.end() + _TERM_CHARS])
    return not (
        quoted or denied or term or (_AT_FAULT.search(match[0]) and _is_thing(sentence.text[: match.start()]))
    )


def _is_thing(subject: str) -> bool:
    return not _STAFF.search(subject) and not _THINGS.isdisjoint(subject.lower().split())


RULE = Rule(
    slug="blame-language",
    title="Blame",
    type=FindingType.IMPORTANT,
    risk=Risk.HIGH,
    hawkeye_refs=(11, 17),
    suggestion="Describe what was done and what led to it: the instruction, the tool, the time available.",
    because="It hurts people who cannot answer, and it ends the search for the cause.",
    precision="Words that may describe a seller's conduct count only beside a word for staff; quotes are left alone.",
    find=_find,
)
