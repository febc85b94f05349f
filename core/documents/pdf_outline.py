"""Blocks and outline of a PDF: bookmarks are its headings, else large or bold print; else pages are its sections.

Headings of a PDF are a guess by nature: on simple reports this rule finds all, on dense forms few.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from core.documents.folding import fold
from core.documents.model import Block, BlockKind, Section
from core.documents.outline import Start, block_name, joined, outline, outline_by_page, sections
from core.documents.pdf_headings import MAX_CHARS, heading_levels
from core.documents.pdf_lines import Paragraph

LEAST_BOOKMARKS = 3
LEAST_HEADINGS = 3
MOST_HEADINGS_A_PAGE = 6
"""More are a form, or slides, whose print says nothing about its parts."""


@dataclass(frozen=True)
class Bookmark:
    """page and level from 1."""

    title: str
    page: int
    level: int


def pdf_outline(
    blocks: Sequence[Block], bookmarks: Sequence[Bookmark]
) -> tuple[tuple[Block, ...], tuple[Section, ...]]:
    """The blocks, bookmarked ones as headings, and their sections: by bookmarks, by headings, else by page."""
    if len(bookmarks) >= LEAST_BOOKMARKS:
        marked, starts = _by_bookmarks(list(blocks), bookmarks)
        return tuple(marked), sections(starts, marked) if starts else outline_by_page(marked)
    headings = [block for block in blocks if block.kind is BlockKind.HEADING]
    pages = len({block.page for block in blocks})
    if LEAST_HEADINGS <= len(headings) <= MOST_HEADINGS_A_PAGE * pages:
        return tuple(blocks), outline(blocks)
    return tuple(blocks), outline_by_page(blocks)


def blocks_of(found: Sequence[tuple[int, Paragraph]]) -> list[Block]:
    """One block for each (page, paragraph); large or bold short ones are headings, the largest size first."""
    items = [item for _, item in found]
    levels = heading_levels(items)
    return [
        Block(
            id=f"b{at + 1}",
            text=item.text,
            kind=BlockKind.CELL
            if item.cell
            else BlockKind.HEADING
            if levels.get(at)
            else BlockKind.PARAGRAPH,
            page=page,
            level=levels.get(at, 0),
            origin=f"page#{page}",
            cell=item.cell,
            flags=(item.flag,) if item.flag else (),
        )
        for at, (page, item) in enumerate(found)
    ]


def _by_bookmarks(blocks: list[Block], bookmarks: Sequence[Bookmark]) -> tuple[list[Block], list[Start]]:
    starts: dict[int, Start] = {}
    reached = 0
    for bookmark in bookmarks:
        at = _block_of(bookmark, blocks, reached)
        if at is None:
            continue
        reached = at
        if len(blocks[at].text) <= MAX_CHARS and _begins_with(blocks[at], bookmark.title):
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
