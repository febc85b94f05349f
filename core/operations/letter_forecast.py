"""The dry run of a run: what it would do now, by the present state of each task."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.queueing.letter import Fate
from core.queueing.letter_run import ItemOutcome, LetterRun, RunItem
from core.queueing.parallel import in_parallel
from core.queueing.replay import restoration
from core.queueing.results import TaskRecord, TaskResults, TaskStatus

MOST_LOOKED_AT = 1_000
"""The most letters that a dry run checks; each is checked again when the run reaches it."""


@dataclass(frozen=True)
class Forecast:
    """What a run would do.

    would: (item, outcome) of each letter checked, in the order of the run. unlooked: how many were not checked.
    minutes: estimated duration of the replays at the pace of their queues; removals take none.
    """

    would: list[tuple[RunItem, ItemOutcome]]
    unlooked: int
    minutes: float

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(dealt.value for _item, dealt in self.would))


def forecast(
    run: LetterRun,
    results: TaskResults,
    *,
    is_signed_off: Callable[[str], bool],
    rates: Mapping[str, float],
) -> Forecast:
    """Returns what the run would do now. is_signed_off: of a session id. Errors: storage/*."""
    looked, unlooked = run.items[:MOST_LOOKED_AT], max(0, len(run.items) - MOST_LOOKED_AT)
    if run.fate in (Fate.DELETED, Fate.PURGED):
        return Forecast([(item, ItemOutcome.ARCHIVED) for item in looked], unlooked, minutes=0.0)
    records = results.get_many(item.name.task_id for item in looked)
    if run.fate is Fate.RESTORED:
        would = [(item, restoration(records.get(item.name.task_id), item)) for item in looked]
        return Forecast(would, unlooked, minutes=0.0)
    sessions = sorted({record.session_id for record in records.values()})
    frozen = {
        session
        for session, is_so in zip(sessions, in_parallel(is_signed_off, sessions), strict=True)
        if is_so
    }
    would = [(item, _would(item, records.get(item.name.task_id), frozen)) for item in looked]
    return Forecast(would, unlooked, _minutes(would, unlooked, rates))


def _would(item: RunItem, record: TaskRecord | None, frozen: set[str]) -> ItemOutcome:
    if record is None or record.generation < item.generation:
        return ItemOutcome.GONE
    if record.generation > item.generation:
        return ItemOutcome.TAKEN
    if record.status is not TaskStatus.FAILURE:
        return ItemOutcome.GONE
    return ItemOutcome.FROZEN if record.session_id in frozen else ItemOutcome.REPLAYED


def _minutes(would: list[tuple[RunItem, ItemOutcome]], unlooked: int, rates: Mapping[str, float]) -> float:
    """Queues are replayed one after the other, by the sweep."""
    sent = Counter(item.name.queue for item, dealt in would if dealt is ItemOutcome.REPLAYED)
    if unlooked and would:
        sent[would[-1][0].name.queue] += unlooked
    return sum((count - 1) / rates[queue] for queue, count in sent.items())
