"""Tables for a model in TOON's tabular form: the first row once, then a line per row, cells divided by tabs.

    [b14 table 2]{Action<tab>Owner<tab>Due}:
      Fix the form<tab><tab>soon
      Train staff<tab>Ann<tab>2026-01-31

Nothing is ever quoted or escaped, so a model copies words as they stand in the document: a cell holds no tab,
because control characters have become spaces. `^` and `<` are cells merged with the one above or to the left.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

from core.documents.model import Block, CellPlace

PARAGRAPH = " \u00b6 "
"""Between the paragraphs of one cell."""
_ABOVE, _LEFT = "^", "<"
_Grid = dict[tuple[int, int], str]


def runs(blocks: Sequence[Block]) -> list[tuple[Block, ...]]:
    """The blocks in order, those of a table together where it can be written as one; every other alone."""
    grouped = [tuple(group) for _, group in groupby(blocks, key=_table_of)]
    broken = Counter(_table_of(run[0]) for run in grouped)
    found: list[tuple[Block, ...]] = []
    for run in grouped:
        # A table with another one inside comes in pieces, and half a row would look like one with empty cells.
        whole = _table_of(run[0]) is not None and broken[_table_of(run[0])] == 1 and _is_grid(run)
        found.extend([run] if whole else [(block,) for block in run])
    return found


def table_lines(run: Sequence[Block], text_of: Callable[[Block], str]) -> list[str]:
    """`run`: the blocks of one table. A row without any text starts a new head: ids and row numbers stay true."""
    cells = [(block, place) for block in run if (place := block.cell) is not None]
    grid = _grid(cells, text_of)
    width = max(place.column + place.column_span for _, place in cells)
    first_ids = {place.row: block.id for block, place in reversed(cells)}
    found: list[str] = []
    for part in _consecutive(sorted(first_ids)):
        rows = ["\t".join(grid.get((row, column), "") for column in range(width)) for row in part]
        header = rows.pop(0) if part[0] == 0 else ""
        jump = f" from row {part[0]}" if part[0] > 1 else ""
        found += [
            f"[{first_ids[part[0]]} table {len(rows)}{jump}]{{{header}}}:",
            *(f"  {row}" for row in rows),
        ]
    return found


def _consecutive(numbers: Sequence[int]) -> list[list[int]]:
    """[0, 1, 4] -> [[0, 1], [4]]"""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return parts


def _table_of(block: Block) -> int | None:
    return block.cell.table if block.cell is not None else None


def _is_grid(run: Sequence[Block]) -> bool:
    places = {(block.cell.row, block.cell.column) for block in run if block.cell is not None}
    return len({row for row, _ in places}) > 1 and len({column for _, column in places}) > 1


def _grid(cells: Sequence[tuple[Block, CellPlace]], text_of: Callable[[Block], str]) -> _Grid:
    grid: _Grid = {}
    for block, place in cells:
        at = (place.row, place.column)
        text = text_of(block)
        grid[at] = f"{grid[at]}{PARAGRAPH}{text}" if at in grid else text
    for _, place in cells:
        for row in range(place.row, place.row + place.row_span):
            for column in range(place.column, place.column + place.column_span):
                grid.setdefault((row, column), _ABOVE if row > place.row else _LEFT)
    return grid
