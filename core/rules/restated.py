"""One statement made twice with two figures: "A score below 80 is refused", "papers below a score of 70 are refused"."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from core.documents.model import Block
from core.rules.dates import without_dates
from core.rules.lexicon import words
from core.rules.text import quoted_spans
from core.rules.view import Sentence, View

_CLAUSE = re.compile(r"[;:]|, (?:and|but|while|so|which|who|where)\b|\([^)]*\)")
_FIGURE = re.compile(
    r"(?<![\w\-/.:#,])(?:(?P<currency>EUR|USD|GBP|CHF|[$€£]) ?)?(?P<value>\d{1,3}(?:,\d{3})+|\d{1,9})(?P<percent> ?%| per cent)?"
    r"(?![\w]|[,.:]\d|-\w)"
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_NAME = re.compile(r"(?<=\w )[A-Z][\w&-]*|\b[A-Za-z]*-?\d[\w.-]*")
_EMPTY = words("says_little")
_CONTRAST = words("tells_apart")
_STEM = 5
_LEAST_STEMS = 3
_SURE_STEMS = 5
_MOST_STEMS = 12
_FACTOR = 2.5


@dataclass(frozen=True)
class Statement:
    """A clause with one figure. start, end: of the figure in the block. unit: a currency, "%" or ""."""

    block: Block
    start: int
    end: int
    number: int
    unit: str
    clause: str
    names: frozenset[str]

    @cached_property
    def stems(self) -> frozenset[str]:
        return stems_of(self.clause)

    @property
    def written(self) -> str:
        return self.block.text[self.start : self.end]


def restated(view: View) -> Iterator[tuple[Statement, Statement]]:
    """(the odd one, the one it contradicts), each odd one once; clauses that tell two things apart are left alone."""
    statements = [one for sentence in view.sentences for one in _statements(sentence)]
    values = Counter(one.number for one in statements)
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for at, later in enumerate(statements):
        shared = Counter(other for stem in later.stems for other in holders[stem])
        for other, count in shared.items():
            earlier = statements[other]
            if count >= _LEAST_STEMS and _contradict(earlier, later):
                pair = (earlier, later) if values[earlier.number] < values[later.number] else (later, earlier)
                yield pair
                break
        for stem in later.stems:
            holders[stem].append(at)


def stems_of(text: str) -> frozenset[str]:
    """What a text is about: the beginnings of its words, without those that say little."""
    return frozenset(_stem(word) for word in _WORD.findall(text.lower()) if word not in _EMPTY)


def _statements(sentence: Sentence) -> Iterator[Statement]:
    """Of tables and quotations none: rows are alike on purpose, and others may say what they like."""
    if sentence.block.cell is not None or sentence.text.endswith("?") or quoted_spans(sentence.text):
        return
    plain = without_dates(sentence.text)
    dated = plain != sentence.text
    start = 0
    for end in [*(match.start() for match in _CLAUSE.finditer(plain)), len(plain)]:
        clause = plain[start:end]
        figures = list(_FIGURE.finditer(clause))
        small = set(re.findall(r"[a-z]+", clause.lower()))
        if len(figures) == 1 and not dated and not small & _CONTRAST:
            figure = figures[0]
            at = sentence.start + start
            rest = clause[: figure.start()] + clause[figure.end() :]
            yield Statement(
                block=sentence.block,
                start=at + figure.start(),
                end=at + figure.end(),
                number=int(figure["value"].replace(",", "")),
                unit=figure["currency"] or ("%" if figure["percent"] else ""),
                clause=rest,
                names=frozenset(_NAME.findall(rest)),
            )
        start = end


def _contradict(one: Statement, other: Statement) -> bool:
    if one.block is other.block or one.unit != other.unit or one.names != other.names:
        return False
    few, many = sorted((one.number, other.number))
    if few == many or few == 0 or many > _FACTOR * few:
        return False
    shorter, longer = sorted((one.stems, other.stems), key=len)
    shared = len(shorter & longer)
    if len(longer) > _MOST_STEMS:
        return False
    return shared == len(shorter) >= _LEAST_STEMS or shared >= max(_SURE_STEMS, 0.8 * len(shorter))


def _stem(word: str) -> str:
    return word[:_STEM] if len(word) > _STEM else word.rstrip("s")
