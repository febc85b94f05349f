"""What became of the tasks of a replay: read from their results whenever it is asked for, stored nowhere."""

from collections import Counter
from enum import StrEnum

from core.queueing.letter_run import LetterRun, RunItem
from core.queueing.results import TaskRecord, TaskResults, TaskStatus


class ReplayOutcome(StrEnum):
    """What became of one replayed task, in the words of reports and pages."""

    SUCCEEDED = "succeeded"
    DIED_AGAIN = "died again"
    CANCELLED = "cancelled"
    UNDER_WAY = "under way"
    NOT_REPLAYED = "not replayed"
    GONE = "gone"


_ENDS = {
    TaskStatus.SUCCESS: ReplayOutcome.SUCCEEDED,
    TaskStatus.FAILURE: ReplayOutcome.DIED_AGAIN,
    TaskStatus.REVOKED: ReplayOutcome.CANCELLED,
}


def outcomes(run: LetterRun, results: TaskResults) -> list[tuple[RunItem, ReplayOutcome]]:
    """Returns the outcome of each letter, in the order of the run."""
    records = results.get_many(item.name.task_id for item in run.items)
    return [(item, _outcome(item, records.get(item.name.task_id))) for item in run.items]


def counted_outcomes(found: list[tuple[RunItem, ReplayOutcome]]) -> dict[str, int]:
    counts = Counter(outcome for _item, outcome in found)
    return {outcome.value: counts[outcome] for outcome in ReplayOutcome if counts[outcome]}


def _outcome(item: RunItem, record: TaskRecord | None) -> ReplayOutcome:
    if record is None:
        return ReplayOutcome.GONE
    if record.generation <= item.generation:
        return ReplayOutcome.NOT_REPLAYED
    status = record.status
    for former in record.history:
        if former["generation"] == item.generation + 1:
            status = TaskStatus(former["status"])
    return _ENDS.get(status, ReplayOutcome.UNDER_WAY)
