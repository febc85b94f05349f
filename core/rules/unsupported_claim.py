"""Claims that nothing beside them supports: certainty, sweeping statements, lost trust."""

import re
from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.clauses import without_number
from core.rules.dates import has_date
from core.rules.figures import figure_spans
from core.rules.hedge import is_hedged
from core.rules.lexicon import lower_pattern, lowered, pattern, phrases
from core.rules.rule import Hit, Rule, hit_in
from core.rules.topics import Topic
from core.rules.view import Sentence, View

_VAGUE = lower_pattern("vague_quantity")
_AS_PROOF = pattern("as_proof")
_CERTAIN = (pattern("certainty"), pattern("only_reading"), pattern("elsewhere"))
_NO_EFFECT = pattern("no_effect")
_SWEEPING = (
    _AS_PROOF,
    _NO_EFFECT,
    *(
        pattern(family)
        for family in (
            "sweeping",
            "standing_lost",
            "foretold",
            "took_effect",
            "feelings",
            "praise",
            "beyond_compare",
            "nothing_lost",
            "all_are_good",
            "no_way_else",
        )
    ),
)
_EVIDENCE = re.compile(rf"\b{phrases('evidence')}\b|\([^)]*\d[^)]*\)|\b[A-Z]{{1,4}}-\d+", re.IGNORECASE)
_REPORTED = re.compile(
    r"\b(?:said|says|tells|told|wrote|stated?s?|claim(?:s|ed)|argue[sd]|denie[sd]|asked|whether|if|so that|to ensure"
    r"|must|should)\b",
    re.IGNORECASE,
)
_DIGIT_OR_MANY = re.compile(r"\d|hundred|thousand|million|dozen|teen|ty\b|half|third|quarter", re.IGNORECASE)
_REASON = re.compile(r"\b(?:because|since|as|which|whose|where|who)\b|[;:]")
_PROMISED = re.compile(r"\b(?:will|shall|must)\b")
# "Do not change it in any way", "but do not ...".
_DO = re.compile(r"(?:^|[,;:] |\b(?:and|but|please) )do $", re.IGNORECASE)
_NAME_BEFORE = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’-]+ $")
_REFERS_BACK = re.compile(r"^(?:This|That|It|These|The same|See|As|[Ii]ts)\b")
_ABOUT_WORDS = re.compile(
    r"(?:The|This|Its|His|Her|Their) (?:phrase|word|words|wording|term|expression|sentence)s?\b\s[“\"‘']",
    re.IGNORECASE,
)
_UNHURT = re.compile(
    r"(?:Nobody|No one|No other person|No other people)(?: else)? (?:was|were) (?:hurt|injured|harmed|killed)\.?",
    re.IGNORECASE,
)
# "Nobody noticed, since the alarm went elsewhere": whether it was seen is part of what happened.
_UNSEEN = re.compile(
    r"\b(?:nobody|no one)(?: (?:at|in|of|on) [\w ]{2,25})? (?:noticed|knew|saw)(?=[.,;])", re.IGNORECASE
)
_FREE = frozenset({Topic.RECOMMENDATIONS, Topic.APPENDIX, Topic.GLOSSARY})
_GRAVE = frozenset(
    {
        Topic.SUMMARY,
        Topic.IMPACT,
        Topic.ROOT_CAUSE,
        Topic.INVESTIGATION,
        Topic.CLASSIFICATION,
        Topic.CONCLUSION,
    }
)


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        match = _unsupported(view, sentence)
        if match is not None and not is_hedged(view, sentence) and not _opens_vaguely(sentence):
            yield _hit(view, sentence, match)


def is_told_whole(view: View, sentence: Sentence, start: int) -> bool:
    """Whether the sentence is reported as a claim or a guess: vague words at `start` are then part of that."""
    return start > 0 and (is_hedged(view, sentence) or _unsupported(view, sentence) is not None)


def _unsupported(view: View, sentence: Sentence) -> re.Match[str] | None:
    if _is_no_claim(sentence.text) or view.topics_at(sentence.block) & _FREE:
        return None
    match = _claim(sentence)
    return None if match is None or _supported(view, sentence, match) else match


