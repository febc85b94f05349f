"""Blocks from the lines of a prompt: "[b12] text", "[b13 heading] text", "[b14 cell 2,3] text", tables as in
table_lines, or plain text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.documents.model import Block, BlockKind, CellPlace
from core.rules.table_lines import expanded

_LINE = re.compile(r"^\[(b\d+)(?: ([^\]]*))?\] ?(.*)$", re.DOTALL)
_CELL = re.compile(r"\bcell (\d+),(\d+)")


@dataclass
class _Tables:
    """Counts tables: a new one begins where other text stood between, or where the rows start again."""

    number: int = -1
    last: tuple[int, int] | None = field(default=None)

    def place(self, row: int, column: int) -> CellPlace:
        if self.last is None or (row, column) <= self.last:
            self.number += 1
        self.last = (row, column)
        return CellPlace(self.number, row, column)


def blocks_of(lines: Sequence[str]) -> tuple[Block, ...]:
    """One block per line that has text or a place. Lines without an id are numbered from b1 by their position."""
    tables = _Tables()
    blocks = (_block(line, position, tables) for position, line in enumerate(expanded(lines), 1))
    return tuple(block for block in blocks if block.text.strip() or block.cell)


def _block(line: str, position: int, tables: _Tables) -> Block:
    match = _LINE.match(line.rstrip("\n"))
    block_id, hint, text = (match[1], match[2] or "", match[3]) if match else (f"b{position}", "", line)
    cell = _CELL.search(hint)
    if cell:
        place = tables.place(int(cell[1]), int(cell[2]))
        return Block(block_id, text, BlockKind.CELL, cell=place)
    tables.last = None
    kind = next(
        (kind for kind in BlockKind if kind.value in hint and kind is not BlockKind.CELL), BlockKind.PARAGRAPH
    )
    return Block(block_id, text, kind, level=1 if kind is BlockKind.HEADING else 0)
