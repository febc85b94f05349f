"""Headings of a document whose author used none of Word's: short lines that are bold, numbered or in capitals."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.documents.model import ALT_TEXT, FOOTER, HEADER, Block, BlockKind

_MAX_CHARS = 90
_MAX_NUMBERED_WORDS = 10
_LEAST = 2
"""One bold line is emphasis or a title; two are a habit (11 of 44 documents without headings have it)."""

_NUMBERED = re.compile(r"(\d+(?:\.\d+)*\.?|[A-Z]\.|[IVX]+\.)\s+[^\W\d_]")
_TYPED = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)[.)]?\s+\S")
_NUMBER = re.compile(r"\d+(?:\.\d+)*|[A-Z]|[IVX]+")
_MAX_LEVEL = 3
_LEAST_LETTERS = 5
"""Of a line in capitals: "SUMMARY", not "QA" or "N/A"."""
_BESIDE = {"textbox", ALT_TEXT, HEADER, FOOTER}


def promote_pseudo_headings(blocks: Sequence[Block], bold: frozenset[str]) -> tuple[Block, ...]:
    """The blocks, with lines that look like headings made headings, where there is no real one but perhaps the title.

    bold: ids of the paragraphs that are bold throughout.
    """
    real = [at for at, block in enumerate(blocks) if block.kind is BlockKind.HEADING]
    if real not in ([], [0]):
        return tuple(blocks)
    below = len(real)
    around = zip([None, *blocks], [*blocks[1:], None], strict=False)
    levels = {
        block.id: level
        for block, (before, after) in zip(blocks, around, strict=False)
        if block.kind is not BlockKind.HEADING
        and (level := _level(block, bold) or _automatic_level(block, before, after))
        and (block.id in bold or not _is_counted_on(block, after))
    }
    if len(levels) < _LEAST:
        return tuple(blocks)
    return tuple(
        replace(block, kind=BlockKind.HEADING, level=min(levels[block.id] + below, _MAX_LEVEL))
        if block.id in levels
        else block
        for block in blocks
    )


def _is_counted_on(block: Block, after: Block | None) -> bool:
    """ "3. Buy scanners" right before "4. List them" is an item of a typed list: below a heading stands its text.

    Behind the last item of a list the next heading may count on by chance.
    """
    mine = _typed_number(block)
    return bool(mine) and after is not None and _typed_number(after) == (*mine[:-1], mine[-1] + 1)


def _typed_number(block: Block) -> tuple[int, ...]:
    """(3, 2) of "3.2 Scope", () of a line without a number."""
    typed = _TYPED.match(block.text.strip()) if block.cell is None else None
    return tuple(map(int, typed[1].split("."))) if typed else ()


def _automatic_level(block: Block, before: Block | None, after: Block | None) -> int:
    """The level, as of `_level`, of a short line with an automatic number and text below it; else 0.

    List items follow each other, headings do not.
    """
    text = block.text.strip()
    has_text_below = after is not None and after.kind in (BlockKind.PARAGRAPH, BlockKind.CELL)
    is_next_item = before is not None and bool(before.label) and _depth(before) == _depth(block)
    reads_as_name = _is_line(block) and text[0].isupper() and len(text.split()) <= _MAX_NUMBERED_WORDS
    is_numbered = bool(_NUMBER.fullmatch(block.label)) and has_text_below and not is_next_item
    return min(_depth(block) + 1, _MAX_LEVEL) if is_numbered and reads_as_name else 0


def _depth(block: Block) -> int:
    return block.label.count(".")


def _is_line(block: Block) -> bool:
    text = block.text.strip()
    is_line = block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not _BESIDE & set(block.flags)
    ends_well = text[-1:] not in ".;,:" or (text.endswith(":") and text.isupper())
    return is_line and len(text) <= _MAX_CHARS and ends_well and "\n" not in text


def _level(block: Block, bold: frozenset[str]) -> int:
    """1 to 3, or 0 for a block that does not read as a heading."""
    if not _is_line(block):
        return 0
    text = block.text.strip()
    numbered = _NUMBERED.match(text)
    if numbered and len(text.split()) <= _MAX_NUMBERED_WORDS and text.split()[1][0].isupper():
        return min(numbered.group(1).rstrip(".").count(".") + 1, _MAX_LEVEL)
    stands_out = block.id in bold or (text.isupper() and sum(map(str.isalpha, text)) >= _LEAST_LETTERS)
    is_name = stands_out and block.kind is BlockKind.PARAGRAPH and any(map(str.isalpha, text))
    return 1 if is_name else 0
