"""Blocks and outline of a PDF: large print and bookmarks are its headings, pages its sections where both are missing.

Headings of a PDF are a guess by nature: on simple reports this rule finds all, on dense forms few.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from core.documents.folding import fold
from core.documents.model import Block, BlockKind, Section
from core.documents.outline import Start, block_name, joined, outline_by_page, sections
from core.documents.pdf_lines import Paragraph

LEAST_BOOKMARKS = 3
_HEADING_SIZE_RATIO = 1.12
_HEADING_MAX_CHARS = 120
_HEADING_MAX_SHARE = 0.25
_LEAST_HEADINGS = 2


@dataclass(frozen=True)
class Bookmark:
    """page and level from 1."""

    title: str
    page: int
    level: int


def pdf_outline(
    blocks: Sequence[Block], bookmarks: Sequence[Bookmark]
) -> tuple[tuple[Block, ...], tuple[Section, ...]]:
    """The blocks, bookmarked ones as headings, and their sections: by bookmarks, by page without enough of them."""
    if len(bookmarks) < LEAST_BOOKMARKS:
        return tuple(blocks), outline_by_page(blocks)
    marked, starts = _by_bookmarks(list(blocks), bookmarks)
    return tuple(marked), sections(starts, marked) if starts else outline_by_page(marked)


def blocks_of(found: Sequence[tuple[int, Paragraph]]) -> list[Block]:
    """One block for each (page, paragraph); large short ones are headings, the largest size first."""
    headings = _heading_sizes([item for _, item in found if not item.flag])
    return [
        Block(
            id=f"b{count}",
            text=item.text,
            kind=BlockKind.HEADING if _reads_as_heading(item, headings) else BlockKind.PARAGRAPH,
            page=page,
            level=headings.index(item.size) + 1 if _reads_as_heading(item, headings) else 0,
            origin=f"page#{page}",
            flags=(item.flag,) if item.flag else (),
        )
        for count, (page, item) in enumerate(found, start=1)
    ]


def _heading_sizes(items: Sequence[Paragraph]) -> list[float]:
    """Font sizes of headings, largest first; none where large print is no sign of a heading."""
    chars: Counter[float] = Counter()
    for item in items:
        chars[item.size] += len(item.text)
    body = chars.most_common(1)[0][0] if chars else 0.0
    large = [item for item in items if item.size >= _HEADING_SIZE_RATIO * body and _is_short(item)]
    if not _LEAST_HEADINGS <= len(large) <= _HEADING_MAX_SHARE * len(items):
        return []
    return sorted({item.size for item in large}, reverse=True)


def _reads_as_heading(item: Paragraph, sizes: list[float]) -> bool:
    return not item.flag and item.size in sizes and _is_short(item)


def _is_short(item: Paragraph) -> bool:
    return len(item.text) <= _HEADING_MAX_CHARS and any(char.isalpha() for char in item.text)


def _by_bookmarks(blocks: list[Block], bookmarks: Sequence[Bookmark]) -> tuple[list[Block], list[Start]]:
    starts: dict[int, Start] = {}
    reached = 0
    for bookmark in bookmarks:
        at = _block_of(bookmark, blocks, reached)
        if at is None:
            continue
        reached = at
        if len(blocks[at].text) <= _HEADING_MAX_CHARS and _begins_with(blocks[at], bookmark.title):
            blocks[at] = replace(blocks[at], kind=BlockKind.HEADING, level=bookmark.level)
        name = block_name(replace(blocks[at], text=bookmark.title))
        starts.setdefault(at, Start(at, name, level=bookmark.level))
    return blocks, joined(list(starts.values()))


def _block_of(bookmark: Bookmark, blocks: Sequence[Block], reached: int) -> int | None:
    """The block with the bookmark's words on its page, else the page's first block; never before `reached`."""
    on_page = [index for index in range(reached, len(blocks)) if blocks[index].page == bookmark.page]
    title = fold(bookmark.title)[0]
    same = (index for index in on_page if fold(blocks[index].text)[0] == title)
    longer = (index for index in on_page if _begins_with(blocks[index], bookmark.title))
    return next(chain(same, longer, on_page), None)


def _begins_with(block: Block, title: str) -> bool:
    return fold(block.text)[0].startswith(fold(title)[0])
