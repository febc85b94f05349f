"""What an item of a list lacks although all its siblings have it."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from core.documents.model import Block
from core.rules.clauses import is_list_item
from core.rules.dates import has_date
from core.rules.due_nearby import is_bound
from core.rules.topics import Topic
from core.rules.vagueness import vague_times
from core.rules.view import View

_FEWEST_SIBLINGS = 2
_AHEAD = frozenset({Topic.PREVENTIVE, Topic.RECOMMENDATIONS})


@lru_cache(maxsize=1)
def undated_among_dated(view: View) -> frozenset[str]:
    """Ids of the items of lists of actions that say no date, not even a vague one, where all the others say one."""
    return frozenset(block.id for items in _lists(view) if (block := _only_undated(items)) is not None)


def _lists(view: View) -> Iterator[list[Block]]:
    for listed, blocks in groupby(view.blocks, key=is_list_item):
        items = list(blocks)
        if listed and view.topics_at(items[0]) & _AHEAD:
            yield items


def _only_undated(items: list[Block]) -> Block | None:
    undated = [block for block in items if not has_date(block.text)]
    if len(undated) != 1 or len(items) <= _FEWEST_SIBLINGS:
        return None
    [block] = undated
    return None if is_bound(block.text) or vague_times(block.text, action=True) else block
