"""What a text says of none or of all of a kind: "no flight left late", "all 14 swabs were clean"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.rules.dates import without_dates
from core.rules.lexicon import phrases, words
from core.rules.number_words import NUMBER_WORDS, value_of
from core.rules.stems import stem
from core.rules.view import Sentence

Stems = tuple[str, ...]

COUNT = rf"\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}|{NUMBER_WORDS}"
_THOSE = r"(?:the|these|those|its|our|their)"
_NEXT = r"(?P<next>(?: [a-z][\w-]*){1,3})"
_QUANTIFIED = re.compile(
    r"(?<![\w-])(?:"
    rf"(?P<none>none of {_THOSE}(?: (?P<of_none>{COUNT}))?|not (?:one|a single)(?: of {_THOSE})?|no)"
    rf"|(?P<all>all(?: of)?(?: {_THOSE})?(?: (?P<of_all>{COUNT}))?"
    rf"|(?:every|each)(?: single| one)?(?: of {_THOSE}(?: (?P<of_each>{COUNT}))?)?)"
    r"|(?:never|not) (?P<verb>[a-z]+) (?:an?|any|one|a single)"
    rf"){_NEXT}",
    re.IGNORECASE,
)
# "The back-up was never tested".
_NEVER = re.compile(
    r"\b(?:[Tt]he|[Ii]ts|[Oo]ur) (?P<who>[a-z][\w-]*(?: [a-z][\w-]*){0,2}?)"
    r" (?:(?:was|were|has|have) )?never (?=[a-z])"
)
# "In all cases", "with no alarm", "nearly all": no subject and no object, or not all.
_ADVERBIAL = re.compile(
    r"\b(?:with|without|of|in|for|by|at|on|to|from|under|through|almost|nearly|virtually|practically|not|hardly|or|nor|and"
    r"|if|that|than|as|like|between|against|after|before|during)$",
    re.IGNORECASE,
)
CLAUSE = re.compile(
    r"[;:()–—]|, (?:and|so)\b|,(?= )|\b(?:but|while|whereas|because|although|though|when|where|which)\b"
)
_NOT_ASSERTED = re.compile(rf"\b(?:{phrases('not_asserted')})\b", re.IGNORECASE)
_EXCEPT = re.compile(rf"\b(?:{phrases('except_for')})\b", re.IGNORECASE)
_NORM = re.compile(
    r"\b(?:do|does|always|usually|normally|generally|is to|are to|has to|have to)\b|\bhad \w+(?:ed|en)\b"
)
_PRESENT = re.compile(r"\b(?:is|are|has|have|remains?|still)\b", re.IGNORECASE)
# "No parcel leaves": how it is done as a rule.
_HABIT = re.compile(r"(?!was|has)[a-z]{2,}(?<![sui])s\b")
# "No" says the same in Spanish, and something else in Italian.
_FOREIGN = re.compile(r"\b(?:de|del|la|el|los|las|que|en|di|il|che|le|les|des|der|die|das|und)\b")
_OF_ANOTHER_LANGUAGE = 3
# "All 60 were refused": of what is said before.
_NO_KIND = words("no_kind") | words("of_another") | words("auxiliaries")
_FORM = re.compile(r"[a-zà-ÿ][\w-]*")


class Amount(StrEnum):
    NONE = "none"
    ALL = "all"


@dataclass(frozen=True)
class Universal:
    """start, end: of the clause in `sentence.text`. kind: stems of what it is said of. of: how many there are, if it
    says so. verb: of "never opened a page", else "". predicate: the words behind the kind.
    """

    sentence: Sentence
    amount: Amount
    start: int
    end: int
    of: int | None
    kind: Stems
    verb: str
    predicate: tuple[str, ...]

    @property
    def clause(self) -> str:
        return self.sentence.text[self.start : self.end]

    @property
    def is_present(self) -> bool:
        return bool(_PRESENT.search(self.clause))


def universals(sentence: Sentence) -> Iterator[Universal]:
    """Of one sentence; norms, plans, what others said, and what has exceptions are left out.

    Which of the words behind "no" are the kind is not known: one each for the first, for two and for three of them.
    """
    text = sentence.text
    quantified = _QUANTIFIED.search(text) or _NEVER.search(text)
    if (
        quantified is None
        or len(_FOREIGN.findall(text)) >= _OF_ANOTHER_LANGUAGE
        or not is_told_as_fact(sentence)
    ):
        return
    yield from _never(sentence)
    for match in _QUANTIFIED.finditer(text):
        start, end = clause_around(text, match.start(), match.end())
        before, after = text[start : match.start()], text[match.end() : end]
        told = _FORM.findall(text[match.start("next") : end].lower())
        if told[0] in _NO_KIND or _ADVERBIAL.search(before.rstrip()) or _NORM.search(before + after):
            continue
        if match["none"] and any(_HABIT.fullmatch(word) for word in told[1:2]):
            continue
        counts = match["of_none"] or match["of_all"] or match["of_each"]
        for length in range(1, len(match["next"].split()) + 1):
            yield Universal(
                sentence=sentence,
                amount=Amount.ALL if match["all"] else Amount.NONE,
                start=start,
                end=end,
                of=value_of(counts) if counts else None,
                kind=tuple(map(stem, told[:length])),
                verb=(match["verb"] or "").lower(),
                predicate=tuple(told[length:]),
            )


def _never(sentence: Sentence) -> Iterator[Universal]:
    for match in _NEVER.finditer(sentence.text):
        start, end = clause_around(sentence.text, match.start(), match.end())
        yield Universal(
            sentence=sentence,
            amount=Amount.NONE,
            start=start,
            end=end,
            of=None,
            kind=tuple(map(stem, match["who"].split())),
            verb="",
            predicate=tuple(_FORM.findall(sentence.text[match.end() : end].lower())),
        )


def is_told_as_fact(sentence: Sentence) -> bool:
    """No question, no quotation, nothing that somebody said, wants or is allowed, and nothing with exceptions."""
    text = sentence.text
    return not (
        text.endswith("?")
        or sentence.is_quoted()
        or '"' in text
        or "“" in text
        or _NOT_ASSERTED.search(without_dates(text))
        or _EXCEPT.search(text)
    )


def clause_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch between clause marks that holds text[start:end]."""
    first = max((mark.end() for mark in CLAUSE.finditer(text, 0, start)), default=0)
    last = next((mark.start() for mark in CLAUSE.finditer(text, end)), len(text))
    return first, last
