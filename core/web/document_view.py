"""The document as render nodes: what the template walks to draw sheets, headings, lists, tables and notes.

Every block becomes exactly one element with its id, and that element's text is exactly the block's text, because
findings are painted by offsets. Grouping only decides what stands around the block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from markupsafe import Markup, escape

from core.documents.model import Block, BlockKind
from core.web.table_view import Table, tables_of

_HEADING_SHIFT = 1
"""The page's h1 is the document's name, so a level 1 heading is an h2."""

_GROUPED = {BlockKind.LIST_ITEM: "list", BlockKind.NOTE: "notes", BlockKind.CELL: "table"}


@dataclass(frozen=True)
class Node:
    """One piece of a sheet. blocks: of a heading or paragraph one, of a list or notes several, of a table none."""

    kind: Literal["heading", "paragraph", "list", "notes", "table"]
    blocks: tuple[Block, ...] = ()
    table: Table | None = None
    page: int | None = None

    @property
    def heading_tag(self) -> str:
        return f"h{min(max(self.blocks[0].level, 1) + _HEADING_SHIFT, 6)}"


@dataclass(frozen=True)
class Sheet:
    """What stands on one page; page is None where the file does not say."""

    page: int | None
    nodes: list[Node] = field(default_factory=list)


def sheets(blocks: Sequence[Block]) -> list[Sheet]:
    """The document's sheets in reading order. A table, list or note group stays on the page it begins on."""
    found: list[Sheet] = []
    for node in nodes(blocks):
        if not found or _turns_page(found[-1], node):
            found.append(Sheet(page=node.page))
        found[-1].nodes.append(node)
    return found


def nodes(blocks: Sequence[Block]) -> Iterator[Node]:
    """Runs of list items, notes and cells as one node each, everything else a node of its own."""
    for group, run in groupby(blocks, key=lambda block: _GROUPED.get(block.kind, "")):
        members = tuple(run)
        if group == "table":
            yield from (Node("table", table=table, page=table.page) for table in tables_of(members))
        elif group == "list":
            yield from (Node("list", blocks=items, page=items[0].page) for items in _by_page(members))
        elif group == "notes":
            yield Node("notes", blocks=members, page=members[0].page)
        else:
            yield from (_single(block) for block in members)


def block_text(text: str) -> Markup:
    """The text of a block as markup that a browser reads back unchanged.

    A parser turns a bare carriage return into a line feed, which would move every offset behind it.
    """
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704 - escaped just before


def depth(block: Block) -> int:
    """Indentation of a list item, from 0, held to what the style sheet has steps for."""
    return min(max(block.level, 0), 5)


def _single(block: Block) -> Node:
    kind: Literal["heading", "paragraph"] = "heading" if block.kind is BlockKind.HEADING else "paragraph"
    return Node(kind, blocks=(block,), page=block.page)


def _by_page(items: tuple[Block, ...]) -> Iterator[tuple[Block, ...]]:
    """A list that crosses a page is two lists, so that a long one does not drag its page along."""
    for _, run in groupby(items, key=lambda block: block.page):
        yield tuple(run)


def _turns_page(sheet: Sheet, node: Node) -> bool:
    """Notes are collected at the end and may name an earlier page; they stay where they are read."""
    if node.page is None:
        return False
    return sheet.page is None or node.page > sheet.page
