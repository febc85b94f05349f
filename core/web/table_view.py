"""Tables as rows of cells with spans and scopes, from the places the reader noted.

Only rows and columns in which a cell begins are drawn, and spans are counted in those: a file that claims a span of
two hundred million columns costs nothing. Gaps are filled with empty cells so that columns stay under their heads.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from core.documents.model import Block, CellPlace

MAX_FILLED_PLACES = 20_000
"""Above this many places (rows x columns, or covered by spans) gaps stay gaps: such a table is drawn as it comes."""


@dataclass(frozen=True)
class Cell:
    """A drawn cell.

    blocks: its paragraphs, none for a gap. scope: of a head cell, else "". tables: those inside it.
    """

    blocks: tuple[Block, ...] = ()
    scope: Literal["col", "row", ""] = ""
    column_span: int = 1
    row_span: int = 1
    tables: "tuple[Table, ...]" = ()


@dataclass(frozen=True)
class Table:
    """A drawn table. head, body: rows of cells. page: where it begins."""

    head: tuple[tuple[Cell, ...], ...]
    body: tuple[tuple[Cell, ...], ...]
    page: int | None = None


@dataclass(frozen=True)
class _Placed:
    """A cell and where it begins, in drawn rows and columns."""

    row: int
    column: int
    cell: Cell


def tables_of(blocks: Sequence[Block]) -> list[Table]:
    """The tables in an unbroken run of cell blocks, nested ones inside the cell they stand in."""
    return [_table(run) for run in _top_level(blocks)]


def _place(block: Block) -> CellPlace:
    return block.cell or CellPlace(table=0, row=0, column=0)


def _top_level(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """The blocks of each table. What stands between two pieces of the same table is inside it."""
    last = {_place(block).table: index for index, block in enumerate(blocks)}
    at = 0
    while at < len(blocks):
        end = last[_place(blocks[at]).table] + 1
        yield blocks[at:end]
        at = end


def _table(blocks: Sequence[Block]) -> Table:
    placed = _placed(blocks)
    lines = [list(line) for _, line in groupby(placed, key=lambda item: item.row)]
    rows = _filled(lines) if _can_fill(lines) else [tuple(item.cell for item in line) for line in lines]
    heads = _head_rows(lines)
    return Table(head=tuple(rows[:heads]), body=tuple(rows[heads:]), page=blocks[0].page)


def _placed(blocks: Sequence[Block]) -> list[_Placed]:
    drafts = _drafts(blocks)
    rows = sorted({row for row, _ in drafts})
    columns = sorted({column for _, column in drafts})
    mixed = {row for (row, _), (own, _) in drafts.items() if not _place(own[0]).header}
    found = []
    for (row, column), (own, inner) in sorted(drafts.items(), key=lambda item: item[0]):
        place = _place(own[0])
        cell = Cell(
            blocks=tuple(own),
            scope=("row" if row in mixed else "col") if place.header else "",
            row_span=_drawn_span(rows, row, span=place.row_span),
            column_span=_drawn_span(columns, column, span=place.column_span),
            tables=tuple(tables_of(inner)),
        )
        found.append(_Placed(bisect_left(rows, row), bisect_left(columns, column), cell))
    return found


def _drafts(blocks: Sequence[Block]) -> dict[tuple[int, int], tuple[list[Block], list[Block]]]:
    """(row, column) -> (the cell's own blocks, blocks of tables inside it)."""
    number = _place(blocks[0]).table
    drafts: dict[tuple[int, int], tuple[list[Block], list[Block]]] = {}
    inner: list[Block] = []
    for block in blocks:
        place = _place(block)
        if place.table != number:
            inner.append(block)
            continue
        own, inner = drafts.setdefault((place.row, place.column), ([], []))
        own.append(block)
    return drafts


def _drawn_span(kept: Sequence[int], start: int, *, span: int) -> int:
    return max(1, bisect_left(kept, start + span) - bisect_left(kept, start))


def _head_rows(lines: Sequence[Sequence[_Placed]]) -> int:
    """Leading rows of head cells only; none where a cell reaches down into the body, which HTML would cut off."""
    heads = 0
    for line in lines:
        if not all(item.cell.scope for item in line):
            break
        heads += 1
    reaches_down = any(item.row + item.cell.row_span > heads for line in lines[:heads] for item in line)
    return 0 if reaches_down else heads


def _can_fill(lines: Sequence[Sequence[_Placed]]) -> bool:
    covered = sum(item.cell.row_span * item.cell.column_span for line in lines for item in line)
    return max(covered, len(lines) * _width(lines)) <= MAX_FILLED_PLACES


def _width(lines: Sequence[Sequence[_Placed]]) -> int:
    return max(item.column + item.cell.column_span for line in lines for item in line)


def _filled(lines: Sequence[Sequence[_Placed]]) -> list[tuple[Cell, ...]]:
    width = _width(lines)
    taken: set[tuple[int, int]] = set()
    rows = []
    for row, line in enumerate(lines):
        starts = {item.column: item.cell for item in line}
        cells = []
        for column in range(width):
            if column in starts:
                cells.append(starts[column])
                taken.update(_covered(row, column, cell=starts[column]))
            elif (row, column) not in taken:
                cells.append(Cell())
        rows.append(tuple(cells))
    return rows


def _covered(row: int, column: int, *, cell: Cell) -> Iterator[tuple[int, int]]:
    for down in range(cell.row_span):
        for right in range(cell.column_span):
            yield row + down, column + right
