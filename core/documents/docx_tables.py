"""The grid of a w:tbl: rows and cells with spans, also inside content controls, without deleted rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.documents.docx_text import paragraph_text
from core.documents.model import CellPlace
from core.documents.ooxml import PARAGRAPH, REMOVED, TEXT_BOX, Element, is_on, number, value, w
from core.documents.table_heads import reads_as_head

_ROW, _CELL = w("tr"), w("tc")
_DELETED = {_ROW: f"{w('trPr')}/{w('del')}", _CELL: f"{w('tcPr')}/{w('cellDel')}"}
_ADDED = {_ROW: f"{w('trPr')}/{w('ins')}", _CELL: f"{w('tcPr')}/{w('cellIns')}"}
_NOT_WRAPPERS = REMOVED | {_ROW, _CELL, w("tblPr"), w("trPr")}
_MAX_SPAN = 63
"""Word's most columns. A forged span of 200 million must cost nothing."""

_LOOK_FIRST_ROW = 0x20


@dataclass(frozen=True)
class Cell:
    """A cell of a table with its place and span."""

    element: Element
    place: CellPlace


@dataclass(frozen=True)
class _Spot:
    element: Element
    row: int
    column: int
    span: int
    continues: bool


def table_cells(table: Element, number_of_table: int) -> list[Cell]:
    """Every cell in reading order, those that continue a vertical merge included: text in them is not lost."""
    rows = list(_inside(table, _ROW))
    spots = [spot for index, row in enumerate(rows) for spot in _row_spots(row, index)]
    headers = {index for index, row in enumerate(rows) if is_on(row.find(w("trPr")), "tblHeader")}
    if not headers and _first_row_reads_as_header(table, rows):
        headers = {0}
    continued = {(spot.row, spot.column) for spot in spots if spot.continues}
    return [Cell(spot.element, _place(spot, continued, (number_of_table, headers))) for spot in spots]


def _place(spot: _Spot, continued: set[tuple[int, int]], table: tuple[int, set[int]]) -> CellPlace:
    rows = 1
    while not spot.continues and (spot.row + rows, spot.column) in continued:
        rows += 1
    return CellPlace(
        table=table[0],
        row=spot.row,
        column=spot.column,
        column_span=spot.span,
        row_span=rows,
        header=spot.row in table[1],
    )


def _row_spots(row: Element, index: int) -> Iterator[_Spot]:
    properties = row.find(w("trPr"))
    column = _span(value(properties, "gridBefore"), at_least=0)
    for cell in _inside(row, _CELL):
        cell_properties = cell.find(w("tcPr"))
        span = _span(value(cell_properties, "gridSpan"), at_least=1)
        merge = value(cell_properties, "vMerge")
        yield _Spot(cell, index, column, span, continues=merge in ("", "continue"))
        column += span


def _span(text: str | None, *, at_least: int) -> int:
    return min(max(number(text) or at_least, at_least), _MAX_SPAN)


def changed_cells(body: Element) -> Iterator[Element]:
    """Rows and cells that somebody added or deleted with changes tracked."""
    for part in body.iter(_ROW, _CELL):
        if part.find(_DELETED[part.tag]) is not None or part.find(_ADDED[part.tag]) is not None:
            yield part


def _inside(parent: Element, wanted: str) -> Iterator[Element]:
    """Children `wanted`, looking through content controls and custom XML; not those marked as deleted."""
    for child in parent:
        if child.tag == wanted:
            if child.find(_DELETED[wanted]) is None:
                yield child
        elif isinstance(child.tag, str) and child.tag not in _NOT_WRAPPERS:
            yield from _inside(child, wanted)


def _first_row_reads_as_header(table: Element, rows: list[Element]) -> bool:
    if len(rows) < 2 or not _looks_at_first_row(table):
        return False
    cells = list(_inside(rows[0], _CELL))
    texts = [" ".join(_cell_text(cell).split()) for cell in cells]
    return reads_as_head(texts, all_bold=all(map(_is_bold, cells)))


def _looks_at_first_row(table: Element) -> bool:
    """w:tblLook says whether the first row is formatted as a header; it does by default."""
    properties = table.find(w("tblPr"))
    look = properties.find(w("tblLook")) if properties is not None else None
    if look is None:
        return True
    first_row = look.get(w("firstRow"))
    if first_row is not None:
        return first_row in ("1", "true", "on")
    try:
        return bool(int(look.get(w("val"), "0020"), 16) & _LOOK_FIRST_ROW)
    except ValueError:
        return True


def _cell_text(cell: Element) -> str:
    return " ".join(
        paragraph_text(paragraph)
        for paragraph in cell.iter(PARAGRAPH)
        if next(paragraph.iterancestors(TEXT_BOX, _CELL), cell) is cell
    )


def _is_bold(cell: Element) -> bool:
    runs = [run for run in cell.iter(w("r")) if run.find(w("t")) is not None]
    return bool(runs) and all(is_on(run.find(w("rPr")), "b") for run in runs)
