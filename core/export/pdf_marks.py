"""Where a quote stands on the pages of a PDF: the characters it is made of, and the boxes to mark."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from core.documents.anchoring import locate
from core.documents.pdf_page import INDEX_MASK, PAGE_SHIFT, Box, PageText
from core.documents.pdf_reader import PlacedBlock
from core.export.pdf_check import InBlock, PdfComment

_PAD = 0.5
_HYPHENS = "-\u2010\u00ad\x02\ufffe"
_APART = 0.1
_STEP = 0.1
_GAP_HEIGHTS = 2.0


@dataclass(frozen=True)
class Place:
    """Characters of one page, from 1, by their index on it."""

    page: int
    chars: tuple[int, ...]


class Places:
    """Finds the places of comments in an open PDF again, by what was stored of the blocks."""

    def __init__(self, placed: Sequence[PlacedBlock]) -> None:
        self._all = placed
        self._by_id: Mapping[str, PlacedBlock] = {one.block.id: one for one in placed}

    def of_words(self, comment: PdfComment) -> list[Place]:
        """The characters of the comment's words.

        Empty where the words are not in the document, or the comment is about none.
        """
        parts: tuple[PdfComment | InBlock, ...] = (comment, *comment.more)
        words = [one for one in parts if one.start < one.end]
        return _places([char for one in words for char in self._chars(one, (one.start, one.end))])

    def beginning(self, comment: PdfComment) -> Place:
        """The first character of the comment's block, or none of its page."""
        found = _places(self._chars(comment, (0, len(comment.block_text))))
        return Place(found[0].page, found[0].chars[:1]) if found else Place(comment.page, ())

    def _chars(self, words: PdfComment | InBlock, span: tuple[int, int]) -> Sequence[int]:
        block = self._block(words)
        if block is not None:
            return block.chars[slice(*span)]
        found = locate(words.block_text[slice(*span)], [one.block for one in self._all])
        parts = found.parts if found else ()
        return [char for part in parts for char in self._by_id[part.block_id].chars[part.start : part.end]]

    def _block(self, words: PdfComment | InBlock) -> PlacedBlock | None:
        """A later release may cut blocks differently than the one that read the upload: then the text decides."""
        same_id = self._by_id.get(words.block_id)
        on_page = (one for one in self._all if one.block.page == words.page)
        candidates = chain([same_id] if same_id else [], on_page)
        return next((one for one in candidates if one.block.text == words.block_text), None)


def _places(chars: Sequence[int]) -> list[Place]:
    by_page: dict[int, dict[int, None]] = {}
    for at in chars:
        if at >= 0:
            by_page.setdefault(at >> PAGE_SHIFT, {})[at & INDEX_MASK] = None
    return [Place(page, tuple(indexes)) for page, indexes in by_page.items()]


def boxes(page: PageText, chars: Sequence[int]) -> list[Box]:
    """One box for each line, or piece of a line, that the characters stand on."""
    shown = [index for index in _with_hyphens(page.text, chars) if not page.text[index].isspace()]
    return [
        Box(box.left - _PAD, box.bottom - _PAD, box.right + _PAD, box.top + _PAD)
        for box in _joined(page, shown)
    ]


def _with_hyphens(text: str, chars: Sequence[int]) -> Iterator[int]:
    """The hyphen of a divided word is no character of its text, but belongs to what is marked."""
    for index, following in zip_longest(chars, chars[1:]):
        yield index
        if following is not None and following > index + 1 and text[index + 1] in _HYPHENS:
            yield index + 1


def _joined(page: PageText, chars: Sequence[int]) -> Iterator[Box]:
    current: Box | None = None
    begun_at = 0.0
    for index in chars:
        box, (baseline, across) = page.box(index), page.written(index)
        if current is not None and _goes_on(current, box, across=across, step=baseline - begun_at):
            current = Box(
                min(current.left, box.left),
                min(current.bottom, box.bottom),
                max(current.right, box.right),
                max(current.top, box.top),
            )
            continue
        if current is not None:
            yield current
        current, begun_at = box, baseline
    if current is not None:
        yield current


def _goes_on(line: Box, box: Box, *, across: bool, step: float) -> bool:
    """Whether the box stands on the same line, near its end.

    across: the line runs from side to side. step: from where its first character stands to this one; words that go
    up or down like stairs have a box each, as one for all would hold others too.
    """
    spans = ((line.bottom, line.top, box.bottom, box.top), (line.left, line.right, box.left, box.right))
    (low, high, box_low, box_high), along = spans if across else spans[::-1]
    apart = max(box_low - high, low - box_high)
    height = max(high - low, box_high - box_low)
    gap = max(along[2] - along[1], along[0] - along[3])
    return apart <= _APART * height and gap <= _GAP_HEIGHTS * height and abs(step) <= _STEP * height
