"""One statement made twice with two figures.

"refuses a score below 80" ... "papers below a score of 70 are refused": the same words around one figure
"interviewed seventeen colleagues" ... "interviewed nineteen colleagues": the same verb and the same noun
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import ne

from core.documents.model import Block
from core.rules.currencies import CURRENCY
from core.rules.dates import without_dates
from core.rules.lexicon import words
from core.rules.number_words import NUMBER_WORDS, value_of
from core.rules.stems import beginning, stems_of
from core.rules.swapped import swaps
from core.rules.text import quoted_spans
from core.rules.view import Sentence, View

_CLAUSE = re.compile(r"[;:]|, (?:and|but|while|so|which|who|where|with|or)\b|\([^)]*\)")
_FIGURE = re.compile(
    rf"(?<![\w\-/.:#,])(?:(?P<currency>{CURRENCY}) ?)?"
    r"(?!(?:19|20)\d\d\b(?![,.%]\d))"
    rf"(?P<value>\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{1,9}}|{NUMBER_WORDS})"
    r"(?P<percent> ?%| per cent)?(?![\w]|[,.:]\d|-\w)",
    re.IGNORECASE,
)
# One that begins with "They" speaks of whom the one before is about.
_SENTENCE = re.compile(r"(?!(?:He|She|They|It|This|These|That|Those|We)\b)\D.*[.!]$", re.DOTALL)
_SLOT_BEFORE = re.compile(
    r"([a-z]{4,})(?: (?:the|all|its|their|our|a total of|in all|about))? $", re.IGNORECASE
)
_SLOT_AFTER = re.compile(r" ?(?:of (?:the|our|its|their) )?([a-z-]{4,})")
_NAME = re.compile(r"(?<=\w )[A-Z][\w&-]*|\b[A-Za-z]*-?\d[\w.-]*")
_EMPTY = words("says_little")
_CONTRAST = words("tells_apart")
# Two words beside each other, each of three letters or more: "replacement trip".
_SMALL = r"(?!(?:the|and|for|was|had|has|its|our|not|all|but|who|are|per|were|with|from|that)\b)"
_PAIR = re.compile(rf"(?=(?<![a-z])({_SMALL}[a-z]{{3,}} {_SMALL}[a-z]{{3,}})(?![a-z]))")
_LEAST_PAIRS = 2
_LEAST_STEMS = 3
_SURE_STEMS = 5
_SLIP_STEMS = 2
_LONG_DIGITS = 5
_MOST_STEMS = 12
_SLOT_STEMS = 4
_FACTOR = 2.5
_MOST_HOLDERS = 60
"""What more statements share than these tells none of them apart; work stays in proportion to the text."""


@dataclass(frozen=True)
class Statement:
    """A figure in its clause. start, end: of the figure in the block. unit: a currency, "%" or "".

    alone: it is the clause's only figure. slot: the stems of the words right before and after it. contrasts: words of
    the clause that tell two things apart.
    """

    block: Block
    start: int
    end: int
    number: int
    unit: str
    alone: bool
    slot: tuple[str, str]
    stems: frozenset[str]
    pairs: frozenset[str]
    names: frozenset[str]
    contrasts: frozenset[str]

    @property
    def written(self) -> str:
        return self.block.text[self.start : self.end]


def restated(view: View) -> Iterator[tuple[Statement, Statement]]:
    """(the odd one, the one it contradicts), each odd one once; clauses that tell two things apart are left alone."""
    statements = [one for sentence in view.sentences for one in _statements(sentence)]
    values = Counter(one.number for one in statements)
    rivals: defaultdict[int, set[int]] = defaultdict(set)
    pairs = list(_contradictions(statements))
    for one, other in pairs:
        rivals[one].add(statements[other].number)
        rivals[other].add(statements[one].number)
    for one, other in pairs:
        # Three values in one place are a series: each is about another thing.
        if len(rivals[one]) == len(rivals[other]) == 1:
            earlier, later = statements[one], statements[other]
            odd_is_later = values[earlier.number] >= values[later.number]
            yield (later, earlier) if odd_is_later else (earlier, later)


def _contradictions(statements: Sequence[Statement]) -> Iterator[tuple[int, int]]:
    """Index of the earlier, index of the later."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for at, later in enumerate(statements):
        shared = Counter(other for stem in later.stems for other in holders[stem])
        for other, count in shared.items():
            earlier = statements[other]
            retold = count >= _LEAST_STEMS and _contradict(earlier, later)
            if retold or (count >= _SLIP_STEMS and _is_slip(earlier, later)):
                yield other, at
        for stem in later.stems:
            if len(holders[stem]) < _MOST_HOLDERS:
                holders[stem].append(at)


