"""A set that is counted again with another figure, under its own name or under another.

"34 of our customers ... the 43 customers": these are known to the reader, so the figure has to stand elsewhere too.
"1,284 parcels marked as delivered ... 1,248 false confirmations": two digits are swapped, and a word is shared.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.documents.model import Block
from core.rules.apart import told_apart
from core.rules.dates import without_dates
from core.rules.lexicon import words
from core.rules.number_words import NUMBER_WORDS, value_of
from core.rules.stems import stems_of
from core.rules.swapped import swaps
from core.rules.view import View

_VALUE = rf"(?P<value>\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{2,9}}|{NUMBER_WORDS})(?![\w%]|[,.:]\d|-\w)"
_COUNTED = re.compile(
    rf"(?<![\w\-/.:#,$€£])(?P<known>(?:[Tt]he|[Tt]hese|[Tt]hose|[Aa]ll) (?:other )?)?{_VALUE}"
    r"(?P<of> of (?:our|the|its|their))? (?P<words>[a-z][a-z-]{2,}(?: [a-z][a-z-]{2,}){0,2})"
)
_ANY_NUMBER = re.compile(
    rf"(?<!\d)\d{{1,9}}(?:,\d{{3}}){{0,3}}(?!\d)|(?<![\w-]){NUMBER_WORDS}(?![\w-])", re.IGNORECASE
)
_NOT_NOUN = words("not_counted") | words("tells_apart")
_UNITS = re.compile(
    r"(?:second|minute|hour|day|week|month|quarter|year|point|time|per cent|percent|degree|page|kg|km|metre)s?\b"
)
_LONG = re.compile(
    r"(?<![\w\-/.:#,$€£])(?!(?:19|20)\d\d\b)(?P<value>\d{1,3}(?:,\d{3}){1,3}|\d{4,9})(?![\w%]|[,.:]\d|-\w)"
)
_NEAR = 0.25
_LEAST = 10
_LEAST_DIGITS = 3
_MOST_OF_ONE = 8
_MOST_OF_A_NOUN = 60
"""What is counted more often is data, and its figures differ; work stays in proportion to the text."""


@dataclass(frozen=True)
class Recount:
    """known: told as a set that the reader has met. noun: with what narrows it. start, end: of the figure."""

    block: Block
    start: int
    end: int
    number: int
    noun: str
    known: bool

    @property
    def written(self) -> str:
        return self.block.text[self.start : self.end]


def recounted(view: View) -> Iterator[tuple[Recount, Recount]]:
    """(a known set whose figure stands nowhere else, the figure that the same set has before)."""
    often = Counter(
        value_of(one) for block in view.blocks for one in _ANY_NUMBER.findall(without_dates(block.text))
    )
    by_noun: defaultdict[str, list[Recount]] = defaultdict(list)
    for block in view.blocks:
        if block.cell is None:
            for one in _counted(block):
                by_noun[one.noun].append(one)
    for noun, row in by_noun.items():
        plain = by_noun.get(noun.split()[-1], []) if " " in noun else []
        if len(row) + len(plain) <= _MOST_OF_A_NOUN:
            yield from _odd(row, plain, often)


def _odd(
    row: Sequence[Recount], plain: Sequence[Recount], often: Counter[int]
) -> Iterator[tuple[Recount, Recount]]:
    """plain: what is counted with nothing that narrows it, "56 trains" beside "the sixty-five delayed trains"."""
    for one in row:
        if often[one.number] == 1:
            usual = _other_figure(one, row, often)
            usual = usual or next((other for other in plain if _is_reversed(one, other, often)), None)
            if usual is not None:
                yield one, usual


def _is_reversed(one: Recount, other: Recount, often: Counter[int]) -> bool:
    digits = str(one.number)
    swapped = one.number >= _LEAST and digits[::-1] == str(other.number) != digits
    return one.known and swapped and often[other.number] > 1


def renamed(view: View) -> Iterator[tuple[Recount, Recount]]:
    """(a long figure, another with two of its digits swapped): each alone in its sentence, with different nouns."""
    found: defaultdict[str, list[tuple[Recount, frozenset[str], str]]] = defaultdict(list)
    for sentence in view.sentences:
        figures = list(_LONG.finditer(without_dates(sentence.text)))
        if sentence.block.cell is not None or len(figures) != 1:
            continue
        match, at = figures[0], sentence.start
        digits = match["value"].replace(",", "")
        noun = next(iter(re.findall(r"[a-z-]{3,}s\b", sentence.text[match.end() :])), "")
        one = Recount(
            block=sentence.block,
            start=at + match.start("value"),
            end=at + match.end("value"),
            number=int(digits),
            noun=noun,
            known=False,
        )
        about = stems_of(sentence.text)
        if len(digits.rstrip("0")) >= _LEAST_DIGITS:
            for other, others, text in (told for swap in swaps(digits) for told in found.get(swap, ())):
                apart = other.block is one.block or other.noun == noun or told_apart(text, sentence.text)
                if not apart and about & others:
                    yield (other, one) if len(found[str(other.number)]) < len(found[digits]) else (one, other)
                    break
        if len(found[digits]) < _MOST_OF_ONE:
            found[digits].append((one, about, sentence.text))


def _counted(block: Block) -> Iterator[Recount]:
    for match in _COUNTED.finditer(without_dates(block.text)):
        noun = _noun(match["words"])
        if noun and not _UNITS.match(noun):
            yield Recount(
                block=block,
                start=match.start("value"),
                end=match.end("value"),
                number=value_of(match["value"]),
                noun=noun,
                known=bool(match["known"]) and not match["of"],
            )


def _noun(after: str) -> str:
    """Up to the first plural: "destroyed pallets"; empty where no plural comes first."""
    row: list[str] = []
    for word in after.split():
        if word in _NOT_NOUN:
            return ""
        row.append(word)
        if re.fullmatch(r"people|children|[a-z-]+(?<![sui])s", word):
            return " ".join(row)
    return ""


def _other_figure(one: Recount, row: Sequence[Recount], often: Counter[int]) -> Recount | None:
    for other in row:
        if other.block is one.block or other.number == one.number or min(one.number, other.number) < _LEAST:
            continue
        repeated = often[other.number] > 1
        narrowed = " " in one.noun
        swapped = sorted(str(one.number)) == sorted(str(other.number))
        # "Of the 99 in December and January" leaves out the 19 of February.
        left_out = abs(one.number - other.number)
        near = left_out <= _NEAR * max(one.number, other.number) and not (
            left_out >= _LEAST and often[left_out]
        )
        if (one.known and swapped) or (
            repeated and narrowed and (swapped or near) and (one.known or other.known)
        ):
            return other
    return None
