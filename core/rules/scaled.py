"""Figures with decimals that stand twice with two digits swapped: "GBP 1.12 million", "GBP 1.21 million"."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.documents.model import Block
from core.rules.apart import told_apart
from core.rules.currencies import CURRENCY
from core.rules.dates import without_dates
from core.rules.number_words import value_of
from core.rules.stems import stems_of
from core.rules.swapped import swaps
from core.rules.view import Sentence, View

_FIGURE = re.compile(
    rf"(?<![\w\-/.:#,])(?:(?P<currency>{CURRENCY}) ?)?(?P<value>\d{{1,3}}\.\d{{1,3}})"
    r" ?(?P<unit>million|billion|bn|%|per cent|kg|tonnes|km|hours|GB|TB)(?!\w)"
)
_COUNTS = re.compile(
    r"(?<![\w.,])(?P<part>\d[\d,]*)(?: [a-z-]+){0,4}? (?:out )?of (?:the |our |all )?(?P<whole>\d[\d,]*)"
)
_SHARES = ("%", "per cent")
_ROUNDING = 0.06
_LEAST_SHARED = 2
_LEAST_DIGITS = 3
_MOST_OF_ONE = 4

_Value = tuple[str, str]
"""Currency and unit, digits with their point."""


@dataclass(frozen=True)
class Scaled:
    """start, end: of the figure with its unit. number: its digits without the point."""

    sentence: Sentence
    block: Block
    start: int
    end: int
    number: int
    about: frozenset[str]

    @property
    def written(self) -> str:
        return self.block.text[self.start : self.end]


def rescaled(view: View) -> Iterator[tuple[Scaled, Scaled]]:
    """(the odd one, the one that it contradicts): of one unit, and their sentences share what they are about."""
    found: defaultdict[_Value, list[Scaled]] = defaultdict(list)
    for sentence in view.sentences:
        if sentence.block.cell is None:
            for value, figure in _figures(sentence):
                other = next((one for one in _rivals(found, value) if _is_same(one, figure)), None)
                if other is not None:
                    yield (other, figure) if found[value] else (figure, other)
                if len(found[value]) < _MOST_OF_ONE:
                    found[value].append(figure)


def _rivals(found: Mapping[_Value, list[Scaled]], value: _Value) -> Iterator[Scaled]:
    """Figures met before whose digits are these with two swapped; the point is where it was."""
    kind, written = value
    whole = written.index(".")
    for digits in swaps(written.replace(".", "")):
        other = f"{digits[:whole]}.{digits[whole:]}"
        # "0.7%" and "7.0%" are no slip of two digits.
        if written.startswith("0.") == other.startswith("0."):
            yield from found.get((kind, other), ())


def _figures(sentence: Sentence) -> Iterator[tuple[_Value, Scaled]]:
    about = stems_of(sentence.text)
    text = without_dates(sentence.text)
    for match in _FIGURE.finditer(text):
        if match["unit"] in _SHARES and _is_worked_out(text, float(match["value"])):
            continue
        at = sentence.start
        number = int(match["value"].replace(".", ""))
        figure = Scaled(sentence, sentence.block, at + match.start(), at + match.end(), number, about)
        yield (f"{match['currency'] or ''} {match['unit']}", match["value"]), figure


def _is_worked_out(text: str, share: float) -> bool:
    """Whether the counts of the sentence make this share: "4 of 611 (0.7%)"."""
    for counts in _COUNTS.finditer(text):
        part, whole = (value_of(counts[name]) for name in ("part", "whole"))
        if whole and abs(100 * part / whole - share) <= _ROUNDING:
            return True
    return False


def _is_same(one: Scaled, other: Scaled) -> bool:
    digits = len(str(other.number).rstrip("0"))
    least = 1 if digits >= _LEAST_DIGITS and other.written[:1] not in "0123456789" else _LEAST_SHARED
    apart = one.block is other.block or told_apart(one.sentence.text, other.sentence.text)
    return not apart and len(one.about & other.about) >= least
