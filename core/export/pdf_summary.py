"""The pages after a PDF that sum its review up. After it, so that its own pages keep the numbers people cite.

Their font is Helvetica, which every reader of PDFs has: it knows the letters of Western Europe. Words in others are
not on the page but under it, for reading aloud, search and copying; the page says that it cannot show them.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from pypdf import PdfWriter
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    RectangleObject,
)

from core.export.model import Summary

_WIDTH, _HEIGHT, _MARGIN = 595.0, 842.0, 56.0
_COLUMNS = (28.0, 90.0, 120.0, 245.0)
_LEADING = 1.3
_GAP = 5.0
_MOST_LINES = 50
_MOST_MISSING = 0.1
_UNSHOWN = "(in letters that this page cannot show)"
_ENCODING = "cp1252"
# Of Helvetica, in thousandths of its size, for the characters from the space on (Adobe's font metrics).
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    *(556,) * 10, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556,
    833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333,
    556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500,
    722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_WIDE = 0.6


@dataclass(frozen=True)
class _Style:
    """font: F1 plain, F2 bold. size: in points."""

    font: str
    size: float


_TITLE, _PLAIN, _HEAD, _CELL = _Style("F2", 16), _Style("F1", 10), _Style("F2", 9), _Style("F1", 9)


@dataclass(frozen=True)
class _Cell:
    """lines: as shown, broken to the cell's width. said: its words where these lack some. x: of its left edge."""

    x: float
    style: _Style
    lines: tuple[str, ...]
    said: str

    @property
    def height(self) -> float:
        return len(self.lines) * self.style.size * _LEADING


_FONTS = {"F1": "/Helvetica", "F2": "/Helvetica-Bold"}


def add_summary_pages(writer: PdfWriter, summary: Summary) -> None:
    fonts = DictionaryObject(
        {NameObject(f"/{name}"): writer._add_object(_font(base)) for name, base in _FONTS.items()}
    )
    for content in _pages(_rows(summary)):
        page = writer.add_blank_page(_WIDTH, _HEIGHT)
        # Its own: the pages above it in the tree can hand theirs down.
        for box in ("/MediaBox", "/CropBox"):
            page[NameObject(box)] = RectangleObject((0, 0, _WIDTH, _HEIGHT))
        page[NameObject("/Rotate")] = NumberObject(0)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(content.encode("ascii"))
        page[NameObject("/Contents")] = writer._add_object(stream)


def _font(base: str) -> DictionaryObject:
    entries = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": base, "/Encoding": "/WinAnsiEncoding"}
    return DictionaryObject({NameObject(key): NameObject(value) for key, value in entries.items()})


def _rows(summary: Summary) -> Iterator[list[_Cell]]:
    whole = _WIDTH - 2 * _MARGIN
    yield [_cell(summary.title, _TITLE, (_MARGIN, whole))]
    for line in summary.lines:
        yield [_cell(line, _PLAIN, (_MARGIN, whole))]
    starts = list(accumulate(_COLUMNS, initial=_MARGIN))
    for style, texts in ((_HEAD, summary.head), *((_CELL, row) for row in summary.rows)):
        row = [
            _cell(text, style, (x, width - _GAP))
            for text, x, width in zip(texts, starts, _COLUMNS, strict=False)
        ]
        yield from _pieces(row)


def _cell(text: str, style: _Style, place: tuple[float, float]) -> _Cell:
    shown = _shown(text)
    lines = tuple(_broken(shown, place[1] / style.size))
    return _Cell(place[0], style, lines, text if shown != text else "")


def _pieces(row: Sequence[_Cell]) -> Iterator[list[_Cell]]:
    """The row, in pieces where it is longer than a page."""
    for at in range(0, max(len(cell.lines) for cell in row), _MOST_LINES):
        yield [
            replace(cell, lines=cell.lines[at : at + _MOST_LINES], said="" if at else cell.said)
            for cell in row
        ]


def _pages(rows: Iterator[list[_Cell]]) -> Iterator[str]:
    top = _HEIGHT - _MARGIN
    drawn: list[str] = []
    for row in rows:
        height = max(cell.height for cell in row)
        if drawn and top - height < _MARGIN:
            yield "\n".join(drawn)
            drawn, top = [], _HEIGHT - _MARGIN
        drawn += [_drawn(cell, top) for cell in row]
        top -= height + _GAP
    yield "\n".join(drawn)


def _drawn(cell: _Cell, top: float) -> str:
    """The cell's lines, and under them what it says where they cannot."""
    size = cell.style.size
    shown = " ".join(f"<{line.encode(_ENCODING).hex()}> Tj T*" for line in cell.lines)
    place = f"{cell.x:.2f} {top - size:.2f} Td {size * _LEADING:.2f} TL"
    drawn = f"BT /{cell.style.font} {size} Tf {place} {shown} ET"
    if not cell.said:
        return drawn
    return f"/Span << /ActualText <feff{cell.said.encode('utf-16-be').hex()}> >> BDC {drawn} EMC"


def _shown(text: str) -> str:
    """The text in letters that the font has; accents that it lacks are left away."""
    letters = "".join(_letter(char) for char in text)
    missing = letters.count("\0")
    return _UNSHOWN if missing > _MOST_MISSING * len(letters) else letters.replace("\0", "?")


def _letter(char: str) -> str:
    if _has(char):
        return char
    base = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return base if base and all(map(_has, base)) else "\0"


def _has(char: str) -> bool:
    return bool(char.encode(_ENCODING, "ignore"))


def _broken(text: str, most: float) -> Iterator[str]:
    """Lines of at most `most` widths of the font's size; a longer word is cut."""
    line = ""
    for word in text.split():
        for piece in _cut(word, most):
            longer = f"{line} {piece}" if line else piece
            if line and _width(longer) > most:
                yield line
                line = piece
            else:
                line = longer
    yield line


def _cut(word: str, most: float) -> Sequence[str]:
    if _width(word) <= most:
        return [word]
    step = max(1, int(most / _WIDE))
    return [word[at : at + step] for at in range(0, len(word), step)]


def _width(text: str) -> float:
    widths = (_WIDTHS[at] if (at := ord(char) - 32) < len(_WIDTHS) else 1000 * _WIDE for char in text)
    return sum(widths) / 1000
