"""Which columns make a table one of actions: what is to be done, and who does it or by when."""

import re
from dataclasses import dataclass

from core.rules.dates import has_date
from core.rules.lexicon import pattern, phrases
from core.rules.tables import Table

_ACTION = pattern("action_column")
_OWNER = pattern("owner_column")
_DUE = re.compile(rf"\b{phrases('due_column')}\b", re.IGNORECASE)
_BY = re.compile(r"\bby$", re.IGNORECASE)
_STATUS = re.compile(r"\b(?:status|state|progress)\b", re.IGNORECASE)
# Of anything, unless a column beside it says what is to be done.
_NAME = re.compile(r"^(?:names?|persons?)$", re.IGNORECASE)
_DAY = re.compile(r"^day$", re.IGNORECASE)
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
    due, doer = _due_and_doer(table, {action, owner})
    owner = doer if owner is None else owner
    if action is not None:
        owner = table.column(_NAME) if owner is None else owner
        due = table.column(_DAY) if due is None else due
    if action is None and owner is not None and due is not None:
        action = _widest(table, {owner, due})
    if action is None or action == owner or (owner is None and due is None):
        return None
    return ActionColumns(action, owner, due, table.column(_STATUS))


def _due_and_doer(table: Table, others: set[int | None]) -> tuple[int | None, int | None]:
    """ "Done by" stands above people as well as above dates: the cells tell, or a column of dates beside it."""
    headers = {at: table.header(at) for at in table.columns if at not in others}
    found = [at for at, header in headers.items() if _DUE.search(header) or header.lower() == "by"]
    people = [at for at in found if _BY.search(headers[at]) and not _holds_dates(table, at)]
    dates = [at for at in found if at not in people]
    if people and not dates:
        dates = [at for at in headers if at not in people and _holds_dates(table, at)]
        if not dates and headers[people[0]].lower() != "by":
            return people[0], None
    return next(iter(dates), None), next(iter(people), None)


def _holds_dates(table: Table, column: int) -> bool:
    cells = [text for row in table.rows if (text := table.text(row, column))]
    return 2 * sum(has_date(text) for text in cells) >= len(cells) > 0


def _widest(table: Table, others: set[int]) -> int | None:
    """Under whatever name: what has an owner and a date is what the longest texts tell."""
    widths = {
        at: sum(len(table.text(row, at)) for row in table.rows) for at in table.columns if at not in others
    }
    return max(widths, key=lambda at: widths[at], default=None)
