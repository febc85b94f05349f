"""Guesses where a write-up has to say what was established."""

import re
from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.dates import has_date
from core.rules.lexicon import alternatives, phrases
from core.rules.number_words import NUMBER_WORDS
from core.rules.openings import Quick
from core.rules.rule import Hit, Rule, hit_in
from core.rules.topics import Topic
from core.rules.view import Sentence, View

_CONCLUDING = frozenset({Topic.ROOT_CAUSE, Topic.CONCLUSION, Topic.SUMMARY, Topic.CLASSIFICATION})
_FREE = frozenset({Topic.RECOMMENDATIONS, Topic.APPENDIX, Topic.GLOSSARY})


def _of(*families: str) -> Quick:
    return Quick(alternatives(*families), before=r"\b", after=r"\b", flags=re.IGNORECASE)


_FIRM = _of("hedge_strong", "hedge_clause")
_ANY = _of("hedge_strong", "hedge_clause", "hedge_modal", "hedge_weak")
_COUNT = rf"(?:\d+|{NUMBER_WORDS})"
_REPORTED = re.compile(rf"\b{phrases('reported_speech')}\b[^.]*$", re.IGNORECASE)
_GROUNDED = re.compile(
    rf"\b{phrases('grounds')}\b|\b\d+ ?%|\([A-Z]{{1,4}}-\d+"
    # "The probability is 0.4, likely enough to wait".
    r"|\b(?:probability|odds|likelihood)\b[^.;]{0,80}\b(?:0\.\d|\d+ to \d)"
    # "In 5 of 5 trials", "in all nine replays".
    rf"|\bin (?:all|each|{_COUNT}|all but {_COUNT})(?: out)?(?: of)?(?: the| our| these)?(?: {_COUNT})?"
    rf" (?:[a-z]+ )?(?:trials?|tests?|test runs?|runs?|replays?|attempts?|repetitions?|experiments?|simulations?)\b",
    re.IGNORECASE,
)
# "09:10 | The error is assumed to lie with the seller": what was thought then is what a timeline tells.
_THOUGHT = re.compile(
    r"(?:is|are|was|were) (?:assumed|believed|thought|presumed|suspected|taken)\b", re.IGNORECASE
)
# "The desk had maybe two dozen, one librarian recalled".
_RECALLED = re.compile(
    r"[^.;]{0,100}, (?:one|an?|the|[A-Z][\w-]+)(?: [\w-]+){0,3}"
    r" (?:recall|said|told|estimat|thought|remember|guess|wrote)"
)
# "It might have been replaced in 2022, but ..." tells what did not happen.
_UNDONE = re.compile(r"(?:might|could|may)\b.*\bhave\b", re.IGNORECASE)
# "It may be in others too: Mia Roth will check them by 9 July" says who finds out, and when.
_LOOKED_INTO = re.compile(
    r"\bwill (?:check|test|verify|examine|find out|clarify|confirm|look into|establish)\b"
)
_BUT = re.compile(r"\b(?:but|if|had)\b")
# "A seller who reuses a photograph therefore appears to sell old goods": to the system whose fault is told.
_FOLLOWS = re.compile(r"\b(?:therefore|thus|hence|thereby|so)\s*$", re.IGNORECASE)
_APPEARS = re.compile(r"appears? to\b", re.IGNORECASE)
_COMPARISON = re.compile(r"\b(?:more|less|equally|as|un)\s*$", re.IGNORECASE)


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        match = _guess(view, sentence)
        if match is not None:
            yield _hit(sentence, match, cause=Topic.ROOT_CAUSE in view.topics_at(sentence.block))


def is_hedged(view: View, sentence: Sentence) -> bool:
    """Whether the sentence is told as a guess; it is then no claim."""
    return _guess(view, sentence) is not None


def _guess(view: View, sentence: Sentence) -> re.Match[str] | None:
    topics = view.topics_at(sentence.block)
    pattern = _ANY if topics & _CONCLUDING else None if topics & _FREE else _FIRM
    found = pattern.finditer(sentence.text) if pattern else ()
    told = Topic.TIMELINE in topics
    return next(
        (one for one in found if not (told and _THOUGHT.match(one[0])) and _is_guess(sentence, one)), None
    )


def _hit(sentence: Sentence, match: re.Match[str], *, cause: bool) -> Hit:
    return hit_in(
        sentence,
        0,
        len(sentence.text),
        reason=f"“{match[0]}” makes this a guess where the reader needs to know what was established.",
        because="An action built on a guessed cause may miss the real one." if cause else "",
        questions=("What would confirm or rule this out, and was it checked?",),
    )


def _is_guess(sentence: Sentence, match: re.Match[str]) -> bool:
    start, end = match.span()
    text = sentence.text
    quoted = sentence.is_quoted(start, end)
    reported = _REPORTED.search(text[:start]) or _COMPARISON.search(text[:start])
    if _RECALLED.match(text, end):
        return False
    as_shown = _APPEARS.match(match[0]) and _FOLLOWS.search(text[:start])
    if _LOOKED_INTO.search(text, end) and has_date(text):
        return False
    undone = _UNDONE.match(match[0]) and _BUT.search(text[end:])
    return not (quoted or reported or as_shown or undone or _GROUNDED.search(text) or text.endswith("?"))


RULE = Rule(
    slug="hedge",
    title="Hedging",
    type=FindingType.IMPORTANT,
    risk=Risk.MEDIUM,
    hawkeye_refs=(11,),
    suggestion="Say what was established and how; if it was not, say so and who will find out by when.",
    because="A conclusion has to be told from a guess.",
    precision="Other people's words, questions, and guesses with their basis (a figure, a source) are left alone.",
    find=_find,
    confidence=0.85,
)
