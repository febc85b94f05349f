"""The lines of one PDF page as PDFium reads them, each character with its index on the page.

Places are measured along the line's own direction, so a page turned by 90 degrees reads like any other.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import hypot
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from core.documents.pdf_lines import Line

_BOLD_WEIGHT = 600
_WHITE = 245
_LEAST_SIZE = 1.0
_SMALLEST = 0.01
_FONT_NAME_BYTES = 128
INVISIBLE_MODE = 3
PAGE_SHIFT = 20
INDEX_MASK = (1 << PAGE_SHIFT) - 1
# PDFium writes no line end after a word that it takes for divided, only its mark.
_LINE = re.compile(r"[^\r\n\x02\ufffe]*[\x02\ufffe]|[^\r\n\x02\ufffe]+")
_WORD = re.compile(r"\S+")
_GAP_SIZES = 1.2
# Symbol fonts draw bullets with private characters; a ligature is its letters, each at the same place.
_LETTERS = {
    **{chr(0xFB00 + at): letters for at, letters in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))},
    "\uf0b7": "\u2022",
    "\uf0a7": "\u2022",
    "\u00a0": " ",
}
_LINE_END_HYPHENS = "\x02\ufffe\u00ad"
_UNSHOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\ud800-\udfff\ufffe\uffff]")
_ODD_LINE = re.compile(rf"{_UNSHOWN.pattern}|[{''.join(_LETTERS)}]|[^\S ]")
_ODD = re.compile(rf"{_UNSHOWN.pattern}|[{''.join(_LETTERS)}]")


Span = tuple[int, int]
"""Start and end (excluded) of a word, as indexes of characters on the page."""


class Box(NamedTuple):
    """In points of the page, as the file counts them."""

    left: float
    bottom: float
    right: float
    top: float


class PageText:
    """A page's characters. Closed with the document; indexes are stable for the same file."""

    def __init__(self, page: pypdfium2.PdfPage, number: int) -> None:
        """number: of the page, from 1."""
        self.number = number
        self.page = page
        self._text_page = page.get_textpage()
        self._raw = self._text_page.raw
        self.count: int = self._text_page.count_chars()
        self._box = tuple(ctypes.c_double() for _ in range(4))
        self._looked_at = 0, False

    def close(self) -> None:
        self._text_page.close()
        self.page.close()

    @cached_property
    def text(self) -> str:
        """One character for each index; the second half of a pair is U+0000."""
        units = (ctypes.c_ushort * (self.count + 1))()
        written = pdfium.FPDFText_GetText(self._raw, 0, self.count, units)
        text = bytes(units)[: 2 * self.count].decode("utf-16-le", "surrogatepass")
        if written == self.count + 1 and len(text) == self.count:
            return text
        return "".join(self._one_by_one())

    def _one_by_one(self) -> Iterator[str]:
        high = 0
        for index in range(self.count):
            code = pdfium.FPDFText_GetUnicode(self._raw, index)
            if 0xD800 <= code < 0xDC00:
                high = code
                yield "\0"
                continue
            if 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0
            high = 0
            yield chr(code)

    @cached_property
    def bounds(self) -> Box:
        """What of the page is shown."""
        found = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(self.page.raw, found)
        return Box(found.left, found.bottom, found.right, found.top)

    def box(self, index: int) -> Box:
        left, right, bottom, top = self._box
        pdfium.FPDFText_GetCharBox(self._raw, index, left, right, bottom, top)
        return Box(left.value, bottom.value, right.value, top.value)

    def loose_box(self, index: int) -> Box:
        """The character's box, as high as its font, so that marks on one line are of one height."""
        found = pdfium.FS_RECTF()
        if not pdfium.FPDFText_GetLooseCharBox(self._raw, index, found):
            return self.box(index)
        return Box(found.left, found.bottom, found.right, found.top)

    def index_at(self, x: float, y: float, near: tuple[float, float]) -> int:
        """The character at the place, or the nearest one so far away, from side to side and up and down; else -1."""
        return int(pdfium.FPDFText_GetCharIndexAtPos(self._raw, x, y, *near))

    def written(self, index: int) -> tuple[float, bool]:
        """The baseline of the character, and whether it is written from side to side, not up or down."""
        frame = _Frame.at(self._raw, index)
        return frame.baseline(self._raw, index), abs(frame.x) >= abs(frame.y)

    def lines(self) -> list[Line]:
        """The lines as the file orders them, in pieces where a wide gap parts them."""
        found = (line for span in _LINE.finditer(self.text) for line in self._lines_of(*span.span()))
        return [line for line in found if line.text.strip()]

    def _lines_of(self, start: int, end: int) -> Iterator[Line]:
        words = [(start + word.start(), start + word.end()) for word in _WORD.finditer(self.text[start:end])]
        if not words:
            return
        frame = _Frame.at(self._raw, words[0][0])
        seen: list[Span] = []
        unseen: list[Span] = []
        right = None
        # Between two words of one text object there are none of another.
        is_one_object = self._object_at(words[0][0]) == self._object_at(words[-1][0])
        is_invisible = self._looks_invisible(words[0][0], frame.size)
        for word, (begins, ends, is_off_page) in zip(words, self._places(words, frame), strict=True):
            if not is_one_object:
                is_invisible = self._looks_invisible(word[0], frame.size)
            if is_off_page or is_invisible:
                unseen.append(word)
                continue
            if right is not None and begins - right > _GAP_SIZES * frame.size:
                yield self._line(seen, frame)
                seen = []
            seen.append(word)
            right = ends
        if seen:
            yield self._line(seen, frame)
        if unseen:
            yield self._line(unseen, frame, suspect=True)

    def _places(self, words: Sequence[Span], frame: "_Frame") -> Iterator[tuple[float, float, bool]]:
        """Where each word begins and ends along the line, and whether it begins off the page."""
        if frame.x != 1.0:
            for start, end in words:
                box, last = self.box(start), self.box(end - 1)
                yield frame.edges(box)[0], frame.edges(last)[1], self._is_off_page(box)
            return
        # Most lines, so without a call of our own: documents have tens of thousands of words.
        box_of, raw, bounds = pdfium.FPDFText_GetCharBox, self._raw, self.bounds
        left, right, bottom, top = self._box
        for start, end in words:
            box_of(raw, start, left, right, bottom, top)
            begins = left.value
            is_beside = right.value < bounds.left or begins > bounds.right
            is_off_page = is_beside or top.value < bounds.bottom or bottom.value > bounds.top
            if end > start + 1:
                box_of(raw, end - 1, left, right, bottom, top)
            yield begins, right.value, is_off_page

    def _line(self, words: Sequence[Span], frame: "_Frame", *, suspect: bool = False) -> Line:
        first, last = words[0][0], words[-1][1] - 1
        edges = frame.edges(self.box(first)), frame.edges(self.box(last))
        middle = words[len(words) // 2][0]
        text, indexes = self._clean(words)
        return Line(
            text=text,
            left=min(edges[0][0], edges[1][0]),
            right=max(edges[0][1], edges[1][1]),
            baseline=frame.baseline(self._raw, first),
            size=_Frame.at(self._raw, middle).size,
            chars=tuple(indexes),
            angle=frame.angle,
            bold=self._is_bold(middle),
            suspect=suspect,
        )

    def _clean(self, words: Sequence[Span]) -> tuple[str, Sequence[int]]:
        """Words with one space between them, and for every character where it stands (`Line.chars`)."""
        first, last, page = words[0][0], words[-1][1], self.number << PAGE_SHIFT
        whole = self.text[first:last]
        if whole.count(" ") == len(words) - 1 and not _ODD_LINE.search(whole):
            return whole, range(page + first, page + last)
        pieces: list[str] = []
        indexes: list[int] = []
        for start, end in words:
            if pieces:
                pieces.append(" ")
                indexes.append(page + start - 1)
            word = self.text[start:end]
            if not _ODD.search(word):
                pieces.append(word)
                indexes.extend(range(page + start, page + end))
                continue
            for index, char in enumerate(word, start):
                shown = self._shown(char, is_last=index == words[-1][1] - 1)
                pieces.append(shown)
                indexes.extend([page + index] * len(shown))
        return "".join(pieces), indexes

    def _shown(self, char: str, *, is_last: bool) -> str:
        if char in _LINE_END_HYPHENS:
            # At the end of a line it says that the word goes on; within one PDFium means a plain hyphen.
            return char if is_last else "" if char == "\u00ad" else "-"
        return _LETTERS.get(char) or _UNSHOWN.sub("", char)

    def _looks_invisible(self, index: int, size: float) -> bool:
        """Whether something must look closer: no ink, no opacity, white ink, or print too small to read."""
        at = self._object_at(index)
        if at != self._looked_at[0]:
            # Words come in long runs of one object, which has one colour.
            self._looked_at = at, self._is_inkless(index)
        return size < _LEAST_SIZE or self._looked_at[1]

    def _object_at(self, index: int) -> int:
        """Tells the text object that draws the character from others; 0 for none."""
        drawn = pdfium.FPDFText_GetTextObject(self._raw, index)
        return ctypes.addressof(drawn.contents) if drawn else 0

    def _is_inkless(self, index: int) -> bool:
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not pdfium.FPDFText_GetFillColor(self._raw, index, red, green, blue, alpha):
            return False
        is_white = min(red.value, green.value, blue.value) >= _WHITE
        return is_white or alpha.value == 0 or self.render_mode(index) == INVISIBLE_MODE

    def _is_off_page(self, box: Box) -> bool:
        bounds = self.bounds
        is_beside = box.right < bounds.left or box.left > bounds.right
        return is_beside or box.top < bounds.bottom or box.bottom > bounds.top

    def render_mode(self, index: int) -> int:
        drawn = pdfium.FPDFText_GetTextObject(self._raw, index)
        return int(pdfium.FPDFTextObj_GetTextRenderMode(drawn)) if drawn else 0

    def _is_bold(self, index: int) -> bool:
        if pdfium.FPDFText_GetFontWeight(self._raw, index) >= _BOLD_WEIGHT:
            return True
        name, flags = ctypes.create_string_buffer(_FONT_NAME_BYTES), ctypes.c_int()
        pdfium.FPDFText_GetFontInfo(self._raw, index, name, _FONT_NAME_BYTES, flags)
        return b"bold" in name.value.lower()


@dataclass(frozen=True)
class _Frame:
    """How a line lies on the page. x, y: the unit vector it is written along."""

    x: float
    y: float
    size: float

    @classmethod
    def at(cls, raw: object, index: int) -> "_Frame":
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(raw, index, matrix)
        along = hypot(matrix.a, matrix.b)
        size = pdfium.FPDFText_GetFontSize(raw, index) * hypot(matrix.c, matrix.d)
        readable = max(round(size, 2), _SMALLEST)
        return cls(matrix.a / along, matrix.b / along, readable) if along else cls(1.0, 0.0, readable)

    @property
    def angle(self) -> tuple[int, int]:
        return round(10 * self.x), round(10 * self.y)

    def edges(self, box: Box) -> tuple[float, float]:
        """Where the box begins and ends along the line."""
        if self.x == 1.0:
            return box.left, box.right
        corners = [x * self.x + y * self.y for x in (box.left, box.right) for y in (box.bottom, box.top)]
        return min(corners), max(corners)

    def baseline(self, raw: object, index: int) -> float:
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
        return y.value * self.x - x.value * self.y
