"""The legal changes of a task's record, as pure functions.

    PENDING --> STARTED --> PENDING (waits for a slot, or its worker died) | RETRY (after an error) --> STARTED
    any of the three --> SUCCESS | FAILURE | REVOKED;  FAILURE, REVOKED --> PENDING of the next generation

An execution that was thought dead may still end the task: whoever comes first, so every state that has not
ended may end.
"""

from dataclasses import dataclass, replace
from typing import Any

from core.clock import epoch, iso
from core.errors import AppError
from core.queueing.results import TERMINAL, TaskRecord, TaskStatus
from core.queueing.trace import trace_of

_LEGAL: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: TERMINAL | {TaskStatus.STARTED},
    TaskStatus.RETRY: TERMINAL | {TaskStatus.STARTED},
    TaskStatus.STARTED: TERMINAL | {TaskStatus.STARTED, TaskStatus.PENDING, TaskStatus.RETRY},
    TaskStatus.SUCCESS: frozenset(),
    TaskStatus.FAILURE: frozenset({TaskStatus.PENDING}),
    TaskStatus.REVOKED: frozenset({TaskStatus.PENDING}),
}

ANOTHER_WORKER = "another worker"
"""`waiting_for` of a task whose worker is gone, or still has it; pages show it."""


class IllegalTransition(Exception):
    """A programming error: the caller asked for a change that no task may make."""


@dataclass(frozen=True)
class Execution:
    """One delivery of a message to one worker process. delivery: unlike any other delivery's."""

    worker_id: str
    delivery: str


def started(record: TaskRecord, execution: Execution, *, now: float, deadline_s: float) -> TaskRecord:
    """Taken by a worker. The deadline counts from the first start; time spent waiting moves it on."""
    if record.deadline_at is None:
        deadline = now + deadline_s
    else:
        waited_s = now - epoch(record.paused_at) if record.paused_at else 0.0
        deadline = epoch(record.deadline_at) + max(0.0, waited_s)
    return _to(
        record,
        TaskStatus.STARTED,
        worker_id=execution.worker_id,
        delivery=execution.delivery,
        taken_at=iso(now),
        started_at=record.started_at or iso(now),
        starts=record.starts + 1,
        deadline_at=iso(deadline),
        paused_at=None,
        waiting_for=None,
        not_before=None,
    )


def handed_back(record: TaskRecord, *, now: float, delay_s: float, waiting_for: str) -> TaskRecord:
    """Waits for capacity: no attempt, no start."""
    return _to(record, TaskStatus.PENDING, waiting_for=waiting_for, **_released(record, now, delay_s))


def retrying(record: TaskRecord, error: AppError, *, now: float, delay_s: float) -> TaskRecord:
    """Waits to be tried again after an error, at the cost of one retry of the budget."""
    released = _released(record, now, delay_s)
    return _to(record, TaskStatus.RETRY, retries=record.retries + 1, error=error_of(error), **released)


def stopped(record: TaskRecord, *, now: float) -> TaskRecord:
    """Its worker has died: it waits until SQS gives its message to another. The start counts as a crash."""
    paused_at = iso(now)
    return _to(record, TaskStatus.PENDING, waiting_for=ANOTHER_WORKER, paused_at=paused_at)


def succeeded(record: TaskRecord, result: dict[str, Any], *, now: float) -> TaskRecord:
    return _to(record, TaskStatus.SUCCESS, result=result, error=None, **_ended(now))


def failed(record: TaskRecord, error: AppError, *, now: float) -> TaskRecord:
    return _to(record, TaskStatus.FAILURE, error=error_of(error), trace=trace_of(error), **_ended(now))


def counted(record: TaskRecord, attempts: int) -> TaskRecord:
    """The record with the model calls that an execution has seen; another one may have seen more."""
    return replace(record, attempts=max(record.attempts, attempts))


def revoked(record: TaskRecord, *, now: float) -> TaskRecord:
    return _to(record, TaskStatus.REVOKED, **_ended(now))


def asked_again(record: TaskRecord, *, accepted_at: str, correlation_id: str) -> TaskRecord:
    """The next generation of a failed or cancelled task: fresh budgets, the old outcome in the history."""
    if record.status not in (TaskStatus.FAILURE, TaskStatus.REVOKED):
        raise IllegalTransition(f"{record.status} cannot be asked again")
    return TaskRecord(
        task_id=record.task_id,
        task=record.task,
        queue=record.queue,
        owner=record.owner,
        session_id=record.session_id,
        section_id=record.section_id,
        accepted_at=accepted_at,
        generation=record.generation + 1,
        history=[*record.history, _outcome(record)],
        correlation_id=correlation_id,
    )


def held_by(record: TaskRecord, delivery: str) -> bool:
    """Whether that delivery of the task's message runs it now."""
    return record.status is TaskStatus.STARTED and record.delivery == delivery


def error_of(error: AppError) -> dict[str, Any]:
    return {
        "code": error.code,
        "detail": error.detail,
        "retryable": error.retryable,
        "next_step": error.kind.next_step,
    }


def _to(record: TaskRecord, status: TaskStatus, **changes: Any) -> TaskRecord:
    if status not in _LEGAL[record.status]:
        raise IllegalTransition(f"{record.status} cannot become {status}")
    return replace(record, status=status, **changes)


def _released(record: TaskRecord, now: float, delay_s: float) -> dict[str, Any]:
    return {
        "starts": max(0, record.starts - 1),
        "paused_at": iso(now),
        "not_before": iso(now + delay_s),
    }


def _ended(now: float) -> dict[str, Any]:
    return {"ended_at": iso(now), "waiting_for": None, "not_before": None, "paused_at": None}


def _outcome(record: TaskRecord) -> dict[str, Any]:
    names = ("generation", "status", "error", "started_at", "ended_at", "attempts", "dead_lettered_at")
    return {name: getattr(record, name) for name in names}
