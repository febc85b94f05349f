"""Output of commands: a table for people, JSON for programs."""

import json
from collections.abc import Sequence
from typing import Any


def print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns are as wide as their widest cell, but for the last one."""
    cells = [list(headings), *([printable(str(cell)) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings) - 1)]
    for row in cells:
        fixed = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*fixed, row[-1]]).rstrip())


def printable(text: str) -> str:
    """Replaces control characters, which could move the terminal's cursor: foreign messages may contain them."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def counted(number: int, thing: str, *, several: str = "") -> str:
    return f"{number} {thing if number == 1 else several or f'{thing}s'}"
