"""Grids drawn on a PDF page with lines: where the cells of its tables are. A table without lines has no grid here."""

import ctypes
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

_THIN = 3.0
_SHORTEST = 6.0
_SNAP = 2.5
_MOST_OBJECTS = 5_000
_MOST_SEGMENTS = 400
_MOST_LINES = 3_000
_MOST_RULINGS = 150
_MOST_CELLS = 2_000


Point = tuple[float, float]
Segment = tuple[Point, Point]


class Ruling(NamedTuple):
    """A line from side to side at y `at`, or down at x `at`; in points of the page."""

    at: float
    low: float
    high: float


class Spot(NamedTuple):
    """A cell of a grid, by row and column."""

    row: int
    column: int


@dataclass(frozen=True)
class Grid:
    """xs from left to right, ys from top to bottom: where lines are. across, down: the lines themselves."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    across: tuple[Ruling, ...]
    down: tuple[Ruling, ...]

    def spot(self, x: float, y: float) -> Spot | None:
        """The cell at a place, a merged one by its first row and column; None beside the grid."""
        column = bisect_right(self.xs, x) - 1
        row = bisect_right([-at for at in self.ys], -y) - 1
        inside = 0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1
        return self.owners[row][column] if inside else None

    @cached_property
    def owners(self) -> list[list[Spot]]:
        """The cell that each row and column is part of."""
        found: list[list[Spot]] = []
        for row, (top, bottom) in enumerate(zip(self.ys, self.ys[1:], strict=False)):
            found.append([])
            for column, (left, right) in enumerate(zip(self.xs, self.xs[1:], strict=False)):
                own = Spot(row, column)
                if column and not _covered(self.down, left, (top + bottom) / 2):
                    own = found[row][column - 1]
                elif row and not _covered(self.across, top, (left + right) / 2):
                    own = found[row - 1][column]
                found[row].append(own)
        return found

    @cached_property
    def spans(self) -> dict[Spot, tuple[int, int]]:
        """(rows, columns) that each cell goes over."""
        found: dict[Spot, tuple[int, int]] = {}
        for row, owners in enumerate(self.owners, start=1):
            for column, owner in enumerate(owners, start=1):
                rows, columns = found.get(owner, (0, 0))
                found[owner] = max(rows, row - owner.row), max(columns, column - owner.column)
        return found

    def right(self, spot: Spot) -> float:
        return self.xs[spot.column + self.spans[spot][1]]


def grids(page: pypdfium2.PdfPage) -> list[Grid]:
    """The grids of at least two rows and two columns, from the top of the page."""
    across, down = _rulings(page.raw)
    if len(across) < 3 or not down or max(len(across), len(down)) > _MOST_RULINGS:
        return []
    found = [grid for lines in _connected(across, down) if (grid := _grid(*lines))]
    return sorted(found, key=lambda grid: -grid.ys[0])


def _grid(across: Sequence[Ruling], down: Sequence[Ruling]) -> Grid | None:
    """The outer lines may be missing: then the others' ends are where they would be."""
    sides = [end for line in across for end in (line.low, line.high)]
    ends = [end for line in down for end in (line.low, line.high)]
    xs = _snapped([*(line.at for line in down), min(sides, default=0.0), max(sides, default=0.0)])
    ys = _snapped([*(line.at for line in across), min(ends, default=0.0), max(ends, default=0.0)])
    if len(xs) < 3 or len(ys) < 3 or (len(xs) - 1) * (len(ys) - 1) > _MOST_CELLS:
        return None
    return Grid(tuple(xs), tuple(reversed(ys)), tuple(across), tuple(down))


def _snapped(values: Iterable[float]) -> list[float]:
    """The values in order, one for those that are as good as equal."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SNAP:
            found.append(value)
    return found


def _covered(lines: Iterable[Ruling], at: float, place: float) -> bool:
    return any(
        abs(line.at - at) <= _SNAP and line.low - _SNAP <= place <= line.high + _SNAP for line in lines
    )


def _connected(across: list[Ruling], down: list[Ruling]) -> Iterator[tuple[list[Ruling], list[Ruling]]]:
    """Lines that cross or touch, table by table."""
    left = set(range(len(down)))
    waiting = list(across)
    while waiting:
        rows, columns, fresh = [], list[Ruling](), [waiting.pop()]
        while fresh:
            rows += fresh
            touched = [at for at in left if any(_touch(line, down[at]) for line in fresh)]
            left.difference_update(touched)
            columns += [down[at] for at in touched]
            fresh = [line for line in waiting if any(_touch(line, down[at]) for at in touched)]
            waiting = [line for line in waiting if line not in fresh]
        if columns:
            yield rows, columns


def _touch(across: Ruling, down: Ruling) -> bool:
    in_width = across.low - _SNAP <= down.at <= across.high + _SNAP
    return in_width and down.low - _SNAP <= across.at <= down.high + _SNAP


def _rulings(page: Any) -> tuple[list[Ruling], list[Ruling]]:
    across: list[Ruling] = []
    down: list[Ruling] = []
    for start, end in islice(_drawn(page), _MOST_LINES):
        (left, right), (low, high) = sorted((start[0], end[0])), sorted((start[1], end[1]))
        if high - low <= _THIN and right - left >= _SHORTEST:
            across.append(Ruling((low + high) / 2, left, right))
        elif right - left <= _THIN and high - low >= _SHORTEST:
            down.append(Ruling((left + right) / 2, low, high))
    return _merged(across), _merged(down)


def _drawn(page: Any) -> Iterator[Segment]:
    for at in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        drawn = pdfium.FPDFPage_GetObject(page, at)
        if pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_PATH:
            yield from _segments(drawn)


def _segments(drawn: Any) -> Iterator[Segment]:
    """The straight pieces of a path; the path itself where it is as thin as a line; nothing for one with curves."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(drawn, left, bottom, right, top):
        return
    if min(right.value - left.value, top.value - bottom.value) <= _THIN:
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        is_flat = top.value - bottom.value <= _THIN
        yield ((left.value, y), (right.value, y)) if is_flat else ((x, bottom.value), (x, top.value))
        return
    points = _points(drawn)
    yield from ((before, point) for before, point in pairwise(points) if before and point)


def _points(drawn: Any) -> list[Point | None]:
    """Corners in points of the page, None where the pen is lifted."""
    matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_float(), ctypes.c_float()
    count = pdfium.FPDFPath_CountSegments(drawn)
    if count > _MOST_SEGMENTS or not pdfium.FPDFPageObj_GetMatrix(drawn, matrix):
        return []
    found: list[Point | None] = []
    start: Point | None = None
    for at in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, at)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            return []
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
            found.append(None)
        found.append(point)
        if pdfium.FPDFPathSegment_GetClose(segment):
            found += [start, None]
    return found


def _merged(lines: list[Ruling]) -> list[Ruling]:
    """One line for those that go on in, or lie on, each other."""
    levels: list[list[Ruling]] = []
    for line in sorted(lines):
        if not levels or line.at - levels[-1][0].at > _SNAP:
            levels.append([])
        levels[-1].append(line)
    return [line for level in levels for line in _joined(level)]


def _joined(level: list[Ruling]) -> Iterator[Ruling]:
    at, (low, high) = level[0].at, level[0][1:]
    for _, begins, ends in sorted(level, key=lambda line: line.low):
        if begins > high + _SNAP:
            yield Ruling(at, low, high)
            low, high = begins, ends
        low, high = min(low, begins), max(high, ends)
    yield Ruling(at, low, high)
