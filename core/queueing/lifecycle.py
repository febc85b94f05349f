"""One delivery of a task, from the message to the acknowledgement.

    begin    read the result object; ended or older generation: nothing to do; held by a live worker: hand back;
             three crashes or past its deadline: failed; else STARTED
    work     the caller's function; what it returns or raises decides
    end      SUCCESS | hand back (Throttled) | RETRY (Transient) | FAILURE (Permanent, budgets used up)

Retry and hand-back: SendMessage, then the swap, then the ack. A crash between them makes a duplicate, which
claims make harmless; the other order loses work.
"""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.aws.object_store import Damaged
from core.clock import Clock, epoch
from core.errors import Permanent, Throttled, Transient
from core.observability.logs import get_logger
from core.queueing.attempts import AttemptLog
from core.queueing.failure import Failures
from core.queueing.message import TaskMessage, queued_record
from core.queueing.release import Publisher
from core.queueing.results import SeenRecord, TaskRecord, TaskResults, TaskStatus
from core.queueing.transitions import (
    Execution,
    counted,
    handed_back,
    held_by,
    retrying,
    started,
    succeeded,
)
from core.queueing.workers import Holder, Workers, holder_of

_log = get_logger(__name__)

MOST_DELAY_S = 900
"""The longest DelaySeconds SQS takes (SendMessage API reference, 2026-11)."""

MOST_CRASHES = 3
"""Starts that neither ended nor were handed back; one more would only kill another worker."""
_EARLY_S = 2.0
_STORE_AGAIN_S = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Delivery:
    """A message as one worker received it. body: the raw SQS body, kept for the dead-letter queue."""

    message: TaskMessage
    execution: Execution
    body: str


@dataclass(frozen=True)
class TaskContext:
    """What the work of a task may use.

    deadline_at: epoch seconds; work that ends later has failed. attempts: claims and stored answers of its model
    calls. check_wanted: raises Permanent task/cancelled if nobody waits for the outcome any more.
    """

    task_id: str
    generation: int
    queue: str
    deadline_at: float
    attempts: AttemptLog
    check_wanted: Callable[[], None]


@dataclass
class _Watched:
    """A task's record as its execution has last seen it, which saves the read before its last write."""

    results: TaskResults
    message: TaskMessage
    seen: SeenRecord | None = None

    def check_wanted(self) -> None:
        self.seen = self.results.see(self.message.task_id)
        record = None if self.seen is None else self.seen.record
        if record is None or record.ended or record.generation != self.message.generation:
            raise Permanent("task/cancelled")


Work = Callable[[TaskContext], dict[str, Any]]
"""Returns the `result` of a SUCCESS. Raises Throttled to wait, Transient to be retried, Permanent to fail."""


@dataclass(frozen=True)
class Policy:
    """Retries and time limits of tasks.

    retry_backoff_s: one delay per retry, varied by 20 %. deadlines_s: queue key -> seconds for a task from its
    first start, waits excluded. look_again_s: delay of a delivery that cannot run now, because another worker has
    its task or storage does not answer.
    """

    retry_backoff_s: tuple[float, ...]
    deadlines_s: Mapping[str, float]
    look_again_s: float


