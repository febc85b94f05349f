"""Parts of one sentence that do not make the whole it names: "38 sellers (12 in Lund and 24 in Kiel)"."""

import re
from collections.abc import Iterator, Sequence

from core.rules.dates import without_dates
from core.rules.number_words import NUMBER_WORDS, value_of
from core.rules.rule import Hit, hit_in
from core.rules.view import Sentence

_COUNT = (
    rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{1,9}}|(?i:{NUMBER_WORDS}))"
    r"(?![\w%]|[,.:]\d|-\w| ?(?:per cent|percent|million|billion)\b)"
)
_NOT_BEFORE = r"(?<![\w\-/.:#,$€£])"
_ONE = re.compile(rf"{_NOT_BEFORE}{_COUNT}")
# "38 sellers (12 in Lund and 24 in Kiel)", "38 sellers: 12 in Lund and 24 in Kiel."
_LISTED = re.compile(
    rf"{_NOT_BEFORE}(?P<whole>{_COUNT})(?: [A-Za-z][a-z-]+){{1,6}}?"
    rf"(?: \((?P<parts>{_COUNT} [^.;:()]{{3,160}})\)|: (?P<rest>{_COUNT} [^.;:()]{{3,160}})(?:[.;]|$)"
    rf"| – (?P<dashed>{_COUNT} [^.;:()–]{{3,160}}) –"
    rf"|,? (?:consists? of|is made up of|are made up of|comprises?) (?P<made>{_COUNT} [^.;:()–]{{3,160}})[.;])"
)
# "48 hotels, 30 in the north and 28 in the south."
_TRAILING = re.compile(
    rf"{_NOT_BEFORE}(?P<whole>{_COUNT})(?: [a-z][a-z-]+){{1,3}}, (?P<parts>{_COUNT} [^.;:()]{{3,160}})[.;]"
)
_PART = re.compile(rf"^(?P<part>{_COUNT})(?: +(?!of\b|to\b|or\b|x\b|×)[\w'’-]+){{0,7}}$")
_AND = re.compile(r",? and |, ")
# "Of the 212 children, 154 live in flats and 68 in houses".
_SPLIT_UP = re.compile(
    rf"^(?:Of|Out of|From)(?: all| the| these| those| its| our| their)* (?P<whole>{_COUNT})"
    rf"(?: [A-Za-z][\w'’-]*){{0,6}},? (?P<parts>{_COUNT} [^.;:]+)"
)
# "They found 48 faults. Of these, 30 lay in the north and 28 in the south".
_OF_THESE = re.compile(rf"^Of (?:these|those|them)(?: [a-z]+)?, (?P<parts>{_COUNT} [^.;:]+)")
_NEXT = re.compile(rf"(?:,? (?:and|while|but)|,)(?: the remaining| the other| another)? (?={_COUNT}\b)")
_TELLS_REST = re.compile(rf"(?:,|\b(?:and|while|but)) the (?:remaining|other) {_COUNT}\b")
# What shares the verb of the part before it is a part of the same whole: "and 68 in houses".
_SHARES_VERB = re.compile(
    rf"^{_COUNT} (?:in|at|on|by|from|to|for|with|without|after|before|between|during|under|over|through|via|as"
    r"|into|outside|inside|within|near|afterwards|later|elsewhere)\b"
)
_PARTLY = re.compile(
    r"\b(?:both|each|overlap\w*|twice|also|at least|at most|(?:more|less|fewer) than|among others?|including|or more"
    r"|about|around|up to|almost|nearly|roughly|of which|of whom|some|times)\b|~|≈",
    re.IGNORECASE,
)
_NEAR = 0.25
"""Parts further from their whole count something else."""
_LEFT_OUT = 0.12
"""Of what is split up in passing more than this may be left out."""


def wrong_parts(sentence: Sentence, before: Sentence | None) -> Iterator[Hit]:
    """The words that list the parts of what this sentence, or the one before it, counts."""
    text = without_dates(sentence.text)
    for match in _LISTED.finditer(text):
        rows = _AND.split(match["parts"] or match["rest"] or match["dashed"] or match["made"])
        if len(rows) > 1 and all(_PART.match(row.strip()) for row in rows):
            yield from _judged(sentence, match, whole=value_of(match["whole"]), rows=rows)
    split = _SPLIT_UP.match(text) or _OF_THESE.match(text) or _first_of_list(text)
    if split is not None and not _PARTLY.search(text) and _excludes(split):
        whole = _only_count(before) if split.re is _OF_THESE else split["whole"]
        rows = _NEXT.split(split["parts"])
        yield from _judged(sentence, split, whole=value_of(whole or "0"), rows=rows)


def _first_of_list(text: str) -> re.Match[str] | None:
    """ "512 asked for paper, 488 for a choice, 430 ...": what stands in a list already is no whole."""
    split = _TRAILING.search(text)
    clause = re.split(r"[.;:]", text[: split.start()])[-1] if split else ""
    listed = clause.rstrip().endswith((",", " and")) and _ONE.search(clause)
    return None if listed else split


def _excludes(split: re.Match[str]) -> bool:
    """Whether each part is told by one count, and none can be part of another."""
    rows = _NEXT.split(told := split["parts"])
    if len(rows) < 2 or any(len(_ONE.findall(row)) != 1 or "%" in row for row in rows):
        return False
    return bool(_TELLS_REST.search(told)) or all(
        _SHARES_VERB.match(row) for row in rows[split.re is not _TRAILING :]
    )


def _only_count(sentence: Sentence | None) -> str:
    counts = _ONE.findall(without_dates(sentence.text)) if sentence else []
    return counts[0] if len(counts) == 1 else ""


def _judged(sentence: Sentence, match: re.Match[str], *, whole: int, rows: Sequence[str]) -> Iterator[Hit]:
    counts = [value_of(found[0]) for row in rows if (found := _ONE.search(row))]
    off = sum(counts) - whole
    below = _NEAR if match.re is _LISTED else _LEFT_OUT
    if off and whole and -below * whole <= off <= _NEAR * whole:
        start, end = match.span()
        yield hit_in(
            sentence,
            start,
            end,
            reason=f"The parts make {sum(counts):,}, the text says {whole:,}.",
            suggestion="Count again and correct the figure that is wrong.",
            questions=("Which of the figures is wrong, or what is left out?",),
        )
