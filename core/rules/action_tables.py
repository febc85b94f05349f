"""Tables of actions: rows whose owner or due date is empty, or says nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.documents.model import Block
from core.rules.action_columns import ActionColumns, action_columns
from core.rules.actors import is_nobody
from core.rules.dates import MONTHS, duration_spans, has_date
from core.rules.lexicon import pattern
from core.rules.placeholders import placeholder_spans
from core.rules.rule import Hit
from core.rules.tables import Table
from core.rules.text import trim
from core.rules.topics import Topic
from core.rules.view import View

_BLANK = re.compile(r"^[\s\-–—_./]*(?:n\.?/?a|none|nil)?[\s\-–—_./]*$", re.IGNORECASE)
_UNSETTLED = re.compile(
    r"^(?:tb[acd]\b\W+\w|(?:still |yet )?to be [a-z]+\b|n\.? ?n\.?$|\?+$)",
    re.IGNORECASE,
)
# "TBA, Membership Services" has a team, and a placeholder that is told as such.
_TEAM_BESIDE = re.compile(r"^[Tt][Bb][A-Da-d]\W+[A-Z]")
# "Engineering or Maintenance": two who will each leave it to the other.
_EITHER = re.compile(r"^[A-Z][\w ]{1,40} or [A-Z][\w ]{1,40}$")
# No time at all, not even a vague one.
_OPEN = re.compile(
    r"^(?:(?:still )?open|no (?:date|deadline|due date|term|time)\b.*|unscheduled|undated|undecided|pending|undefined"
    r"|in (?:preparation|progress|the works|development|planning|discussion)|under (?:way|discussion|review)"
    r"|unknown|unclear|not (?:yet )?\w+|after (?:step|phase|item|action)\b|(?:still |yet )?to be \w+)",
    re.IGNORECASE,
)
_SETTLED = pattern("settled")
# "After step 1" is no date.
_DIGIT = re.compile(r"(?<!step )(?<!phase )(?<!item )(?<!action )(?<!point )(?<![\d.])\d", re.IGNORECASE)
_MONTH = re.compile(rf"\b(?:{'|'.join(f'{month}|{month[:3]}' for month in MONTHS)}|sept)\b", re.IGNORECASE)


class Gap(StrEnum):
    NO_OWNER = "no-owner"
    NOBODY = "nobody"
    NO_DATE = "no-date"
    VAGUE_DATE = "vague-date"


@dataclass(frozen=True)
class RowGap:
    """gap of one row. action: the block that says what is to be done. cell: what the bad cell holds, if anything."""

    gap: Gap
    action: Block
    cell: Block | None
    undated: bool = False


def row_gaps(view: View) -> list[RowGap]:
    found: list[RowGap] = []
    for table in view.tables:
        columns = _columns(table, view)
        if columns is not None:
            found += [gap for row in table.rows for gap in _gaps(table, row, columns)]
    return found


def due_cells(view: View) -> list[Block]:
    """The filled due-date cells of action tables."""
    found: list[Block] = []
    for table in view.tables:
        columns = _columns(table, view)
        if columns is not None and columns.due is not None:
            found += [block for row in table.rows if (block := table.first(row, columns.due))]
    return found


def not_a_date(row: RowGap, cell: Block) -> Hit:
    """On the due cell of a row that holds words and no date."""
    start, end = trim(cell.text, (0, len(cell.text)))
    action = " ".join(row.action.text.split())
    return Hit(
        cell,
        start,
        end,
        reason=f"The due date of “{action}” is “{cell.text.strip()}”, which is not a date.",
        questions=("By what calendar date will this be done?",),
    )


def _columns(table: Table, view: View) -> ActionColumns | None:
    return None if Topic.TIMELINE in view.topics_at(table.blocks[0]) else action_columns(table)


def owner_cells(view: View) -> frozenset[str]:
    """Ids of the filled owner cells of action tables."""
    tables = ((table, _columns(table, view)) for table in view.tables)
    cells = (
        _cell(table, row, columns.owner)
        for table, columns in tables
        if columns is not None
        for row in table.rows
    )
    return frozenset(cell.id for cell in cells if cell is not None)


def _gaps(table: Table, row: int, columns: ActionColumns) -> Iterator[RowGap]:
    action = table.first(row, columns.action)
    if action is None or action.text.strip().lower().startswith("total"):
        return
    due = _due_gap(table, row, columns)
    owner = _owner_gap(table, row, columns.owner)
    if owner is not None:
        yield RowGap(owner, action, _cell(table, row, columns.owner), undated=due is Gap.NO_DATE)
    if due is Gap.VAGUE_DATE or (due is Gap.NO_DATE and owner is None):
        yield RowGap(due, action, _cell(table, row, columns.due))


def _cell(table: Table, row: int, column: int | None) -> Block | None:
    return None if column is None else table.first(row, column)


def _owner_gap(table: Table, row: int, column: int | None) -> Gap | None:
    if column is None or (row, column) in table.covered:
        return None
    text = table.text(row, column)
    if _BLANK.match(text):
        return Gap.NO_OWNER
    unsettled = _UNSETTLED.search(text) and not _TEAM_BESIDE.match(text)
    nobody = is_nobody(text) or unsettled or _EITHER.match(text)
    return Gap.NOBODY if nobody else None


def _due_gap(table: Table, row: int, columns: ActionColumns) -> Gap | None:
    if columns.due is None or (row, columns.due) in table.covered:
        return None
    text = table.text(row, columns.due)
    if _BLANK.match(text):
        return None if _is_settled(table, row, columns) else Gap.NO_DATE
    if _is_date(text):
        return None
    return Gap.NO_DATE if _OPEN.match(text) else Gap.VAGUE_DATE


def _is_settled(table: Table, row: int, columns: ActionColumns) -> bool:
    return columns.status is not None and bool(_SETTLED.search(table.text(row, columns.status)))


def _is_date(text: str) -> bool:
    """Anything that fixes a time, in a wide sense; a placeholder is another rule's finding."""
    tests = (
        has_date(text),
        duration_spans(text),
        placeholder_spans(text),
        _DIGIT.search(text),
        _MONTH.search(text),
        _SETTLED.search(text),
    )
    return any(tests)
