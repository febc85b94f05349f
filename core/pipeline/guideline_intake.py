"""Entry of the limited child for guidelines: a Word, PDF or text file becomes lines."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.documents.model import Block, BlockKind, DocumentKind
from core.documents.reading import read_document
from core.errors import Permanent

_NOT_READ = {"hidden", "contents", "running"}


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{path, kind} -> {lines}. Raises Permanent document/..."""
    document = read_document(Path(request["path"]), DocumentKind(request["kind"]))
    lines = list(guideline_lines(document.blocks))
    if not lines:
        raise Permanent("document/no-text", "All of its text is hidden.")
    return {"lines": lines}


def guideline_lines(blocks: Sequence[Block]) -> Iterator[str]:
    """A line for each paragraph; `# heading`, `- list item`, `cell | cell` for a row of a table."""
    seen = (block for block in blocks if not _NOT_READ & set(block.flags))
    for _, run in groupby(seen, key=_row_of):
        yield " | ".join(_words(block) for block in run)


def _row_of(block: Block) -> object:
    return block.id if block.cell is None else (block.cell.table, block.cell.row)


def _words(block: Block) -> str:
    text = " ".join(block.text.split())
    if block.kind is BlockKind.HEADING:
        return f"{'#' * max(1, block.level)} {_labelled(block, text)}"
    if block.kind is BlockKind.LIST_ITEM:
        return f"- {text}"
    return _labelled(block, text)


def _labelled(block: Block, text: str) -> str:
    return f"{block.label} {text}".strip()


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
