"""Small documents for tests, as lines: "# " or "## " heading, "- " list item, "| a | b |" table row, else text."""

from core.documents.model import Block, BlockKind, CellPlace, Section


def document(text: str) -> tuple[tuple[Block, ...], tuple[Section, ...]]:
    """Blocks and outline as the readers give them: no block for an empty cell, a section per heading."""
    blocks: list[Block] = []
    table, row = 0, -1
    for line in filter(None, text.split("\n")):
        if line.startswith("|"):
            row += 1
            blocks += _cells(line, len(blocks), CellPlace(table, row, 0))
            continue
        if row >= 0:
            table, row = table + 1, -1
        blocks.append(_block(line, len(blocks) + 1))
    return tuple(blocks), _sections(blocks)


def _cells(line: str, count: int, place: CellPlace) -> list[Block]:
    texts = [cell.strip() for cell in line.strip().strip("|").split("|")]
    filled = [(column, text) for column, text in enumerate(texts) if text]
    return [
        Block(
            id=f"b{count + at}",
            text=text,
            kind=BlockKind.CELL,
            cell=CellPlace(place.table, place.row, column, header=place.row == 0),
        )
        for at, (column, text) in enumerate(filled, 1)
    ]


def _block(line: str, number: int) -> Block:
    if line.startswith("#"):
        marks, _, text = line.partition(" ")
        return Block(f"b{number}", text, BlockKind.HEADING, level=len(marks))
    if line.startswith("- "):
        return Block(f"b{number}", line[2:], BlockKind.LIST_ITEM)
    return Block(f"b{number}", line)


def _sections(blocks: list[Block]) -> tuple[Section, ...]:
    if not blocks:
        return ()
    starts = [at for at, block in enumerate(blocks) if block.kind is BlockKind.HEADING]
    if not starts or starts[0] > 0:
        starts.insert(0, 0)
    ends = [*(start - 1 for start in starts[1:]), len(blocks) - 1]
    return tuple(
        Section(f"s{number}", blocks[first].text[:60], first, last)
        for number, (first, last) in enumerate(zip(starts, ends, strict=True), 1)
    )
