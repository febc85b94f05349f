"""Columns of a page whose file writes them row by row: put back into the order in which people read them.

Most files write column after column, and are left alone. Where every row runs over a gap at the same place and there
is prose on both sides of it, the rows were two columns; short pieces beside each other are a table and stay rows.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from core.documents.pdf_lines import Line, beside, is_beside

_LEAST_ROWS = 6
_PROSE_CHARS = 25
_MOST_COLUMNS_DEEP = 3


def in_reading_order(pieces: Sequence[Line]) -> list[Line]:
    """The lines of a page, out of pieces that a wide gap parted."""
    return list(_ordered(list(rows(pieces)), _MOST_COLUMNS_DEEP))


def rows(pieces: Sequence[Line]) -> Iterator[list[Line]]:
    """Pieces that follow each other on one baseline, from left to right."""
    row: list[Line] = []
    for piece in pieces:
        if row and not (is_beside(row[-1], piece) and piece.left >= row[-1].right):
            yield row
            row = []
        row.append(piece)
    if row:
        yield row


def _ordered(of_page: list[list[Line]], deep: int) -> Iterator[Line]:
    gutter = _gutter(of_page) if deep else None
    if gutter is None:
        yield from (beside(row) for row in of_page)
        return
    left: list[list[Line]] = []
    right: list[list[Line]] = []
    for row in of_page:
        if any(piece.left < gutter < piece.right for piece in row):
            yield from _both(left, right, deep)
            left, right = [], []
            yield beside(row)
            continue
        for side, on_side in (
            (left, [piece for piece in row if piece.right <= gutter]),
            (right, [piece for piece in row if piece.left >= gutter]),
        ):
            if on_side:
                side.append(on_side)
    yield from _both(left, right, deep)


def _both(left: list[list[Line]], right: list[list[Line]], deep: int) -> Iterator[Line]:
    yield from _ordered(left, deep - 1)
    yield from _ordered(right, deep - 1)


def _gutter(of_page: Sequence[Sequence[Line]]) -> float | None:
    """The place where most rows have a gap with prose on both sides."""
    gaps = [(a.right, b.left) for row in of_page for a, b in pairwise(row)]
    if len(gaps) < _LEAST_ROWS:
        return None
    middles = sorted({round((low + high) / 2) for low, high in gaps})
    best = max(middles, key=lambda at: sum(low <= at <= high for low, high in gaps))
    parted = [row for row in of_page if len(row) > 1 and not any(p.left < best < p.right for p in row)]
    sides = (
        [sum(len(piece.text) for piece in row if piece.right <= best) for row in parted],
        [sum(len(piece.text) for piece in row if piece.left >= best) for row in parted],
    )
    enough = len(parted) >= _LEAST_ROWS
    return float(best) if enough and all(median(side) >= _PROSE_CHARS for side in sides) else None
