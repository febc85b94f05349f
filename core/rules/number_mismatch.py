"""One quantity with two values: totals that their parts do not make, and figures with two digits swapped."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from core.review.finding import FindingType, Risk
from core.rules.added_up import wrong_sums
from core.rules.apart import sentence_at, told_apart
from core.rules.columns import Column, Value, number_columns
from core.rules.counted import Counted, counted_by_kind
from core.rules.dates import without_dates
from core.rules.differences import wrong_differences
from core.rules.elapsed import wrong_spans
from core.rules.lexicon import pattern
from core.rules.multiplied import wrong_products
from core.rules.number_words import NUMBER_WORDS, value_of
from core.rules.parts import wrong_parts
from core.rules.recounted import Recount, recounted, renamed
from core.rules.restated import Statement, restated
from core.rules.rule import Hit, Rule, Scope
from core.rules.scaled import Scaled, rescaled
from core.rules.shares import wrong_shares
from core.rules.swapped import MOST_DIGITS, far_swaps, swaps
from core.rules.text import trim
from core.rules.view import View

_RATE = re.compile(
    r"\b(?:rate|average|mean|median|days|hours|minutes|share|price|score|rating|per)\b|%", re.IGNORECASE
)
_OVERLAP = pattern("overlap")
_COMPARES = re.compile(
    r"\b(?:more|fewer|less|higher|lower|larger|smaller) than\b|\b(?:instead of|rather than)\b"
    r"|\b(?:first (?:got|gave|counted|read|wrote)|transposed|corrected|mistyped|misprint|typo)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d)|(?<![\d.,])\d+(?!\d|[.,]\d)")
_ANY = re.compile(
    rf"(?<![\w\-/.:#,])(?:\d{{1,3}}(?:,\d{{3}})+|\d+|{NUMBER_WORDS})(?![\w%]|[,.:]\d|-\w)", re.IGNORECASE
)
_ADDED = re.compile(r" (?:further|more|others?|additional)\b")
_ADDENDS = 4
"""Figures of a sentence to which a later one may be added."""
_LEAST_DIGITS = 3
_LONG_DIGITS = 5
_MILLION_DIGITS = 7

_Again = Statement | Recount | Scaled


def _find(view: View) -> Iterator[Hit]:
    for table in view.tables:
        for column in number_columns(table):
            wrong = column.total is not None and _is_wrong(column, column.total)
            if wrong and column.total is not None and not _counts_apart(view, column, column.total):
                yield _total_hit(column, column.total)
    told = set(_added_up(view))
    compared = _compared(view)
    for values, hit in _pairs(view):
        if values not in told and not any(values <= figures for figures in compared):
            told.add(values)
            yield hit
    for sentence in view.sentences:
        yield from wrong_shares(sentence)
        yield from wrong_parts(sentence, view.neighbours(sentence)[0])
        yield from wrong_sums(sentence)
        yield from wrong_differences(sentence)
        yield from wrong_products(sentence)
        yield from wrong_spans(sentence)


def _pairs(view: View) -> Iterator[tuple[frozenset[int], Hit]]:
    """(the two values, the hit on the odd one); several ways may lead to the same two."""
    for figures in counted_by_kind(view).values():
        yield from _swapped(view, figures)
        yield from _mistyped(figures)
    again: list[tuple[_Again, _Again]] = [
        *restated(view),
        *recounted(view),
        *renamed(view),
        *rescaled(view),
    ]
    for odd, usual in again:
        elsewhere = f"where the document says “{usual.written}” of the same elsewhere"
        yield frozenset({odd.number, usual.number}), _hit(odd, elsewhere)


def _compared(view: View) -> list[set[int]]:
    """ "151 cases, three more than the 148 of this report": the figures of sentences whose author knows that they
    differ."""
    texts = (sentence.text for sentence in view.sentences if _COMPARES.search(sentence.text))
    return [{int(figure.replace(",", "")) for figure in _FIGURE.findall(text)} for text in texts]


def _is_wrong(column: Column, total: Value) -> bool:
    """A total far from the sum is an average or counts something else; a slip stays near."""
    if any(value.percent for value in column.parts) or _RATE.search(column.header):
        return False
    off = abs(column.sum - total.number)
    whole = all(value.decimals == 0 for value in column.parts)
    near = off <= 0.2 * total.number or (whole and f"{column.sum:.0f}" in swaps(f"{total.number:.0f}"))
    return (0 if whole else column.rounding) < off and near


def _counts_apart(view: View, column: Column, total: Value) -> bool:
    """ "20 readers appear in two rows", "1,574 different readers": the author says why the rows make more."""
    told = {int(total.number), int(column.sum), int(abs(column.sum - total.number))}
    texts = (sentence.text for sentence in view.sentences if sentence.block.cell is None)
    overlapping = (text for text in texts if _OVERLAP.search(text))
    return any(told & set(map(value_of, _ANY.findall(text))) for text in overlapping)


def _total_hit(column: Column, total: Value) -> Hit:
    start, end = trim(total.block.text, (0, len(total.block.text)))
    parts = " + ".join(f"{value.number:,g}" for value in column.parts)
    return Hit(
        total.block,
        start,
        end,
        reason=f"The parts make {column.sum:,g}, the total says {total.number:,g} ({parts}).",
        suggestion="Check rows and total at their source; correct the wrong one, also where the text repeats it.",
        questions=("Is one of the rows wrong, or the total?",),
    )


def _swapped(view: View, figures: list[Counted]) -> Iterator[tuple[frozenset[int], Hit]]:
    """Of two values that differ by two neighbouring digits the one that occurs less, or later."""
    counts = Counter(figure.digits for figure in figures)
    first_of = {figure.digits: figure for figure in reversed(figures)}
    order = {digits: at for at, digits in enumerate(counts)}
    for first in counts:
        others = {other for other in _slips(first_of[first]) if order.get(other, 0) > order[first]}
        for second in sorted(others, key=order.__getitem__):
            if not _contradict(view, first_of[first], first_of[second]):
                continue
            odd, usual = (first, second) if counts[first] < counts[second] else (second, first)
            yield _swapped_pair(first_of[odd], int(usual), "two digits look swapped")


def _slips(figure: Counted) -> set[str]:
    """What a slip of the pen makes of it; of a sum of money only what is nearest, as sums are many."""
    prose = figure.block.cell is None and bool(figure.words) and figure.written[0].isdigit()
    return {*swaps(figure.digits), *(far_swaps(figure.digits) if prose else ())}


def _contradict(view: View, one: Counted, other: Counted) -> bool:
    if not (_alike(one, other) or _kind_told(view, one, other)) or _happens_to(one, other):
        return False
    first, second = (sentence_at(view, figure.block.id, figure.start) for figure in (one, other))
    # "5,204 in May and 5,402 in June": who tells both in one breath has seen them.
    together = one.block is other.block and one.block.cell is None and first == second
    return not (together or told_apart(first, second))


@lru_cache(maxsize=1)
def _added_up(view: View) -> frozenset[frozenset[int]]:
    """Figures and what they make with what is added: "212 were shut down, 9 further servers stopped" are 221."""
    found: set[frozenset[int]] = set()
    for sentence in view.sentences:
        figures: list[int] = []
        plain = without_dates(sentence.text)
        for match in _ANY.finditer(plain):
            number = value_of(match[0])
            if _ADDED.match(plain, match.end()):
                found |= {frozenset({figure, figure + number}) for figure in figures[-_ADDENDS:]}
            figures.append(number)
    return frozenset(found)


def _alike(one: Counted, other: Counted) -> bool:
    """ "Sold items" are not "returned items"; "records" may be the "employee records" told of before."""
    return one.of_kind == other.of_kind or not (one.of_kind and other.of_kind)


def _kind_told(view: View, one: Counted, other: Counted) -> bool:
    """ "The 1,780 merged pages" are the pages of "the job merged 1,870 product pages"."""
    return any(
        narrowed.of_kind in sentence_at(view, beside.block.id, beside.start).lower().split()
        for narrowed, beside in ((one, other), (other, one))
        if narrowed.of_kind
    )


def _happens_to(one: Counted, other: Counted) -> bool:
    """Round figures are often near each other: they are one quantity where the words after them are the same."""
    is_round = max(len(figure.digits.rstrip("0")) for figure in (one, other)) < _LEAST_DIGITS
    return is_round and not (one.words == other.words and " " in one.words)


def _mistyped(figures: list[Counted]) -> Iterator[tuple[frozenset[int], Hit]]:
    """A long figure that stands once, where another stands again and again that differs by one digit."""
    prose = [figure for figure in figures if figure.block.cell is None]
    counts = Counter(figure.digits for figure in figures)
    repeated = [digits for digits, count in counts.items() if count > 1 and _is_long(digits)]
    for figure in prose:
        if counts[figure.digits] == 1 and _is_long(figure.digits):
            usual = next((other for other in repeated if _one_digit_apart(figure.digits, other)), None)
            if usual is not None:
                yield _swapped_pair(figure, int(usual), "one digit differs")


def _is_long(digits: str) -> bool:
    told = len(digits.rstrip("0"))
    long = told >= _LONG_DIGITS or (told == _LONG_DIGITS - 1 and len(digits) >= _MILLION_DIGITS)
    return long and len(digits) <= MOST_DIGITS


def _one_digit_apart(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _swapped_pair(figure: Counted, usual: int, how: str) -> tuple[frozenset[int], Hit]:
    return frozenset({int(figure.digits), usual}), _hit(figure, f"elsewhere in the document {usual:,}: {how}")


def _hit(odd: Counted | _Again, elsewhere: str) -> Hit:
    return Hit(
        odd.block,
        odd.start,
        odd.end,
        reason=f"Here it is “{odd.written}”, {elsewhere}.",
        suggestion="Check the figure at its source and use one value; two different things need two names.",
        questions=("Which of the two values is right?",),
    )


RULE = Rule(
    slug="number-mismatch",
    title="Figures that disagree",
    type=FindingType.IMPORTANT,
    risk=Risk.HIGH,
    hawkeye_refs=(8, 13),
    suggestion="Check the figures at their source and use one value throughout.",
    because="A reader cannot tell which figure to believe.",
    precision="Totals near the sum of their rows; figures of one kind with two digits swapped or one changed;"
    " “north” and “south”, other years, one frame with another word speak of two things.",
    find=_find,
    scope=Scope.DOCUMENT,
    confidence=0.85,
)
