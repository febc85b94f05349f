"""Where the text of a PDF stands on its pages, line by line, so that it can be selected there. Runs in the child."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

import pypdfium2

from core.documents.pdf_page import INDEX_MASK, PAGE_SHIFT, Box, PageText
from core.documents.pdf_reader import PlacedBlock, page_text, placed_blocks
from core.export.page_drawing import share_of


@dataclass(frozen=True)
class _Line:
    """Characters `start` to `end` of a block."""

    block: PlacedBlock
    start: int
    end: int

    @property
    def page(self) -> int:
        return self.block.chars[self.start] >> PAGE_SHIFT

    def told(self, page: PageText) -> dict[str, Any]:
        first, last = (page.loose_box(self.block.chars[at] & INDEX_MASK) for at in (self.start, self.end - 1))
        left, bottom = min(first.left, last.left), min(first.bottom, last.bottom)
        whole = Box(left, bottom, max(first.right, last.right), max(first.top, last.top))
        block = self.block.block
        words = {"block_id": block.id, "start": self.start, "end": self.end}
        return {
            "page": self.page,
            **words,
            "text": block.text[self.start : self.end],
            **share_of(page, whole),
        }


def lines(document: pypdfium2.PdfDocument) -> Iterator[dict[str, Any]]:
    """Every line of text: {page, block_id, start, end, text, left, top, width, height}, by page, in reading order.

    start, end: code points of the block. text: those. Places are shares of the page, as of marks.
    """
    found = sorted(chain.from_iterable(map(_lines, placed_blocks(document))), key=lambda line: line.page)
    for number, on_page in groupby(found, key=lambda line: line.page):
        page = page_text(document, number - 1)
        if page is not None:
            yield from (line.told(page) for line in on_page)
            page.close()


def _lines(block: PlacedBlock) -> Iterator[_Line]:
    """The lines of a block: one ends at a character without a place, and at a gap, where a word is divided."""
    chars, text = block.chars, block.block.text
    start = 0
    for at in range(1, len(chars) + 1):
        is_last = at == len(chars)
        if is_last or chars[at] < 0 or _is_gap(chars[at - 1], chars[at], within=text[at - 1 : at + 1]):
            while start < at and (chars[start] < 0 or text[start].isspace()):
                start += 1
            if start < at:
                yield _Line(block, start, at)
            start = at


def _is_gap(place: int, following: int, *, within: str) -> bool:
    """Whether two characters are apart: letters of a ligature share a place, and of several spaces one is left."""
    return place >= 0 and following - place not in (0, 1) and not any(map(str.isspace, within))
