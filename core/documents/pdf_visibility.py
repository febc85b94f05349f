"""Whether people can see a piece of a PDF's text: it is drawn once and its place looked at."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import pypdfium2
import pypdfium2.raw as pdfium

from core.documents.pdf_lines import Line
from core.documents.pdf_page import INDEX_MASK, INVISIBLE_MODE, PageText

_SCALE = 1.5
_MOST_PIXELS = 4_000_000
_SCAN_SHARE = 0.5
_CONTRAST = 24
DRAWING_S = 2.0
"""For all pages that one process reads; a piece that looks invisible and could not be drawn counts as hidden."""


@dataclass(frozen=True)
class _Picture:
    """One byte of grey for a pixel, `stride` bytes for a row."""

    pixels: bytes
    width: int
    height: int
    stride: int


@dataclass
class Sight:
    """Draws pages while `left_s` lasts."""

    left_s: float = DRAWING_S

    def hidden(self, page: PageText, suspects: Sequence[Line]) -> list[bool]:
        """For each of the lines, all of them suspect, whether nobody can see it."""
        if all(
            page.render_mode(line.chars[0] & INDEX_MASK) == INVISIBLE_MODE for line in suspects
        ) and _is_scan(page.page):
            # The words of a scan, laid over its picture by text recognition.
            return [False] * len(suspects)
        started = monotonic()
        picture = _picture(page.page) if self.left_s > 0 else None
        found = [picture is None or not _has_ink(page, line, picture) for line in suspects]
        self.left_s -= monotonic() - started
        return found


def _is_scan(page: pypdfium2.PdfPage) -> bool:
    width, height = page.get_size()
    images = (found.get_bounds() for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))
    return any(
        (right - left) * (top - bottom) >= _SCAN_SHARE * width * height for left, bottom, right, top in images
    )


def _picture(page: pypdfium2.PdfPage) -> _Picture | None:
    width, height = page.get_size()
    if width * height * _SCALE * _SCALE > _MOST_PIXELS:
        return None
    drawn = page.render(scale=_SCALE, grayscale=True, may_draw_forms=False)
    picture = _Picture(bytes(drawn.buffer), drawn.width, drawn.height, drawn.stride)
    drawn.close()
    return picture


def _has_ink(page: PageText, line: Line, picture: _Picture) -> bool:
    """Whether anything stands out where the line is."""
    boxes = [page.box(at & INDEX_MASK) for at in (line.chars[0], line.chars[-1])]
    corners = [
        _pixel(page.page, picture, (min(box.left for box in boxes), min(box.bottom for box in boxes))),
        _pixel(page.page, picture, (max(box.right for box in boxes), max(box.top for box in boxes))),
    ]
    left, right = sorted(max(0, min(x, picture.width)) for x, _ in corners)
    top, bottom = sorted(max(0, min(y, picture.height)) for _, y in corners)
    inks = {
        ink
        for start in range(top * picture.stride, bottom * picture.stride, picture.stride)
        for ink in picture.pixels[start + left : start + right]
    }
    return bool(inks) and max(inks) - min(inks) > _CONTRAST


def _pixel(page: pypdfium2.PdfPage, picture: _Picture, at: tuple[float, float]) -> tuple[int, int]:
    x, y = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, picture.width, picture.height, 0, *at, x, y)
    return x.value, y.value
