"""A page before the document that sums the review up; what follows it is the document as it was."""

from typing import Any

from docx.oxml.parser import OxmlElement

from core.documents.ooxml import Element, w
from core.export.comment_xml import text_run
from core.export.model import Summary

_TITLE_HALF_POINTS, _HEAD_HALF_POINTS = 32, 20
_WIDTHS_TWIPS = (500, 1700, 2300, 4500)


def add_summary(body: Element, summary: Summary) -> int:
    """Puts the page before the document. Returns how many elements now stand before the former first one."""
    page = [_paragraph(summary.title, size=_TITLE_HALF_POINTS), *map(_paragraph, summary.lines)]
    if summary.rows:
        page += [_table(summary), _paragraph("")]
    page.append(_page_break())
    for position, element in enumerate(page):
        body.insert(position, element)
    return len(page)


def drop_summary(body: Element, count: int) -> None:
    for element in list(body)[:count]:
        body.remove(element)


def _paragraph(text: str, *, size: int = 0) -> Any:
    paragraph, run = OxmlElement("w:p"), text_run(text)
    if size:
        properties, bold, height = OxmlElement("w:rPr"), OxmlElement("w:b"), OxmlElement("w:sz")
        height.set(w("val"), str(size))
        properties.append(bold)
        properties.append(height)
        run.insert(0, properties)
    paragraph.append(run)
    return paragraph


def _page_break() -> Any:
    paragraph, run, page = OxmlElement("w:p"), OxmlElement("w:r"), OxmlElement("w:br")
    page.set(w("type"), "page")
    run.append(page)
    paragraph.append(run)
    return paragraph


def _table(summary: Summary) -> Any:
    table = OxmlElement("w:tbl")
    table.append(_table_properties())
    grid = OxmlElement("w:tblGrid")
    for width in _WIDTHS_TWIPS[: len(summary.head)]:
        column = OxmlElement("w:gridCol")
        column.set(w("w"), str(width))
        grid.append(column)
    table.append(grid)
    table.append(_row(summary.head, size=_HEAD_HALF_POINTS))
    for cells in summary.rows:
        table.append(_row(cells, size=0))
    return table


def _table_properties() -> Any:
    properties, borders = OxmlElement("w:tblPr"), OxmlElement("w:tblBorders")
    width = OxmlElement("w:tblW")
    width.set(w("w"), str(sum(_WIDTHS_TWIPS)))
    width.set(w("type"), "dxa")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, text in {"val": "single", "sz": "4", "space": "0", "color": "A0A0A0"}.items():
            line.set(w(name), text)
        borders.append(line)
    properties.append(width)
    properties.append(borders)
    return properties


def _row(cells: tuple[str, ...], *, size: int) -> Any:
    row = OxmlElement("w:tr")
    for text, width in zip(cells, _WIDTHS_TWIPS, strict=False):
        cell, properties, kind = OxmlElement("w:tc"), OxmlElement("w:tcPr"), OxmlElement("w:tcW")
        kind.set(w("w"), str(width))
        kind.set(w("type"), "dxa")
        properties.append(kind)
        cell.append(properties)
        cell.append(_paragraph(text, size=size))
        row.append(cell)
    return row
