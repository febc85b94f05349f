"""The document as render nodes: what the template walks to draw sheets, headings, lists, tables and notes.

Every block becomes exactly one element with its id, and that element's text is exactly the block's text, because
findings are painted by offsets. Grouping only decides what stands around the block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from markupsafe import Markup, escape

from core.documents.folding import to_utf16
from core.documents.model import ALT_TEXT, FOOTER, HEADER, UNFILLED, Block, BlockComment, BlockKind
from core.web.table_view import Table, tables_of

_HEADING_SHIFT = 1
"""The page's h1 is the document's name, so a level 1 heading is an h2."""

_GROUPED = {BlockKind.LIST_ITEM: "list", BlockKind.NOTE: "notes", BlockKind.CELL: "table"}


@dataclass(frozen=True)
class Node:
    """One piece of a sheet. blocks: of a heading or paragraph one, of a table none, else several."""

    kind: Literal["heading", "paragraph", "list", "notes", "margins", "table"]
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
    """Runs of list items, notes, cells and margins as one node each; everything else a node of its own."""
    for group, run in groupby(blocks, key=_group_of):
        members = tuple(run)
        if group == "table":
            yield from (Node("table", table=table, page=table.page) for table in tables_of(members))
        elif group == "list":
            yield from (Node("list", blocks=items, page=items[0].page) for items in _by_page(members))
        elif group == "notes":
            yield Node("notes", blocks=members, page=members[0].page)
        elif group == "margins":
            yield Node("margins", blocks=members)
        else:
            yield from (_single(block) for block in members)


def block_text(block: Block) -> Markup:
    """The text of a block as markup that a browser reads back unchanged; hidden words are marked.

    A parser turns a bare carriage return into a line feed, which would move every offset behind it.
    """
    parts, at = [], 0
    for start, end in block.hidden:
        words = _escaped(block.text[start:end])
        parts += [_escaped(block.text[at:start]), f'<span class="hidden-words">{words}</span>']
        at = end
    return Markup("".join([*parts, _escaped(block.text[at:])]))  # noqa: S704 - each part is escaped


def _escaped(text: str) -> str:
    return str(escape(text)).replace("\r", "&#13;")


def sent_block(block: Block) -> dict[str, Any]:
    """A block as GET /sessions/<id>/blocks gives it: places in UTF-16 units, as everywhere in the API."""
    text = block.text
    hidden = [[to_utf16(text, start), to_utf16(text, end)] for start, end in block.hidden]
    comments = [
        {**asdict(comment), "start": to_utf16(text, comment.start), "end": to_utf16(text, comment.end)}
        for comment in block.comments
    ]
    sent = {**block.to_dict(), "hidden": hidden, "comments": comments}
    del sent["origin"]  # where the export finds it inside the file: of no use outside
    return sent


_FLAGS = {
    "hidden": "Hidden text",
    "partly-hidden": "Partly hidden",
    "inserted": "Inserted",
    "moved": "Moved here",
    "deleted-nearby": "Words deleted",
    ALT_TEXT: "Picture",
    UNFILLED: "Not filled in",
    "running": "Repeated line",
    HEADER: "Header",
    FOOTER: "Footer",
}


def flags(block: Block) -> list[str]:
    """What is said beside a block, in words."""
    return [words for flag, words in _FLAGS.items() if flag in block.flags]


def comment_label(comment: BlockComment) -> Markup:
    """ "Comment by Ann Lee, 3 March 2026, resolved"

    The name is the file's: what turns the direction of writing in it must not turn what we say behind it.
    """
    kind = "Answer" if comment.parent else "Comment"
    by = Markup("{} by <bdi>{}</bdi>").format(kind, comment.author) if comment.author else kind
    parts = [by, *_day(comment.date), *(["resolved"] if comment.resolved else [])]
    return Markup(", ").join(parts)


def _day(date: str) -> list[str]:
    try:
        day = datetime.fromisoformat(date)
    except ValueError:
        return []
    return [f"{day.day} {day:%B %Y}"]


def _group_of(block: Block) -> str:
    return "margins" if block.in_margin else _GROUPED.get(block.kind, "")


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
