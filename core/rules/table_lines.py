"""Tables of a prompt as a line per cell: rules know blocks, not grids.

    [b14 table 2]{Action<tab>Owner}:        [b14 cell 1,1] Action    [b15 cell 1,2] Owner
      Fix the form<tab>                     [b16 cell 2,1] Fix the form
      Train staff<tab>Ann                   [b17 cell 3,1] Train staff    [b18 cell 3,2] Ann

Ids count on from the first, paragraphs and cells with text each being one block, as in the document.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count

_HEAD = re.compile(r"^\[b(\d+) table (\d+)(?: from row (\d+))?\]\{(.*)\}:$")
_PARAGRAPH = " \u00b6 "
_MERGED = {"^", "<"}


def expanded(lines: Iterable[str]) -> Iterator[str]:
    """`lines` with those of each table replaced; every other as it is."""
    rest = iter(lines)
    for line in rest:
        head = _HEAD.match(line)
        if head is None:
            yield line
            continue
        numbers = count(int(head[1]))
        yield from _cells(head[4], row=1, numbers=numbers)
        first = int(head[3] or 1) + 1
        for row in range(first, first + int(head[2])):
            yield from _cells(next(rest, "").removeprefix("  "), row=row, numbers=numbers)


def _cells(text: str, *, row: int, numbers: Iterator[int]) -> Iterator[str]:
    for column, cell in enumerate(text.split("\t"), 1):
        if cell.strip() and cell not in _MERGED:
            for paragraph in cell.split(_PARAGRAPH):
                yield f"[b{next(numbers)} cell {row},{column}] {paragraph}"
