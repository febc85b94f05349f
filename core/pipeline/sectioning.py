"""Divides a long section into parts that fit one call each; nothing is left out.

Each part begins with the end of the one before, so that what crosses a border is seen whole once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from core.documents.model import Block

PART_CHARS = 24_000
"""About 7,000 tokens: beside thinking and answer it stays well inside one call and one reservation."""
ALL_CHARS = 10**9
"""No parts at all."""
OVERLAP_CHARS = 1_200
"""A long paragraph, or a few rows of a table."""
_LEAST_HALVED_CHARS = 2_000
_WORD_SEARCH_CHARS = 200


@dataclass(frozen=True)
class Stretch:
    """Characters `start` to `end` of a block, end excluded."""

    block: Block
    start: int
    end: int

    @property
    def chars(self) -> int:
        return self.end - self.start

    @property
    def shown(self) -> Block:
        return replace(self.block, text=self.block.text[self.start : self.end])


@dataclass(frozen=True)
class Piece:
    """What one call reads of a section. fresh: characters that no piece before it has."""

    stretches: tuple[Stretch, ...]
    fresh: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(stretch.shown for stretch in self.stretches)

    @property
    def whole_blocks(self) -> tuple[Block, ...]:
        """The blocks that quotes are looked for in: whole, because places are counted from a block's beginning."""
        return tuple(stretch.block for stretch in self.stretches)


def pieces(
    blocks: Sequence[Block], most_chars: int = PART_CHARS, *, overlap_chars: int = OVERLAP_CHARS
) -> list[Piece]:
    """Divides the blocks into pieces of at most `most_chars`; tables between rows, paragraphs between words."""
    room = max(1, most_chars - overlap_chars)
    if sum(len(block.text) for block in blocks) <= most_chars:
        room = most_chars
    units = [unit for row in _rows(blocks) for unit in _fitting(row, room)]
    return _overlapping(_packed(units, room), overlap_chars)


def halves(piece: Piece, *, overlap_chars: int = OVERLAP_CHARS) -> list[Piece]:
    """Returns two pieces of about the same length, or none if they would be too short to make sense."""
    units = [list(unit) for _, unit in groupby(piece.stretches, key=_row_of)]
    if len(units) == 1:
        units = _cut_in_two(units[0])
    if len(units) < 2:
        return []
    half, before, at = sum(map(_chars, units)) / 2, 0, 0
    while at < len(units) - 1 and (at == 0 or before < half):
        before += _chars(units[at])
        at += 1
    groups = [[stretch for unit in part for stretch in unit] for part in (units[:at], units[at:])]
    # Both must be smaller than the whole, or dividing would never end.
    return _overlapping(groups, min(overlap_chars, min(map(_chars, groups)) // 3))


def _rows(blocks: Sequence[Block]) -> Iterator[list[Stretch]]:
    whole = (Stretch(block, 0, len(block.text)) for block in blocks)
    return (list(row) for _, row in groupby(whole, key=_row_of))


def _row_of(stretch: Stretch) -> object:
    cell = stretch.block.cell
    return stretch.block.id if cell is None else (cell.table, cell.row)


def _fitting(row: list[Stretch], most_chars: int) -> Iterator[list[Stretch]]:
    """A row that fits stays together; of a larger one each block is cut where needed."""
    if _chars(row) <= most_chars:
        yield row
        return
    for stretch in row:
        yield from ([cut] for cut in _cut(stretch, most_chars))


def _cut(stretch: Stretch, most_chars: int) -> Iterator[Stretch]:
    start = stretch.start
    while stretch.end - start > most_chars:
        end = _word_end(stretch.block.text, start, start + most_chars)
        yield replace(stretch, start=start, end=end)
        start = end
    yield replace(stretch, start=start)


def _word_end(text: str, start: int, end: int) -> int:
    """The end of a word at or before `end`, where there is one near; else `end`."""
    for at in range(end, max(start + 1, end - _WORD_SEARCH_CHARS), -1):
        if text[at - 1].isspace():
            return at
    return end


def _packed(units: list[list[Stretch]], most_chars: int) -> list[list[Stretch]]:
    packed: list[list[Stretch]] = []
    room = 0
    for unit in units:
        if not packed or _chars(unit) > room:
            packed.append([])
            room = most_chars
        packed[-1].extend(unit)
        room -= _chars(unit)
    return packed


def _overlapping(groups: list[list[Stretch]], overlap_chars: int) -> list[Piece]:
    found = [Piece(tuple(group), _chars(group)) for group in groups[:1]]
    for before, group in pairwise(groups):
        repeated = _tail(before, overlap_chars)
        lead = _header_row(groups, repeated or group, most_chars=overlap_chars)
        found.append(Piece(_joined([*lead, *repeated, *group]), _chars(group)))
    return found


def _tail(group: list[Stretch], most_chars: int) -> list[Stretch]:
    """The last whole rows and paragraphs that fit; of a longer paragraph its last words."""
    rows = [list(row) for _, row in groupby(group, key=_row_of)]
    taken: list[Stretch] = []
    for row in reversed(rows):
        if _chars(row) > most_chars:
            return taken or _last_words(row[-1], most_chars)
        taken = [*row, *taken]
        most_chars -= _chars(row)
    return taken


def _last_words(stretch: Stretch, most_chars: int) -> list[Stretch]:
    if stretch.block.cell is not None or most_chars < 1:
        return []
    text, start = stretch.block.text, stretch.end - most_chars
    while start < stretch.end and not text[start - 1].isspace():
        start += 1
    return [replace(stretch, start=start)] if start < stretch.end else []


def _header_row(groups: list[list[Stretch]], group: list[Stretch], *, most_chars: int) -> list[Stretch]:
    """The first row of the table in which a part begins: without it nobody knows what the columns are."""
    cell = group[0].block.cell
    if cell is None or cell.row == 0:
        return []
    header = [one for part in groups for one in part if _row_of(one) == (cell.table, 0)]
    return header if _chars(header) <= most_chars else []


def _joined(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    """A block appears once: the end of its stretch before and the stretch that follows are one."""
    joined: list[Stretch] = []
    for stretch in stretches:
        if joined and joined[-1].block.id == stretch.block.id:
            joined[-1] = replace(joined[-1], end=stretch.end)
        else:
            joined.append(stretch)
    return tuple(joined)


def _cut_in_two(row: list[Stretch]) -> list[list[Stretch]]:
    if len(row) > 1:
        return [[stretch] for stretch in row]
    stretch = row[0]
    if stretch.chars < _LEAST_HALVED_CHARS:
        return [row]
    middle = _word_end(stretch.block.text, stretch.start, stretch.start + stretch.chars // 2)
    return [[replace(stretch, end=middle)], [replace(stretch, start=middle)]]


def _chars(stretches: Sequence[Stretch]) -> int:
    return sum(stretch.chars for stretch in stretches)
