"""Which columns make a table one of actions: what is to be done, and who does it or by when."""

import re
from dataclasses import dataclass

from core.rules.dates import has_date
from core.rules.lexicon import pattern, phrases
from core.rules.tables import Table

_ACTION = pattern("action_column")
_OWNER = pattern("owner_column")
_DUE = re.compile(rf"\b{phrases('due_column')}\b", re.IGNORECASE)
_BY = re.compile(r"^by$", re.IGNORECASE)
_STATUS = re.compile(r"\b(?:status|state|progress)\b", re.IGNORECASE)
_EVENT = re.compile(r"^(?:events?|what happened|time(?: \(?[A-Z]{3}\)?)?|criterion|class)$", re.IGNORECASE)


@dataclass(frozen=True)
class ActionColumns:
    action: int
    owner: int | None
    due: int | None
    status: int | None


def action_columns(table: Table) -> ActionColumns | None:
    """None for a table of anything else, also of events."""
    if table.column(_EVENT) is not None:
        return None
    action, owner = table.column(_ACTION), table.column(_OWNER)
    due = next(
        (at for at in table.columns if at not in (action, owner) and _DUE.search(table.header(at))), None
    )
    by = table.column(_BY)
    if by is not None and due is None and _holds_dates(table, by):
        due = by
    elif by is not None and owner is None:
        owner = by
    if action is None and owner is not None and due is not None:
        action = _widest(table, {owner, due})
    if action is None or action == owner or (owner is None and due is None):
        return None
    return ActionColumns(action, owner, due, table.column(_STATUS))


def _holds_dates(table: Table, column: int) -> bool:
    """ "By" stands above people as well as above dates."""
    cells = [text for row in table.rows if (text := table.text(row, column))]
    return 2 * sum(has_date(text) for text in cells) >= len(cells) > 0


def _widest(table: Table, others: set[int]) -> int | None:
    """Under whatever name: what has an owner and a date is what the longest texts tell."""
    widths = {
        at: sum(len(table.text(row, at)) for row in table.rows) for at in table.columns if at not in others
    }
    return max(widths, key=lambda at: widths[at], default=None)
