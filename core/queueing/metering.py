"""Counts what becomes of tasks, for the statistics and for CloudWatch."""

from core.clock import epoch
from core.observability.metrics import EVERYWHERE, Metric, Metrics
from core.queueing.keys import user_hash
from core.queueing.letter_run import REPLAY_MARK
from core.queueing.results import TaskRecord, TaskStatus
from core.statistics.recorder import Recorder
from core.statistics.tally import CountKind, DurationKind, named
from core.throttling.windows import UNREACHABLE, WaitingFor

_LIMITER = frozenset(str(why) for why in WaitingFor)
_COUNTED = frozenset({TaskStatus.SUCCESS, TaskStatus.FAILURE, TaskStatus.REVOKED, TaskStatus.RETRY})
_OUTCOMES = {
    TaskStatus.SUCCESS: {Metric.TASKS_SUCCEEDED: 1, Metric.TASKS_FAILED: 0},
    TaskStatus.FAILURE: {Metric.TASKS_SUCCEEDED: 0, Metric.TASKS_FAILED: 1},
}


class TaskMeter:
    """Counts state changes of tasks. Each change is made by exactly one process, so nothing is counted twice."""

    def __init__(self, recorder: Recorder, metrics: Metrics) -> None:
        self._recorder = recorder
        self._metrics = metrics

    def note(self, record: TaskRecord) -> None:
        if _is_replayed(record):
            self._recorder.count(user_hash(record.owner), {named(CountKind.REPLAYED, record.queue): 1})
            self._metrics.put(record.queue, {Metric.DLQ_REPLAYED: 1})
        self._note_wait(record)
        if record.status not in _COUNTED:
            return
        name = named(CountKind.TASKS, record.queue, record.status)
        self._recorder.count(user_hash(record.owner), {name: 1})
        if (outcome := _OUTCOMES.get(record.status)) is not None:
            self._metrics.put(record.queue, {**outcome, **self._spans(record)})

    def _note_wait(self, record: TaskRecord) -> None:
        """Handed back until its slot; shorter waits the worker sleeps, and the pipeline's meter counts them."""
        if record.status is TaskStatus.PENDING and record.waiting_for == UNREACHABLE:
            # Access to the limiter's object alone may be lost: only tasks that want to call a model notice that.
            self._metrics.put(EVERYWHERE, {Metric.STORAGE_UNREACHABLE: 1})
        waits = record.status is TaskStatus.PENDING and record.waiting_for in _LIMITER
        if waits and record.paused_at and record.not_before:
            seconds = epoch(record.not_before) - epoch(record.paused_at)
            self._recorder.record_duration(named(DurationKind.LIMITER, record.queue), seconds)
            self._metrics.put(record.queue, {Metric.RATE_LIMITER_WAIT: round(1000 * seconds)})

    def _spans(self, record: TaskRecord) -> dict[Metric, float]:
        """One that failed before it was ever started has none."""
        if record.started_at is None or record.ended_at is None:
            return {}
        accepted, started, ended = map(epoch, (record.accepted_at, record.started_at, record.ended_at))
        # Different hosts write these times: their clocks may differ by more than a task takes.
        wait_s, run_s = max(0.0, started - accepted), max(0.0, ended - started)
        for span, seconds in (
            (DurationKind.WAIT, wait_s),
            (DurationKind.RUN, run_s),
            (DurationKind.WHOLE, wait_s + run_s),
        ):
            self._recorder.record_duration(named(span, record.queue), seconds)
        return {Metric.QUEUE_WAIT: round(1000 * wait_s), Metric.TASK_DURATION: round(1000 * run_s)}


def _is_replayed(record: TaskRecord) -> bool:
    """Whether a replay has just queued the task. When it waits again later it has a start already."""
    is_new = record.status is TaskStatus.PENDING and record.started_at is None
    return is_new and record.correlation_id.startswith(REPLAY_MARK)
