"""The text of a section as a model gets it: one line per block, nothing invisible, nothing left out.

Block ids stay, so that an answer can be traced; characters nobody sees go, because they can carry instructions.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.documents.folding import masked
from core.documents.model import ALT_TEXT, FOOTER, HEADER, Block, BlockKind
from core.pipeline.table_text import runs, table_lines

_UNSEEN = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian selectors
    (0x200B, 0x200F),  # zero-width characters and direction marks
    (0x202A, 0x202E),  # bidirectional embedding and override
    (0x2060, 0x206F),  # joiners, invisible operators, isolates
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),  # half-width Hangul filler
    (0xFFF9, 0xFFFB),  # interlinear annotation
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0xE0000, 0xE0FFF),  # tags and supplementary variation selectors
)
_NOT_READ = {"hidden", "running"}
_INVISIBLE = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _UNSEEN) + "]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def clean(text: str) -> str:
    """Returns the text on one line: invisible characters removed, control characters and line ends as spaces."""
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text))


def readable(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Returns the blocks as a reader sees them: hidden words and empty blocks are not part of a prompt.

    Hidden words inside a block become spaces, so that places in it stay valid.
    """
    shown = (
        replace(block, text=masked(block.text, block.hidden)) if block.hidden else block for block in blocks
    )
    return tuple(block for block in shown if not _NOT_READ & set(block.flags) and clean(block.text).strip())


def lines(blocks: Sequence[Block]) -> list[str]:
    """Returns `[b12] text`, `[b13 heading] text`, tables as in table_text.

    Other cells as `[b14 cell 2,3] text` (from 1).
    """
    return [line for run in runs(blocks) for line in _lines_of(run)]


def cell_lines(blocks: Sequence[Block]) -> list[str]:
    """The same with a line for every cell."""
    return [f"[{_mark(block)}] {clean(block.text)}" for block in blocks]


def _lines_of(run: Sequence[Block]) -> list[str]:
    return cell_lines(run) if len(run) == 1 else table_lines(run, lambda block: clean(block.text))


def _mark(block: Block) -> str:
    if block.cell is not None:
        return f"{block.id} cell {block.cell.row + 1},{block.cell.column + 1}"
    if ALT_TEXT in block.flags:
        return f"{block.id} picture"
    if block.in_margin:
        return f"{block.id} {HEADER if HEADER in block.flags else FOOTER}"
    if block.kind in (BlockKind.HEADING, BlockKind.NOTE):
        return f"{block.id} {block.kind}"
    return block.id
