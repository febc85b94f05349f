"""The canonical text of a document: blocks in reading order, and an outline that covers each exactly once.

Offsets into a block's text are code points everywhere in Python; the web tier converts to UTF-16 units.
"""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class DocumentKind(StrEnum):
    DOCX = "docx"
    PDF = "pdf"
    TEXT = "text"


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list-item"
    CELL = "cell"
    NOTE = "note"


@dataclass(frozen=True)
class CellPlace:
    """Where a block stands in a table. table: running number in the document; row and column from 0."""

    table: int
    row: int
    column: int
    column_span: int = 1
    row_span: int = 1
    header: bool = False


@dataclass(frozen=True)
class Block:
    """One paragraph (or PDF text block) of the document.

    id: "b1", "b2", ... in reading order. label: an automatic number such as "3.2", not part of the text.
    level: heading level from 1, else 0. origin: where the export finds it again, "word/document.xml#17" =
    w:p number 17, from 0, of that part in document order; "page#3" for a PDF.
    flags: "hidden" (all of it), "partly-hidden", "inserted", "deleted-nearby", "textbox", "contents" (a line of a
    table of contents), "running" (a line repeated at the head or foot of a PDF's pages).
    """

    id: str
    text: str
    kind: BlockKind = BlockKind.PARAGRAPH
    label: str = ""
    page: int | None = None
    level: int = 0
    origin: str = ""
    cell: CellPlace | None = None
    flags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Block":
        cell = CellPlace(**data["cell"]) if data.get("cell") else None
        known = {**data, "kind": BlockKind(data["kind"]), "cell": cell, "flags": tuple(data.get("flags", ()))}
        return cls(**known)


@dataclass(frozen=True)
class Section:
    """A run of blocks, `first` to `last` (indexes into the document's blocks, both included)."""

    id: str
    name: str
    first: int
    last: int
    label: str = ""
    level: int = 1
    page: int | None = None
    chars: int = 0
    skipped: bool = False

    def blocks(self, blocks: "tuple[Block, ...]") -> "tuple[Block, ...]":
        return blocks[self.first : self.last + 1]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Stage(StrEnum):
    """How the quote was located; `fuzzy` is shown as approximate."""

    EXACT = "exact"
    FOLDED = "folded"
    ELLIPSIS = "ellipsis"
    FUZZY = "fuzzy"


@dataclass(frozen=True)
class Anchor:
    """A range of one block's text in code points, end excluded."""

    block_id: str
    start: int
    end: int
    stage: Stage = Stage.EXACT

    def overlaps(self, other: "Anchor") -> bool:
        return self.block_id == other.block_id and self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class ReadDocument:
    """What reading an upload gives. notices: codes of things the reviewer should know, e.g. "hidden-text"."""

    kind: DocumentKind
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    pages: int | None = None
    notices: tuple[str, ...] = field(default=())
