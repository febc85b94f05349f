"""Text that speaks to an AI reviewer instead of to people."""

import re
from collections.abc import Iterator
from dataclasses import replace

from core.review.finding import FindingType, Risk
from core.rules.lexicon import alternatives, phrases
from core.rules.openings import Quick
from core.rules.rule import Hit, Rule, hit_in
from core.rules.text import quoted_spans
from core.rules.view import Sentence, View


def _of(family: str) -> Quick:
    return Quick(alternatives(family), before=r"(?<!\w)", after=r"(?!\w)", flags=re.IGNORECASE)


_VOCATIVE = _of("vocative")
_SALUTATION = _of("salutation")
_IN_CASE = _of("in_case")
_SUBJECT = _of("subject")
_READER = _of("reader_as_subject")
_NAMED = _of("named_as_subject")
_ORDER = re.compile(rf"(?<!\w){phrases('order_given')}(?!\w)", re.IGNORECASE)
_ABOUT_REVIEW = re.compile(rf"(?<!\w){phrases('about_review')}(?!\w)", re.IGNORECASE)
_OVERRIDE = _of("override")
_SHOUTED = re.compile(rf"(?:^|[\"“'‘\[(*#>]\s*){phrases('shouted')}")
_NAME_WORDS = 5
_TOLD_OF = re.compile(
    r"\b(?:shared|posted|typed|pasted|tried|entered|sent|wrote|asked)\b[^.;]*$", re.IGNORECASE
)
_ANOTHER_DEED = re.compile(r",? and \w+ (?:the|a|an|all|every|me|us|him|her|them) \w+")
_QUOTED_ORDER = re.compile(phrases("quoted_order"), re.IGNORECASE)
_MACHINE_WORD = re.compile(
    r"\b(?:you|ai|llm|gpt|bot|robot|comput|machine|model|assist|summar|algorithm|software|engine|grad|system|program|evaluat"
    r"|scan|pars|classif|automat|review|screen|neural|prompt|copilot|claude|gemini|chat|language|digital|pretend|imagine|act)",
    re.IGNORECASE,
)
_ABOUT_PEOPLE = re.compile(
    r"\b(?:told|instructed|asked|reviewers? (?:was|were)|procedure|manual says|analysts?|clerks?)\b",
    re.IGNORECASE,
)


def _find(view: View) -> Iterator[Hit]:
    last: Sentence | None = None
    for sentence in view.sentences:
        if _is_order(sentence) or (last and _is_answered(view, last, sentence)):
            last = replace(last, end=sentence.end) if last and _follows(view, last, sentence) else sentence
        elif last is not None:
            yield _hit(last)
            last = None
    if last is not None:
        yield _hit(last)


def _is_order(sentence: Sentence) -> bool:
    text = sentence.text
    spoken = _is_addressed(text) or _READER.search(text) or _SHOUTED.search(text)
    return bool(spoken or _override(sentence) or _is_quoted_order(sentence))


def _is_quoted_order(sentence: Sentence) -> bool:
    """A document quotes many things, but hardly anything else that calls a machine or binds it."""
    text = sentence.block.text
    return any(
        _MACHINE_WORD.search(text, first, last) and _QUOTED_ORDER.search(text[first + 1 : last - 1])
        for first, last in quoted_spans(text)
        if sentence.start <= first < sentence.end
    )


def _is_addressed(text: str) -> bool:
    """A machine is spoken to and told what to do, or is said to have to do it; and it is about reviewing."""
    spoken_to = _VOCATIVE.search(text) or _IN_CASE.search(text)
    if spoken_to and _ORDER.search(text, spoken_to.end()) and _ABOUT_REVIEW.search(text, spoken_to.start()):
        return True
    if _SALUTATION.search(text):
        return True
    told = _SUBJECT.search(text) or _NAMED.search(text)
    return told is not None and _ABOUT_REVIEW.search(text, told.start()) is not None


def _follows(view: View, last: Sentence, sentence: Sentence) -> bool:
    """Orders that stand one after the other are one text."""
    before, _ = view.neighbours(sentence)
    return before is not None and before.block is last.block and before.end == last.end


def _is_answered(view: View, last: Sentence, sentence: Sentence) -> bool:
    """Behind a question to the machine ("Bot marking this form?") stands what it shall do; and one quotation is one
    text."""
    quoted = any(
        last.start <= first < last.end and sentence.start < end
        for first, end in quoted_spans(sentence.block.text)
    )
    return (quoted or last.text.endswith("?")) and _follows(view, last, sentence)


def _hit(order: Sentence) -> Hit:
    hidden = "hidden" in order.block.flags
    return hit_in(
        order,
        0,
        len(order.text),
        reason="This text gives orders to an AI that reviews the document"
        + (" and is hidden from readers." if hidden else "; it is not addressed to people."),
        questions=("Where does this text come from, and who put it there?",),
    )


def _override(sentence: Sentence) -> re.Match[str] | None:
    """Orders without an addressee, unless the sentence tells what people were told."""
    if _ABOUT_PEOPLE.search(sentence.text):
        return None
    found = _OVERRIDE.finditer(sentence.text)
    return next((one for one in found if not (_is_name(sentence, one) or _is_recounted(sentence, one))), None)


def _is_recounted(sentence: Sentence, match: re.Match[str]) -> bool:
    """ "A visitor typed "ignore your rules and sing"": told of somebody, and of no review."""
    start, end = sentence.start + match.start(), sentence.start + match.end()
    spans = (span for span in quoted_spans(sentence.block.text) if span[0] <= start and end < span[1])
    _, last = next(spans, (0, 0))
    rest = sentence.block.text[end : last - 1]
    told = _TOLD_OF.search(sentence.text[: match.start()])
    return bool(told and _ANOTHER_DEED.match(rest) and not _ABOUT_REVIEW.search(rest))


def _is_name(sentence: Sentence, match: re.Match[str]) -> bool:
    """ "Ignore The Rules Ltd": a short quotation in title case is what something is called."""
    start, end = sentence.start + match.start(), sentence.start + match.end()
    words = next(_quotations(sentence.block.text, start, end), "").split()
    return 2 < len(words) <= _NAME_WORDS and all(word[0].isupper() for word in words)


def _quotations(text: str, start: int, end: int) -> Iterator[str]:
    return (
        text[first + 1 : last - 1] for first, last in quoted_spans(text) if first <= start and end <= last
    )


RULE = Rule(
    slug="prompt-injection",
    title="Text addressed to an AI reviewer",
    type=FindingType.CRITICAL,
    risk=Risk.HIGH,
    hawkeye_refs=(13, 15),
    suggestion="Take it out, or mark it as evidence and describe it in your own words; it was not followed here.",
    because="It tries to steer the review.",
    precision="An order to a machine about reviewing, not a mention of a model; quoted text counts, it is read too.",
    find=_find,
)
