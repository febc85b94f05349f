"""Words of a PDF page in the cells of the tables that are drawn around them.

A table is read as one only where that is safe: every word lies in one cell, and lines of a cell are one text. Else
its words stay the lines they are.
"""

from bisect import bisect_right
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
_Cells = dict[Spot, list[Line]]


def tables_apart(page: PageText, lines: Sequence[Line]) -> Iterator[tuple[bool, list[Line]]]:
    """The lines in stretches, (whether they are the cells of a table, lines), each table where it begins."""
    rest = list(lines)
    for number, grid in enumerate(grids(page.page) if lines else [], start=1):
        inside = [line for line in rest if _spot(grid, line) is not None]
        cells = _cells(grid, [piece for line in inside for piece in _split(line, grid, page)])
        if cells is None:
            continue
        first = next(at for at, line in enumerate(rest) if line is inside[0])
        yield False, rest[:first]
        yield True, list(_written(cells, grid, page.number * _TABLES_A_PAGE + number))
        taken = set(map(id, inside))
        rest = [line for line in rest[first:] if id(line) not in taken]
    yield False, rest


def _spot(grid: Grid, line: Line) -> Spot | None:
    """Of its first character."""
    return (
        grid.spot(line.left + 1.0, line.baseline + _MIDDLE_SIZES * line.size)
        if line.angle == (10, 0)
        else None
    )


def _split(line: Line, grid: Grid, page: PageText) -> Iterator[Line]:
    """At the spaces that the lines of the grid go through."""
    start, column = 0, bisect_right(grid.xs, line.left + 1.0)
    if bisect_right(grid.xs, line.right - 1.0) == column:
        yield line
        return
    left = line.left
    for at, char in enumerate(line.text[:-1]):
        index = line.chars[at + 1]
        if char != " " or index < 0:
            continue
        box = page.box(index & INDEX_MASK)
        here = bisect_right(grid.xs, box.left + 1.0)
        if here != column:
            end = (
                page.box(line.chars[at - 1] & INDEX_MASK).right
                if at and line.chars[at - 1] >= 0
                else box.left
            )
            yield replace(line, text=line.text[start:at], chars=line.chars[start:at], left=left, right=end)
            start, column, left = at + 1, here, box.left
    yield replace(line, text=line.text[start:], chars=line.chars[start:], left=left)


def _cells(grid: Grid, pieces: Sequence[Line]) -> _Cells | None:
    """None where it does not read as a table."""
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
