"""Pages of a PDF as pictures, and where words stand on them. Runs in the limited child.

Places are shares of the page as it is shown, from its top left corner: what turns and crops a page turns and crops
both, because PDFium does both.
"""

import ctypes
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from core.documents.pdf_page import Box, PageText
from core.documents.pdf_reader import page_text, placed_blocks
from core.export.pdf_check import PdfComment
from core.export.pdf_marks import Place, Places, boxes

WIDTH_PX = 1_240
MOST_PX = 4_000_000
_ROUND = 10_000
_LEVEL = 6
Mark = dict[str, Any]
"""{id, page, left, top, width, height}"""


def sizes(document: pypdfium2.PdfDocument) -> list[list[float]]:
    """Width and height of each page, in points."""
    return [list(document.get_page_size(index)) for index in range(len(document))]


def draw(document: pypdfium2.PdfDocument, numbers: Iterable[int], folder: Path) -> None:
    """Writes <number>.png for each of the pages, from 1. A page that PDFium cannot load is left out."""
    for number in numbers:
        try:
            page = document[number - 1]
            picture = page.render(scale=_scale(page), rev_byteorder=True)
        except pypdfium2.PdfiumError:
            continue
        (folder / f"{number}.png").write_bytes(_png(picture))
        page.close()


def marks(document: pypdfium2.PdfDocument, wanted: Mapping[str, PdfComment]) -> Iterator[Mark]:
    """The boxes of each one's words, a line or piece of a line each; none where the words are not found again."""
    places = Places(placed_blocks(document))
    found = ((name, place) for name, comment in wanted.items() for place in places.of_words(comment))
    # Findings come in reading order, so that most pages are opened once.
    for number, on_page in groupby(found, key=lambda one: one[1].page):
        page = page_text(document, number - 1)
        if page is not None:
            yield from [mark for name, place in on_page for mark in _marks(page, name, place)]
            page.close()


def _marks(page: PageText, name: str, place: Place) -> Iterator[Mark]:
    return ({"id": name, "page": place.page, **share_of(page, box)} for box in boxes(page, place.chars))


def share_of(page: PageText, box: Box) -> dict[str, float]:
    """The box as {left, top, width, height}, in shares of the page as it is shown."""
    corners = [_on_screen(page, box.left, box.top), _on_screen(page, box.right, box.bottom)]
    (left, right), (top, bottom) = (sorted(at) for at in zip(*corners, strict=True))
    return {"left": left, "top": top, "width": round(right - left, 4), "height": round(bottom - top, 4)}


def _on_screen(page: PageText, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.page.raw, 0, 0, _ROUND, _ROUND, 0, x, y, across, down)
    return across.value / _ROUND, down.value / _ROUND


def _scale(page: pypdfium2.PdfPage) -> float:
    width, height = page.get_size()
    return float(min(WIDTH_PX / max(width, 1), (MOST_PX / max(width * height, 1)) ** 0.5))


def _png(picture: pypdfium2.PdfBitmap) -> bytes:
    """Rows of RGB as they are: what is mostly white paper needs no filter to be small."""
    pixels, row_bytes = bytes(picture.buffer), 3 * picture.width
    starts = range(0, picture.height * picture.stride, picture.stride)
    rows = (pixels[start : start + row_bytes] for start in starts)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows), _LEVEL)
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 0)
    parts = (_chunk(b"IHDR", head), _chunk(b"IDAT", packed), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
