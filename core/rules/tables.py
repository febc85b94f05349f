"""Tables rebuilt from the places of their cells, so that an empty cell can be seen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.documents.model import Block, CellPlace
from core.rules.dates import date_spans
from core.rules.openings import Quick

Place = tuple[int, int]
_LONGEST_DATE = 40
_FEWEST_DATED = 3


@dataclass(frozen=True, eq=False)
class Table:
    """cells: blocks by (row, column), in reading order. covered: places that a merged cell hides."""

    number: int
    cells: dict[Place, tuple[Block, ...]]
    covered: frozenset[Place]
    header_rows: frozenset[int]

    @property
    def rows(self) -> list[int]:
        """Numbers of the body rows, in order."""
        return sorted({row for row, _ in self.cells} - self.header_rows)

    @property
    def columns(self) -> list[int]:
        return sorted({column for _, column in self.cells})

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for place in sorted(self.cells) for block in self.cells[place])

    @property
    def header_blocks(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.cell and block.cell.row in self.header_rows)

    def text(self, row: int, column: int) -> str:
        return "\n".join(block.text for block in self.cells.get((row, column), ())).strip()

    def first(self, row: int, column: int) -> Block | None:
        """The first block of the cell that has text."""
        return next((block for block in self.cells.get((row, column), ()) if block.text.strip()), None)

    def header(self, column: int) -> str:
        return " ".join(self.text(row, column) for row in sorted(self.header_rows)).strip()

    def column(self, pattern: re.Pattern[str] | Quick) -> int | None:
        """The first column whose header the pattern finds."""
        return next((column for column in self.columns if pattern.search(self.header(column))), None)


def tables_of(blocks: Sequence[Block]) -> tuple[Table, ...]:
    """The tables among `blocks`, in order; the first row is the header where the document marks none."""
    grouped: dict[int, list[tuple[Block, CellPlace]]] = {}
    for block in blocks:
        if block.cell is not None:
            grouped.setdefault(block.cell.table, []).append((block, block.cell))
    return tuple(_table(number, members) for number, members in grouped.items())


def _table(number: int, members: list[tuple[Block, CellPlace]]) -> Table:
    cells: dict[Place, list[Block]] = {}
    covered: set[Place] = set()
    for block, place in members:
        cells.setdefault((place.row, place.column), []).append(block)
        covered |= _under(place)
    frozen = {place: tuple(found) for place, found in cells.items()}
    headers = _header_rows([place for _, place in members])
    marked = any(place.header for _, place in members)
    if not marked and _begins_with_data(frozen, headers):
        headers = frozenset()
    return Table(number, frozen, frozenset(covered), headers)


def _begins_with_data(cells: Mapping[Place, tuple[Block, ...]], headers: frozenset[int]) -> bool:
    """ "3 May 2025 | The pump stops" above other days is no header but the first entry of a list without one."""
    firsts = {row: blocks[0].text for (row, column), blocks in sorted(cells.items()) if column == 0}
    dated = {row for row, text in firsts.items() if len(text) <= _LONGEST_DATE and date_spans(text)}
    return len(headers) == 1 and headers <= dated and len(dated) >= max(_FEWEST_DATED, 0.8 * len(firsts))


def _under(cell: CellPlace) -> set[Place]:
    span = {
        (cell.row + down, cell.column + right)
        for down in range(cell.row_span)
        for right in range(cell.column_span)
    }
    return span - {(cell.row, cell.column)}


def _header_rows(places: list[CellPlace]) -> frozenset[int]:
    rows = {place.row for place in places}
    marked = {place.row for place in places if place.header}
    if marked and marked != rows:
        return frozenset(marked)
    return frozenset({min(rows)} if len(rows) > 1 else ())
