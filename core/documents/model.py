"""The canonical text of a document: blocks in reading order, and an outline that covers each exactly once.

Offsets into a block's text are code points everywhere in Python; the web tier converts them to UTF-16 units.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from core.documents.folding import to_utf16


class DocumentKind(StrEnum):
    """File type of a document, by its content."""

    DOCX = "docx"
    PDF = "pdf"
    TEXT = "text"


class BlockKind(StrEnum):
    """Role of a block in the document."""

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
class BlockComment:
    """A comment that the upload already had, on `start` to `end` of its block's text; the same place twice: a point.

    date: as the file has it, ISO or "". parent: id of the comment this one answers, "" for none.
    """

    id: str
    text: str
    author: str = ""
    date: str = ""
    start: int = 0
    end: int = 0
    resolved: bool = False
    parent: str = ""


HEADER, FOOTER, ALT_TEXT, UNFILLED = "header", "footer", "alt-text", "unfilled"
TICKED, UNTICKED = "\u2612", "\u2610"
"""What the boxes of a form read as."""
_BESIDE_THE_TEXT = frozenset({HEADER, FOOTER, ALT_TEXT})


@dataclass(frozen=True)
class Block:
    """One paragraph (or PDF text block) of the document.

    id: "b1", "b2", ... in reading order. label: an automatic number such as "3.2", not part of the text.
    level: heading level from 1, else 0. origin: where the export finds it again, "word/document.xml#17" =
    w:p number 17, from 0, of that part in document order; "page#3" for a PDF.
    Of a block that is no paragraph of the text (`beside_text`) it is that of a paragraph near it.
    flags: "hidden" (all of it), "partly-hidden", "inserted", "moved", "deleted-nearby", "textbox", "contents" (a line
    of a table of contents), "alt-text" (what a picture is said to show), "unfilled" (a content control that shows
    what to write in it), "header", "footer", "running" (a line repeated at the head or foot of a PDF's pages).
    hidden: where a partly hidden block holds hidden words, (start, end) each.
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
    hidden: tuple[tuple[int, int], ...] = ()
    comments: tuple[BlockComment, ...] = ()

    @property
    def in_margin(self) -> bool:
        """Whether it stands in a header or footer of the pages."""
        return HEADER in self.flags or FOOTER in self.flags

    @property
    def beside_text(self) -> bool:
        """Whether Word takes no comment on its words: notes, headers, footers, what a picture is said to show."""
        return self.kind is BlockKind.NOTE or not _BESIDE_THE_TEXT.isdisjoint(self.flags)

    def to_dict(self) -> dict[str, Any]:
        # Not asdict, which copies leaf by leaf: an upload has thousands of blocks, and its child little time.
        cell = {**vars(self.cell)} if self.cell else None
        return {**vars(self), "cell": cell, "comments": tuple({**vars(comment)} for comment in self.comments)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Block":
        cell = CellPlace(**data["cell"]) if data.get("cell") else None
        lists = {
            "flags": tuple(data.get("flags", ())),
            "hidden": tuple((start, end) for start, end in data.get("hidden", ())),
            "comments": tuple(BlockComment(**comment) for comment in data.get("comments", ())),
        }
        return cls(**{**data, "kind": BlockKind(data["kind"]), "cell": cell, **lists})


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
class AnchorPart:
    """A range of one block's text in code points, end excluded."""

    block_id: str
    start: int
    end: int

    def in_utf16(self, text: str) -> dict[str, Any]:
        """The range as browsers count it. text: of the block."""
        start, end = to_utf16(text, self.start), to_utf16(text, self.end)
        return {"block_id": self.block_id, "start": start, "end": end}


@dataclass(frozen=True)
class Anchor:
    """A range of one block's text in code points, end excluded. more: how it goes on in later blocks."""

    block_id: str
    start: int
    end: int
    stage: Stage = Stage.EXACT
    more: tuple[AnchorPart, ...] = ()

    @property
    def parts(self) -> tuple[AnchorPart, ...]:
        """One for each block, in reading order."""
        return AnchorPart(self.block_id, self.start, self.end), *self.more

    def words(self, blocks: Mapping[str, Block]) -> str:
        """What the document says there, a space between two blocks. blocks: by id."""
        return " ".join(blocks[part.block_id].text[part.start : part.end] for part in self.parts)

    def overlaps(self, other: "Anchor") -> bool:
        return any(
            one.block_id == two.block_id and one.start < two.end and two.start < one.end
            for one in self.parts
            for two in other.parts
        )

    def to_dict(self) -> dict[str, Any]:
        more = {"more": [{**vars(part)} for part in self.more]} if self.more else {}
        return {"block_id": self.block_id, "start": self.start, "end": self.end, "stage": self.stage, **more}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Anchor":
        more = tuple(AnchorPart(**part) for part in data.get("more", ()))
        return cls(data["block_id"], data["start"], data["end"], Stage(data["stage"]), more)


@dataclass(frozen=True)
class ReadDocument:
    """What reading an upload gives. notices: codes of things the reviewer should know, e.g. "hidden-text"."""

    kind: DocumentKind
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    pages: int | None = None
    notices: tuple[str, ...] = field(default=())
