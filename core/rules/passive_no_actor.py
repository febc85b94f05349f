"""Decisions and actions that nobody seems to have taken: "It was decided", "The accounts were reopened"."""

import re
from collections.abc import Iterator

from core.review.finding import FindingType, Risk
from core.rules.actors import Actor, actor_of, done_by, is_department
from core.rules.clauses import CLAUSE, in_relative_clause
from core.rules.lexicon import pattern, phrases
from core.rules.rule import Hit, Rule, hit_in
from core.rules.topics import Topic
from core.rules.view import Sentence, View

_IMPERSONAL = pattern("impersonal_decision")
_ACTED = re.compile(
    r"\b(?:was|were|has been|have been|had been)(?: \w+ly| also| then| all| both| not| each| again)*"
    rf" {phrases('decided_upon')}\b",
    re.IGNORECASE,
)
# "Has been closed since 25 October": how it is, and not who did it.
_HAS_LASTED = re.compile(r"(?:has|have) been [a-z]+ (?:ever )?since\b")
_SUBORDINATE = re.compile(
    r"\b(?:if|when|after|before|because|since|while|although|though|until|once|where|whether|how|why|than|as|unless)\b",
    re.IGNORECASE,
)
# "After a long talk the test was waived" has one verb, "after the test was waived" is a clause.
_WHEN = re.compile(
    r"^(?:After|Before|Since) (?:an?|some|much|long|brief|two|further) [^,.;]{2,60}?"
    r"(?:,|(?<!\bof)(?<!\bon)(?<!\bin)(?<!\bat)(?<!\bto)(?<!\bby)(?<!\bwith)(?<!\bfrom)(?<!\bfor)(?<!\band)(?<!\bbetween)"
    r"(?= (?:the|this|these|its|their|it|an?)\b))"
)
_AMOUNT = r"(?:(?:second|minute|hour|day|week|month|quarter|year|point|third)s?|per ?cent|half)"
_BY_SOMEONE = re.compile(
    r"\bby (?:(?:an?|the|its|our|their|two|three|both|each|automatic\w*|[a-z]+ly)"
    rf" (?!end\b|deadline\b|close\b|time\b|same\b|(?:[\w-]+ )?{_AMOUNT}\b)(?:[\w-]+ )*[a-z]+"
    r"|itself|hand|themselves|him|her|them|law)"
)
# "... was closed; the head nurse gave the order."
_ORDERED = re.compile(
    r"\b(?:gave (?:the|this|that) (?:order|instruction|approval|permission|consent|go-ahead)"
    r"|(?:ordered|decided|approved) (?:it|this|so)\b|signed (?:for it|the (?:order|record|decision|approval)))"
)
_SUBJECT = re.compile(
    r"(?:^|[;,:] |\band )(?:[Tt]he )?"
    r"(?P<name>[A-ZÀ-ÖØ-Þ][\w'’&-]+(?: (?:of |and |for )?[A-ZÀ-ÖØ-Þ][\w'’&-]+)*) [a-z]+"
)
_ACTING = frozenset({Topic.RESOLVING, Topic.PREVENTIVE, Topic.CLASSIFICATION, Topic.CONCLUSION})
_FREE = frozenset({Topic.TIMELINE, Topic.BACKGROUND, Topic.APPENDIX, Topic.GLOSSARY})


def _find(view: View) -> Iterator[Hit]:
    for sentence in view.sentences:
        topics = view.topics_at(sentence.block)
        if topics & _FREE or sentence.text.endswith("?"):
            continue
        match = _decision(sentence)
        if match is None and topics & _ACTING and sentence.block.cell is None:
            match = _action(sentence)
        if match is not None and not _has_actor(view, sentence, match):
            yield _hit(sentence)


def _decision(sentence: Sentence) -> re.Match[str] | None:
    match = _IMPERSONAL.search(sentence.text)
    before = _WHEN.sub("", sentence.text[: match.start()]) if match else ""
    return match if match and not _SUBORDINATE.search(before) else None


def _action(sentence: Sentence) -> re.Match[str] | None:
    """In a main clause only: "accounts that were closed" tells which accounts, not what was done."""
    for match in _ACTED.finditer(sentence.text):
        if _HAS_LASTED.match(sentence.text, match.start()):
            continue
        clause = CLAUSE.split(sentence.text[: match.start()])[-1]
        if clause.strip() and not _SUBORDINATE.search(clause) and not in_relative_clause(clause):
            return match
    return None


def _has_actor(view: View, sentence: Sentence, match: re.Match[str]) -> bool:
    text, (start, end) = sentence.text, match.span()
    quoted = sentence.is_quoted(start, end)
    by = done_by(text[start:]) or _BY_SOMEONE.search(text[start:])
    return bool(
        quoted
        or by
        or _ORDERED.search(text, end)
        or any(_is_name(view, one["name"]) for one in _SUBJECT.finditer(text[:start]))
    )


def _is_name(view: View, words: str) -> bool:
    return actor_of(words, view.names) is Actor.NAMED or is_department(words)


def _hit(sentence: Sentence) -> Hit:
    return hit_in(
        sentence,
        0,
        len(sentence.text),
        reason="The sentence tells of a decision or an action, but not who took it.",
        questions=("Who decided this, on what grounds, and where is it recorded?",),
    )


RULE = Rule(
    slug="passive-no-actor",
    title="Passive without an actor",
    type=FindingType.IMPORTANT,
    risk=Risk.MEDIUM,
    hawkeye_refs=(4, 13),
    suggestion="Name the person, team or body that decided or did it, and when.",
    because="Nobody can be asked why, and nobody can put it right.",
    precision="Only decisions, and actions in the parts about them; “by” with anybody or a name as subject counts.",
    find=_find,
    confidence=0.8,
)
