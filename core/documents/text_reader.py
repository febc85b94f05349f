"""Plain text as blocks: what people paste, and .txt and .md files."""

import re
from collections.abc import Iterator
from pathlib import Path

from core.documents.model import Block, BlockKind, DocumentKind, ReadDocument
from core.documents.outline import outline
from core.errors import Permanent

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MOST_WRAPPED_CHARS = 100
"""People and mail programs wrap lines at 72 to 80; a longer line is a paragraph as a word processor copies it."""
_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_BULLET = re.compile(r"\s*[-*\u2022\u2013\u00b7]\s+(\S.*)", re.DOTALL)
_NUMBERED = re.compile(r"\s*(\d{1,2}[.)])\s+(\S.*)", re.DOTALL)
_LINE_STARTS = re.compile(r"#{1,6}\s|\s*(?:[-*\u2022\u2013\u00b7]|\d{1,2}[.)])\s+\S")
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read_text(path: Path) -> ReadDocument:
    """Reads a text file as blocks. Raises Permanent document/unknown-type, document/no-text."""
    blocks = text_blocks(decoded(path.read_bytes()))
    if not blocks:
        raise Permanent("document/no-text", "There are no words in it.")
    return ReadDocument(DocumentKind.TEXT, blocks, outline(blocks))


def decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or else what Windows calls ANSI. Raises Permanent document/unknown-type."""
    try:
        text = content.decode("utf-16" if content.startswith(_BYTE_ORDER_MARKS) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if _BINARY.search(text) or "\ufffd" in text:
        raise Permanent("document/unknown-type", "Its content is not text.")
    return text


def text_blocks(text: str) -> tuple[Block, ...]:
    """Paragraphs, list items and Markdown headings in order; line ends inside a wrapped paragraph stay."""
    return tuple(_block(number, passage) for number, passage in enumerate(_passages(text), 1))


def _passages(text: str) -> Iterator[str]:
    """Apart by empty lines, or by every line where none was wrapped by hand."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    wrapped = max(map(len, lines)) <= _MOST_WRAPPED_CHARS
    held: list[str] = []
    for line in lines:
        ends = not line.strip() or not wrapped or bool(_LINE_STARTS.match(line)) or _is_heading(held)
        if ends and held:
            yield "\n".join(held)
            held = []
        if line.strip():
            held.append(line.rstrip())
    if held:
        yield "\n".join(held)


def _is_heading(held: list[str]) -> bool:
    return len(held) == 1 and bool(_HEADING.match(held[0]))


def _block(number: int, passage: str) -> Block:
    block_id, origin = f"b{number}", f"text#{number}"
    if heading := _HEADING.fullmatch(passage):
        level = len(heading[1])
        return Block(block_id, heading[2].strip(), kind=BlockKind.HEADING, level=level, origin=origin)
    if bullet := _BULLET.fullmatch(passage):
        return Block(block_id, bullet[1], kind=BlockKind.LIST_ITEM, origin=origin)
    if item := _NUMBERED.fullmatch(passage):
        return Block(block_id, item[2], kind=BlockKind.LIST_ITEM, label=item[1], origin=origin)
    return Block(block_id, passage.strip(), origin=origin)