@dataclass(frozen=True)
class TaskRunner:
    """Runs deliveries. Errors of `run`: storage/* and queue/*; after one the message must be delivered again."""

    results: TaskResults
    publisher: Publisher
    failures: Failures
    workers: Workers
    attempt_log: Callable[..., AttemptLog]
    policy: Policy
    clock: Clock

    def run(self, delivery: Delivery, work: Work) -> None:
        """Runs `work` for the delivery and stores its outcome. Returns when the message may be acknowledged."""
        record = self._begin(delivery)
        if record is None:
            return
        watched = _Watched(self.results, delivery.message)
        log = self._attempts(delivery, record, watched)
        try:
            result = work(_context(record, log, watched))
        except Throttled as error:
            self._hand_back(delivery, error, attempts=log.sent)
        except Transient as error:
            self._retry(delivery, record, error, attempts=log.sent)
        except Permanent as error:
            self.failures.final(delivery.message, error, body=delivery.body, attempts=log.sent)
        else:
            self._insist(lambda: self._succeed(watched, result, attempts=log.sent))

    def send_again(self, message: TaskMessage, *, delay_s: float) -> None:
        """Sends the task's message once more, delayed by at most 900 s."""
        self.publisher.send(message, delay_s=min(MOST_DELAY_S, max(0, delay_s)))

    def put_off(self, message: TaskMessage) -> None:
        """Sends the task's message once more, delayed until what is in its way may be over."""
        self.send_again(message, delay_s=self.policy.look_again_s)

    def _begin(self, delivery: Delivery) -> TaskRecord | None:
        """The record as STARTED, or None: this delivery is done with."""
        message = delivery.message
        seen = self._see(message)
        if seen is None:
            # Its object was never written or has been lost; the message proves that it was accepted. Or its review
            # was deleted: then the work fails before it costs anything, and failure.py writes no dead letter.
            self.results.create(queued_record(message))
            seen = self.results.see(message.task_id)
        if seen is None or seen.record.generation != message.generation:
            _log.info(
                "stale_generation_dropped",
                generation=message.generation,
                present=seen and seen.record.generation,
            )
            return None
        if seen.record.ended:
            self.failures.complete(message, body=delivery.body)
            return None
        if (wait_s := self._wait_s(seen.record)) > 0:
            _log.info("second_delivery_handed_back", wait_s=wait_s)
            self.send_again(message, delay_s=wait_s)
            return None
        return self._start_or_fail(delivery, seen)

    def _see(self, message: TaskMessage) -> SeenRecord | None:
        try:
            return self.results.see(message.task_id)
        except Damaged:
            # As good as lost, and the message proves that the task was accepted: it has to end.
            self.results.restore(queued_record(message))
            return self.results.see(message.task_id)

    def _wait_s(self, present: TaskRecord) -> float:
        """Seconds until this delivery is worth looking at again; 0: now."""
        holder = holder_of(present)
        if holder is not None:
            return self.policy.look_again_s if self.workers.is_alive(holder) else 0.0
        early_s = epoch(present.not_before) - self.clock.now() if present.not_before else 0.0
        # Delays of SQS and two clocks never agree to the second.
        return math.ceil(early_s) if early_s > _EARLY_S else 0.0

    def _start_or_fail(self, delivery: Delivery, seen: SeenRecord) -> TaskRecord | None:
        if seen.record.starts >= MOST_CRASHES:
            self.failures.final(delivery.message, Permanent("task/crashed"), body=delivery.body)
            return None
        if self._past_deadline(seen.record):
            self.failures.final(delivery.message, Permanent("task/deadline"), body=delivery.body)
            return None
        return self._start(delivery, seen)

    def _start(self, delivery: Delivery, seen: SeenRecord) -> TaskRecord | None:
        def change(record: TaskRecord) -> TaskRecord | None:
            if record.nonce != seen.record.nonce:
                return None
            now, deadline_s = self.clock.now(), self.policy.deadlines_s[record.queue]
            return started(record, delivery.execution, now=now, deadline_s=deadline_s)

        message = delivery.message
        record = self.results.swap(message.task_id, message.generation, change, seen=seen)
        if record is None:
            # Another delivery was faster by milliseconds: look again later what became of it.
            self.put_off(message)
            return None
        _log.info("task_started", starts=record.starts, retries=record.retries)
        return record

    def _past_deadline(self, record: TaskRecord) -> bool:
        if record.deadline_at is None:
            return False
        waited_s = self.clock.now() - epoch(record.paused_at) if record.paused_at else 0.0
        return self.clock.now() > epoch(record.deadline_at) + waited_s

    def _attempts(self, delivery: Delivery, record: TaskRecord, watched: _Watched) -> AttemptLog:
        execution = delivery.execution
        since = record.taken_at or record.accepted_at
        holder = Holder(execution.worker_id, record.task_id, execution.delivery, since)
        fresh = record.started_at == record.taken_at and record.starts == 1
        former = record.history[-1]["status"] if record.history else None
        return self.attempt_log(
            holder=holder,
            generation=record.generation,
            fresh=fresh,
            wanted=watched.check_wanted,
            cancelled_before=former == TaskStatus.REVOKED,
        )

    def _succeed(self, watched: _Watched, result: dict[str, Any], *, attempts: int) -> None:
        def change(record: TaskRecord) -> TaskRecord | None:
            if record.ended:
                return None
            return succeeded(counted(record, attempts), result, now=self.clock.now())

        message = watched.message
        record = self.results.swap(message.task_id, message.generation, change, seen=watched.seen)
        _log.info("task_succeeded" if record else "late_result_dropped", attempts=attempts)
        self.failures.forget(message)

    def _hand_back(self, delivery: Delivery, error: Throttled, *, attempts: int) -> None:
        delay_s = min(MOST_DELAY_S, max(1, math.ceil(error.retry_after_s)))
        self.send_again(delivery.message, delay_s=delay_s)

        def change(record: TaskRecord) -> TaskRecord | None:
            if not held_by(record, delivery.execution.delivery):
                return None
            now = self.clock.now()
            waiting_for = error.waiting_for
            return handed_back(counted(record, attempts), now=now, delay_s=delay_s, waiting_for=waiting_for)

        self.results.swap(delivery.message.task_id, delivery.message.generation, change)
        _log.info("task_handed_back", delay_s=delay_s, code=error.code, waiting_for=error.waiting_for)

    def _retry(self, delivery: Delivery, record: TaskRecord, error: Transient, *, attempts: int) -> None:
        budget = self.policy.retry_backoff_s
        if record.retries >= len(budget) or self._past_deadline(record):
            self.failures.final(delivery.message, error, body=delivery.body, attempts=attempts)
            return
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - keeps tasks that failed together apart
        delay_s = max(1, round(budget[record.retries] * spread))
        self.send_again(delivery.message, delay_s=delay_s)

        def change(present: TaskRecord) -> TaskRecord | None:
            if not held_by(present, delivery.execution.delivery):
                return None
            return retrying(counted(present, attempts), error, now=self.clock.now(), delay_s=delay_s)

        self.results.swap(delivery.message.task_id, delivery.message.generation, change)
        _log.warning("task_retried_later", delay_s=delay_s, code=error.code, retries=record.retries + 1)

    def _insist(self, write: Callable[[], None]) -> None:
        """A finished answer is worth some patience with storage before the message goes back."""
        for pause_s in _STORE_AGAIN_S:
            try:
                return write()
            except Transient as error:
                _log.warning("result_not_written_yet", code=error.code, pause_s=pause_s)
                self.clock.sleep(pause_s)
        return write()


def _context(record: TaskRecord, log: AttemptLog, watched: _Watched) -> TaskContext:
    return TaskContext(
        task_id=record.task_id,
        generation=record.generation,
        queue=record.queue,
        deadline_at=epoch(record.deadline_at or record.accepted_at),
        attempts=log,
        check_wanted=watched.check_wanted,
    )
