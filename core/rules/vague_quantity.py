"""Quantities without a figure."""

import re
from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.action_tables import row_gaps
from core.rules.figures import figure_beside
from core.rules.lexicon import lower_pattern, lowered, phrases, words
from core.rules.number_words import NUMBER_WORDS
from core.rules.rule import Hit, Rule, hit_in
from core.rules.text import Span, overlaps
from core.rules.topics import Topic
from core.rules.unsupported_claim import is_told_whole
from core.rules.vagueness import vague_times
from core.rules.view import Sentence, View

_VAGUE = lower_pattern("vague_quantity")
_MINOR = frozenset({Topic.BACKGROUND, Topic.APPENDIX})
_NEGATED = re.compile(rf"\b{phrases('negation_before')} (?:a |an |the |any )?$", re.IGNORECASE)
_STOP = "|".join(sorted(words("after_a_noun")))
_TAIL = re.compile(
    rf"(?: (?:of|the|these|those|our|its|their|such|all|\d+)\b)*(?: (?!(?:{_STOP})\b)[a-z][\w'’-]*)"
)
_PLURAL = re.compile(r"(?:[a-z]{2}(?<!s)(?<!ou)s|people)$")
_PARTITIVE = re.compile(
    r"\b(?:many|most|several|some|few|much|majority|minority|share|part|portion|proportion|bulk|fraction|half|all|none)s?\b"
)
_FIGURE_NEXT = re.compile(
    rf" (?:about |exactly |only |up to )?(?:[$€£]?\d[\d.,]*(?!-|\w)|{NUMBER_WORDS}\b)", re.IGNORECASE
)
# "Several times, at 10:02, 10:11 and 10:15".
_TIMES_NEXT = re.compile(
    r"[^.;:,]{0,30}[,:] (?:namely )?(?:at |on |in )?\d[^.;]{0,40}(?:,| and) (?:at |on |in )?\d"
)
# Lots, loads, scores and batches that are things.
_HEAPS = re.compile(r"[a-z]+s of$")
_COUNTED_BEFORE = re.compile(
    rf"\b(?:the|these|those|both|our|its|their|each|\d+|{NUMBER_WORDS}) $", re.IGNORECASE
)
# "No ship left with too many cars on board" says that there was no such thing.
_DENIED = re.compile(r"\b(?:no|none|neither|nobody|never|not)\b[^,;:.]*$", re.IGNORECASE)
_EXCESS = re.compile(r"too (?:many|few|much)\b", re.IGNORECASE)
# "The branch's 400 most frequent articles" are those.
_RANKED = re.compile(r"(?:\d|['’]s) $")
_NO_QUANTITY = re.compile(rf"\b{phrases('no_quantity')}", re.IGNORECASE)
# "A number of studies show it [13–16]": the literature that is cited counts them.
_CITED = re.compile(r"\[\d{1,3}(?:[–,-] ?\d{1,3})*\]")
_LONGEST = 8
_NEGATION_CHARS = 40


def _find(view: View) -> Iterator[Hit]:
    # "Various" as an owner is told once, as an action that nobody owns.
    told = {row.cell.id for row in row_gaps(view) if row.cell is not None}
    for sentence in view.sentences:
        if not sentence.text.endswith("?") and sentence.block.id not in told:
            yield from _sentence_hits(view, sentence)


def _sentence_hits(view: View, sentence: Sentence) -> Iterator[Hit]:
    """The first vague quantity of a sentence; the others are the same finding to whoever mends it."""
    spans = [match.span() for match in _VAGUE.finditer(lowered(sentence.text))]
    times = vague_times(sentence.text, action=True) if spans else []
    span = next((span for span in spans if not overlaps(times, *span) and _is_vague(sentence, span)), None)
    if span is not None and not is_told_whole(view, sentence, span[0]):
        yield _hit(view, sentence, span)


def _is_vague(sentence: Sentence, span: Span) -> bool:
    text, (start, end) = sentence.text, span
    quoted = sentence.is_quoted(start, end)
    before = text[max(0, start - _NEGATION_CHARS) : start]
    denied = _EXCESS.match(text, start) and _DENIED.search(text[:start])
    return not (
        quoted
        or denied
        or _NEGATED.search(before)
        or figure_beside(text, start, end)
        or _CITED.search(text, end)
        or overlaps([match.span() for match in _NO_QUANTITY.finditer(text)], start, end)
        or _is_exact(text, before, span)
    )


def _is_exact(text: str, before: str, span: Span) -> bool:
    """ "A batch of 16", "four lots of paint", "the lots of May": what is counted right behind the words, or they are
    counted themselves; "some of 16" is not."""
    if _TIMES_NEXT.match(text, span[1]):
        return True
    words = text[span[0] : span[1]].lower()
    if words.startswith("most ") and _RANKED.search(before):
        return True
    if not words.endswith(" of") or _PARTITIVE.search(words):
        return False
    return bool(_FIGURE_NEXT.match(text, span[1]) or (_HEAPS.match(words) and _COUNTED_BEFORE.search(before)))


def _to_the_noun(text: str, start: int, end: int) -> int:
    """Takes in what is counted: up to three words on, or to the first plural."""
    if _PLURAL.search(text[start:end].split()[-1]):
        return end
    for word in _TAIL.finditer(text, end):
        if word.start() != end or len(text[start:end].split()) > _LONGEST:
            break
        end = word.end()
        if _PLURAL.search(word[0]):
            break
    return end


def _hit(view: View, sentence: Sentence, span: Span) -> Hit:
    start, end = span
    end = _to_the_noun(sentence.text, start, end)
    minor = bool(view.topics_at(sentence.block) & _MINOR)
    return hit_in(
        sentence,
        start,
        end,
        reason=f"“{sentence.text[start:end]}” has no figure beside it, so the size stays open.",
        because="It is background here." if minor else "",
        questions=("How many, out of how many, and where was it counted?",),
        risk=Risk.LOW if minor else None,
    )


RULE = Rule(
    slug="vague-quantity",
    title="Vague quantity",
    type=FindingType.IMPORTANT,
    risk=Risk.MEDIUM,
    hawkeye_refs=(1, 18),
    suggestion="Give the count or the share with what it is a share of, and the source of the figure.",
    because="Decisions rest on the figures of this section.",
    precision="A figure or a list beside the words makes them exact; quotes and questions are left alone.",
    find=_find,
)
