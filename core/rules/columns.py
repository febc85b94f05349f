"""Columns of numbers in tables: their values, their total row, and whether the parts make the total."""

import re
from dataclasses import dataclass

from core.documents.model import Block
from core.rules.tables import Table

_NUMBER = re.compile(
    r"^(?:[A-Z]{3}|[$€£])? ?(?P<value>\d{1,3}(?:[, ’']\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r" ?(?P<percent>%|per cent)?(?: ?(?:[A-Z]{3}|[$€£]))?$"
)
_TOTAL = re.compile(
    r"^(?:grand |overall )?(?:total|sum|all|overall|(?:al)?together|combined)s?\b", re.IGNORECASE
)
_SUBTOTAL = re.compile(r"\b(?:sub-?total|of which|thereof|including)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """number: as written, 23 for "23%". decimals: how many places it was rounded to."""

    block: Block
    row: int
    number: float
    percent: bool
    decimals: int


@dataclass(frozen=True)
class Column:
    """parts: the body values. total: the value of the total row."""

    header: str
    parts: tuple[Value, ...]
    total: Value | None

    @property
    def sum(self) -> float:
        return sum(value.number for value in self.parts)

    @property
    def rounding(self) -> float:
        """How far the sum may be off because each part was rounded."""
        return sum(0.5 / 10.0**value.decimals for value in self.parts) + 1e-6


def number_columns(table: Table) -> list[Column]:
    """Columns whose body cells are all numbers; tables with subtotals are left out, their parts count twice."""
    labels = {row: table.text(row, table.columns[0]) for row in table.rows}
    if any(_SUBTOTAL.search(label) for label in labels.values()):
        return []
    totals = [row for row in table.rows if _TOTAL.match(labels[row])]
    if len(totals) > 1 or (totals and totals[0] != table.rows[-1]):
        return []
    columns = [_column(table, at, totals[0] if totals else None) for at in table.columns[1:]]
    return [column for column in columns if column is not None]


def _column(table: Table, at: int, total_row: int | None) -> Column | None:
    parts = [_value(table, row, at) for row in table.rows if row != total_row]
    total = _value(table, total_row, at) if total_row is not None else None
    if len(parts) < 2 or any(part is None for part in parts):
        return None
    return Column(table.header(at), tuple(part for part in parts if part is not None), total)


def _value(table: Table, row: int, column: int) -> Value | None:
    block = table.first(row, column)
    match = _NUMBER.match(block.text.strip()) if block else None
    if block is None or match is None:
        return None
    digits = re.sub(r"[, ’']", "", match["value"])
    return Value(block, row, float(digits), bool(match["percent"]), len(digits.partition(".")[2]))