def _opens_vaguely(sentence: Sentence) -> bool:
    """ "A great many members lost confidence" is told as a vague quantity: their number is what shows it."""
    return any(match.start() == 0 for match in _VAGUE.finditer(lowered(sentence.text)))


def _is_no_claim(text: str) -> bool:
    """A question, words about words, or who else came to harm, which the scene of an accident shows."""
    return text.endswith("?") or bool(
        _ABOUT_WORDS.match(text) or _UNHURT.fullmatch(text) or _UNSEEN.search(text)
    )


def _claim(sentence: Sentence) -> re.Match[str] | None:
    """Certainty in any case; what is sweeping, or about trust, only where nothing is counted."""
    exact = _counts(sentence.text) or (_PROMISED.search(sentence.text) and has_date(sentence.text))
    families = _CERTAIN if exact else _CERTAIN + _SWEEPING
    found = (match for family in families for match in family.finditer(sentence.text))
    return next((match for match in found if _is_asserted(sentence, match)), None)


def _counts(text: str) -> bool:
    """ "The two departments" counts nothing, nor does the number of a paragraph; a figure in digits does."""
    text = without_number(text)
    return any(_DIGIT_OR_MANY.search(text, *span) for span in figure_spans(text))


def _is_asserted(sentence: Sentence, match: re.Match[str]) -> bool:
    reported = _REPORTED.search(sentence.text[: match.start()])
    told_to = _DO.search(sentence.text[: match.start()]) and match[0].startswith("not")
    named = _ends_in_a_name(sentence.text, match) or _is_a_body(sentence.text, match)
    return not (sentence.is_quoted(*match.span()) or reported or told_to or named)


def _is_a_body(text: str, match: re.Match[str]) -> bool:
    """ "The Seller Council prefers the hold": what a body of that name decided, not what a crowd feels."""
    return match[0][:1].isupper() and bool(_NAME_BEFORE.search(text, 0, match.start()))


def _ends_in_a_name(text: str, match: re.Match[str]) -> bool:
    """ "People from Seller Trust": a verb has no capital in the middle of a sentence."""
    last = match[0].rstrip(" ,.").rpartition(" ")
    return bool(last[0]) and last[2].istitle() and not text.isupper()


def _supported(view: View, sentence: Sentence, match: re.Match[str]) -> bool:
    """By something else in the sentence, or in the one after it that speaks of the same."""
    text = sentence.text
    if _NO_EFFECT.found(match) and _REASON.search(text, match.end()):
        return True
    # "There is overwhelming evidence" shows none.
    beside = f"{text[: match.start()]} {text[match.end() :]}" if _AS_PROOF.found(match) else text
    _, after = view.neighbours(sentence)
    follows = after is not None and _REFERS_BACK.match(after.text) and _EVIDENCE.search(after.text)
    return bool(_EVIDENCE.search(beside) or follows)


def _hit(view: View, sentence: Sentence, match: re.Match[str]) -> Hit:
    grave = bool(view.topics_at(sentence.block) & _GRAVE)
    return hit_in(
        sentence,
        0,
        len(sentence.text),
        reason=f"“{match[0].strip(' ,')}” claims more than the text shows: no source or check stands beside it.",
        because="The findings of the review rest on this part." if grave else "",
        questions=("What shows this, and who checked it?", "What would look different if it were not so?"),
        risk=Risk.HIGH if grave else None,
    )


RULE = Rule(
    slug="unsupported-claim",
    title="Unsupported claim",
    type=FindingType.IMPORTANT,
    risk=Risk.MEDIUM,
    hawkeye_refs=(2, 13),
    suggestion="Give the evidence with its source (a record, a count, a test), or say that it was not checked.",
    because="A reader cannot tell a fact from an opinion.",
    precision="Only words of certainty, of all and none, of what a crowd thinks; a figure, a source, a check counts,"
    " and for “no effect” its reason.",
    find=_find,
    confidence=0.75,
)