def _statements(sentence: Sentence) -> Iterator[Statement]:
    """Of tables, captions and quotations none: they are alike on purpose, or others may say what they like."""
    whole = _SENTENCE.match(sentence.text) and sentence.block.cell is None
    if not whole or quoted_spans(sentence.text):
        return
    plain = without_dates(sentence.text)
    if plain != sentence.text:
        return
    start = 0
    for end in [*(match.start() for match in _CLAUSE.finditer(plain)), len(plain)]:
        yield from _of_clause(sentence, plain[start:end], start=start)
        start = end


def _of_clause(sentence: Sentence, clause: str, *, start: int) -> Iterator[Statement]:
    figures = list(_FIGURE.finditer(clause))
    rest = _FIGURE.sub(" ", clause)
    pairs = frozenset(_PAIR.findall(rest.lower()))
    stems, names = stems_of(rest), frozenset(_NAME.findall(rest))
    contrasts = _CONTRAST.intersection(re.findall(r"[a-z]+", clause.lower()))
    for figure in figures:
        before, after = (
            _SLOT_BEFORE.search(clause[: figure.start()]),
            _SLOT_AFTER.match(clause[figure.end() :]),
        )
        yield Statement(
            block=sentence.block,
            start=sentence.start + start + figure.start(),
            end=sentence.start + start + figure.end(),
            number=value_of(figure["value"]),
            unit=figure["currency"] or ("%" if figure["percent"] else ""),
            alone=len(figures) == 1,
            slot=(_slot(before), _slot(after)),
            stems=stems,
            pairs=pairs,
            names=names,
            contrasts=contrasts,
        )


def _contradict(one: Statement, other: Statement) -> bool:
    if one.block is other.block or one.unit != other.unit or one.contrasts or other.contrasts:
        return False
    few, many = sorted((one.number, other.number))
    if few == many or few == 0 or many > _FACTOR * few:
        return False
    return _same_slot(one, other) or _same_clause(one, other) or _same_terms(one, other)


def _is_slip(one: Statement, other: Statement) -> bool:
    """ "Over the 49 minutes that the fault lasted", "the fault lasted 94 minutes": two digits swapped, or one wrong
    in a long figure, of one unit, with two words beside each other that are the same."""
    few, many = sorted((one.number, other.number))
    slipped = str(many) in swaps(str(few)) or (len(str(few)) >= _LONG_DIGITS and _one_digit_off(few, many))
    if not slipped or one.block is other.block or one.unit != other.unit or not one.pairs & other.pairs:
        return False
    of_one_kind = bool(one.unit) or (one.slot[1] == other.slot[1] != "" and one.alone and other.alone)
    named_alike = one.names <= other.names or other.names <= one.names
    return of_one_kind and named_alike and not (one.contrasts and other.contrasts)


def _one_digit_off(few: int, many: int) -> bool:
    """And neither is round: round figures are many."""
    first, second = str(few), str(many)
    rough = few % 100 == 0 or many % 100 == 0
    return len(first) == len(second) and not rough and sum(map(ne, first, second)) == 1


def _same_terms(one: Statement, other: Statement) -> bool:
    """ "Eleven pilots gave up a day off for a replacement trip", "twelve flew a replacement trip on a day off"."""
    counted = one.slot[1] and one.slot[1] == other.slot[1] and one.alone and other.alone
    return bool(counted) and one.names == other.names and len(one.pairs & other.pairs) >= _LEAST_PAIRS


def _same_slot(one: Statement, other: Statement) -> bool:
    known = all(one.slot) and one.slot == other.slot and len(set(one.slot)) > 1
    named_alike = one.names <= other.names or other.names <= one.names
    return known and named_alike and len(one.stems & other.stems) >= _SLOT_STEMS


def _same_clause(one: Statement, other: Statement) -> bool:
    if not (one.alone and other.alone and one.names == other.names):
        return False
    shorter, longer = sorted((one.stems, other.stems), key=len)
    shared = len(shorter & longer)
    if len(longer) > _MOST_STEMS:
        return False
    return shared == len(shorter) >= _LEAST_STEMS or shared >= max(_SURE_STEMS, 0.8 * len(shorter))


def _slot(match: re.Match[str] | None) -> str:
    """Empty for words that say little."""
    word = match[1].lower() if match else ""
    return "" if word in _EMPTY else beginning(word)
