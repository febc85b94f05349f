"""Words of a PDF page in the cells of the tables that are drawn around them.

A table is read as one only where that is safe: every word lies in one cell, and lines of a cell are one text. Else
its words stay the lines they are.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from core.documents.model import CellPlace
from core.documents.pdf_lines import Line, beside, is_beside
from core.documents.pdf_page import INDEX_MASK, PageText
from core.documents.pdf_rulings import Grid, Spot, grids
from core.documents.table_heads import reads_as_head

_MIDDLE_SIZES = 0.3
_OVER_EDGE = 3.0
_LEAST_CELLS = 4
_LEAST_FILLED = 0.4
_EARLY_SHARE = 0.35
_TABLES_A_PAGE = 1_000
_INSIDE = 1.0
_UPRIGHT = (10, 0)
_WORD = re.compile(r"\S+")
_Cells = dict[Spot, list[Line]]


def tables_apart(page: PageText, lines: Sequence[Line]) -> Iterator[tuple[bool, list[Line]]]:
    """The lines in stretches, (whether they are the cells of a table, lines), each table where it begins."""
    tables: dict[int, list[Line]] = {}
    taken: set[int] = set()
    for grid in grids(page.page) if lines else ():
        inside = [at for at, line in enumerate(lines) if _spot(grid, line) is not None]
        cells = _cells(grid, [piece for at in inside for piece in _split(lines[at], grid, page)])
        if cells is not None and taken.isdisjoint(inside):
            taken.update(inside)
            tables[inside[0]] = list(_written(cells, grid, page.number * _TABLES_A_PAGE + len(tables) + 1))
    begins = 0
    for first in sorted(tables):
        yield False, [lines[at] for at in range(begins, first) if at not in taken]
        yield True, tables[first]
        begins = first
    yield False, [lines[at] for at in range(begins, len(lines)) if at not in taken]


def _spot(grid: Grid, line: Line) -> Spot | None:
    """The cell that the line begins in."""
    return grid.spot(line.left + _INSIDE, _height(line)) if line.angle == _UPRIGHT else None


def _height(line: Line) -> float:
    return line.baseline + _MIDDLE_SIZES * line.size


def _split(line: Line, grid: Grid, page: PageText) -> Iterator[Line]:
    """At the spaces that the lines of the grid go through."""
    spot, y = _spot(grid, line), _height(line)
    if grid.spot(line.right - _INSIDE, y) == spot:
        yield line
        return
    start, left, right = 0, line.left, line.left
    for word in _WORD.finditer(line.text):
        first, last = line.chars[word.start()], line.chars[word.end() - 1]
        if min(first, last) < 0:
            continue
        begins = page.box(first & INDEX_MASK).left
        here = grid.spot(begins + _INSIDE, y)
        if here != spot:
            end = max(start, word.start() - 1)
            yield replace(
                line, text=line.text[start:end], chars=line.chars[start:end], left=left, right=right
            )
            start, spot, left = word.start(), here, begins
        right = page.box(last & INDEX_MASK).right
    yield replace(line, text=line.text[start:], chars=line.chars[start:], left=left)


def _cells(grid: Grid, pieces: Sequence[Line]) -> _Cells | None:
    """The words of each cell. None where the grid does not read as a table."""
    found: _Cells = defaultdict(list)
    for piece in sorted(pieces, key=lambda piece: (-piece.baseline, piece.left)):
        spot = _spot(grid, piece)
        if spot is None or piece.right > grid.right(spot) + _OVER_EDGE:
            return None
        found[spot].append(piece)
    owners = {spot for row in grid.owners for spot in row}
    enough = len(found) >= max(_LEAST_CELLS, _LEAST_FILLED * len(owners))
    over_both = len({spot.row for spot in found}) > 1 and len({spot.column for spot in found}) > 1
    return found if enough and over_both and _is_whole(found, grid) else None


def _is_whole(cells: _Cells, grid: Grid) -> bool:
    """Whether its lines are all that keeps its words apart, and what stands side by side stays so."""
    ragged = Counter(spot.row for spot, lines in cells.items() if _holds_rows(lines, grid.right(spot)))
    has_columns = any(
        is_beside(*two) and two[1].chars[0] >= 0 for lines in cells.values() for two in pairwise(lines)
    )
    placed = [(line, spot) for spot, lines in cells.items() for line in lines]
    placed.sort(key=lambda one: (-one[0].baseline, one[0].left))
    torn = any(is_beside(one, two) and there < here for (one, here), (two, there) in pairwise(placed))
    return max(ragged.values(), default=0) < 2 and not has_columns and not torn


def _holds_rows(lines: Sequence[Line], right: float) -> bool:
    """Whether lines end where the following word had room: rows without a line between them."""
    return any(
        not is_beside(above, line)
        and right - above.right > _EARLY_SHARE * (right - above.left)
        and right - above.right > line.size * len(line.text.split(" ")[0])
        for above, line in pairwise(lines)
    )


def _written(cells: _Cells, grid: Grid, table: int) -> Iterator[Line]:
    first = [lines for spot, lines in sorted(cells.items()) if spot.row == 0]
    texts = [" ".join(line.text for line in lines) for lines in first]
    bold = [all(line.bold for line in lines) for lines in first]
    has_head = len(first) == sum(owner == Spot(0, at) for at, owner in enumerate(grid.owners[0]))
    header = has_head and reads_as_head(texts, all_bold=all(bold))
    for spot, lines in sorted(cells.items()):
        rows, columns = grid.spans[spot]
        place = CellPlace(table, spot.row, spot.column, columns, rows, header=header and spot.row == 0)
        level: list[Line] = []
        for line in [*lines, None]:
            if level and (line is None or not is_beside(level[0], line)):
                yield replace(beside(level), cell=place)
                level = []
            if line is not None:
                level.append(line)
