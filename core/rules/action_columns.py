"""Which columns make a table one of actions: what is to be done, and who does it or by when."""

import re
from dataclasses import dataclass

from core.rules.lexicon import pattern, phrases
from core.rules.tables import Table

_ACTION = pattern("action_column")
_OWNER = pattern("owner_column")
_DUE = re.compile(rf"\b{phrases('due_column')}\b|^by$", re.IGNORECASE)
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
    if action is None or action == owner or (owner is None and due is None):
        return None
    return ActionColumns(action, owner, due, table.column(_STATUS))
