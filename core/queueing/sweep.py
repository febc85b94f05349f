"""Accepted means it ends: once a minute, whatever fell between two steps is picked up again.

waiting entry   older than RESEND_AFTER_S: result object made where missing, released
sent entry      no sent_at after RESEND_AFTER_S, or no sign of life for LOST_AFTER_S: sent again
either          the task has ended: dropped
dead letters    moved there by SQS itself: the task gets its FAILURE, the index its entry
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.aws.object_store import ObjectInfo, ObjectStore, update_json
from core.clock import Clock, epoch
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.dispatch import Dispatcher, Publisher
from core.queueing.failure import is_unburied
from core.queueing.message import TaskMessage, queued_record
from core.queueing.moved import MovedMessages
from core.queueing.outbox import Outbox, OutboxEntry
from core.queueing.results import TaskRecord, TaskResults, TaskStatus, last_sign_of_life
from core.queueing.task_index import TaskIndex
from core.queueing.topology import QUEUES
from core.queueing.workers import Workers, holder_of

_log = get_logger(__name__)
_SLOT_KEY = "monitoring/slot.json"
_SLOT_S = 60


@dataclass
class SweepReport:
    """Counts of one sweep. failed: tasks ended because SQS gave their message up. errors: could not be looked at."""

    released: int = 0
    resent: int = 0
    results_made: int = 0
    dropped: int = 0
    failed: int = 0
    unreadable: int = 0
    workers_forgotten: int = 0
    errors: int = 0


@dataclass(frozen=True)
class SweepTimes:
    """resend_after_s: RESEND_AFTER_S. lost_after_s: LOST_AFTER_S."""

    resend_after_s: float
    lost_after_s: float


@dataclass(frozen=True)
class Sweep:
    store: ObjectStore
    results: TaskResults
    outbox: Outbox
    dispatcher: Dispatcher
    publisher: Publisher
    workers: Workers
    moved: MovedMessages
    index: TaskIndex
    times: SweepTimes
    clock: Clock

    def once_per_minute(self) -> SweepReport | None:
        """Sweeps unless another run has done so in this minute; then None."""
        slot = int(self.clock.now() // _SLOT_S)
        claimed = False

        def claim(present: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal claimed
            claimed = present is None or present["slot"] < slot
            # The nonce: a loser must not find its own words in the winner's object.
            return {"slot": slot, "nonce": uuid.uuid4().hex[:12]} if claimed else None

        update_json(self.store, _SLOT_KEY, claim, clock=self.clock)
        return self.run() if claimed else None

    def run(self, *, everything: bool = False) -> SweepReport:
        """One sweep. everything: whatever its age, all that no live worker holds is sent again at once."""
        report = SweepReport()
        for spec in QUEUES:
            self._guard(report, partial(self._sweep_waiting, spec.key, report, everything=everything))
            self._guard(report, partial(self._sweep_sent, spec.key, report, everything=everything))
            self._guard(report, partial(self._settle_moved, spec.key, report))
        self._guard(report, partial(self._forget_workers, report))
        _log.info("swept", **{name: count for name, count in vars(report).items() if count})
        return report

    def _sweep_waiting(self, queue: str, report: SweepReport, *, everything: bool) -> None:
        for name, info in self.outbox.waiting(queue):
            if everything or self._older(name.accepted_ms / 1000, self.times.resend_after_s):
                self._guard(report, partial(self._look_after, info, report, self._waiting))

    def _sweep_sent(self, queue: str, report: SweepReport, *, everything: bool) -> None:
        look = partial(self._sent, everything=everything)
        for _name, info in self.outbox.sent(queue):
            # Written at the claim and at sent_at: a younger object needs no look inside.
            if everything or self._older(info.modified_at, self.times.resend_after_s):
                self._guard(report, partial(self._look_after, info, report, look))

    def _look_after(self, info: ObjectInfo, report: SweepReport, look: Callable[..., None]) -> None:
        entry = self.outbox.read(info.key)
        if entry is None:
            return
        record = self.results.get(entry.message.task_id)
        if record is None:
            record = queued_record(entry.message)
            report.results_made += self.results.create(record)
        elif record.ended:
            # Whoever ended it may have died before it was in the list of tasks.
            self.index.note(record)
        look(entry, record, report)

    def _waiting(self, entry: OutboxEntry, record: TaskRecord, report: SweepReport) -> None:
        message = entry.message
        renewed = record.generation >= message.generation or self.dispatcher.renew(record, message)
        if record.generation > message.generation or (record.ended and _same(record, message)):
            self.outbox.drop_waiting(message)
            report.dropped += 1
        elif renewed:
            report.released += self.dispatcher.release(message)

    def _sent(self, entry: OutboxEntry, record: TaskRecord, report: SweepReport, *, everything: bool) -> None:
        message = entry.message
        ended = record.ended and not is_unburied(record)
        if record.generation > message.generation or (ended and _same(record, message)):
            self.outbox.drop_sent(message)
            report.dropped += 1
        elif (everything or self._is_overdue(entry, record)) and not self._is_running(record):
            self.publisher.send(message)
            self.outbox.mark_sent(entry)
            report.resent += 1

    def _is_overdue(self, entry: OutboxEntry, record: TaskRecord) -> bool:
        if entry.sent_at is None:
            return self._older(epoch(entry.claimed_at or record.accepted_at), self.times.resend_after_s)
        return self._older(max(epoch(entry.sent_at), last_sign_of_life(record)), self.times.lost_after_s)

    def _is_running(self, record: TaskRecord) -> bool:
        holder = holder_of(record) if record.status is TaskStatus.STARTED else None
        return holder is not None and self.workers.is_alive(holder)

    def _settle_moved(self, queue: str, report: SweepReport) -> None:
        settled = self.moved.settle(queue)
        report.failed += settled.failed
        report.unreadable += settled.unreadable

    def _forget_workers(self, report: SweepReport) -> None:
        report.workers_forgotten += self.workers.forget_dead()

    def _older(self, at: float, age_s: float) -> bool:
        return self.clock.now() - at >= age_s

    def _guard(self, report: SweepReport, action: Callable[[], None]) -> None:
        """One entry that cannot be looked at now must not hide the others."""
        try:
            action()
        except AppError as error:
            report.errors += 1
            _log.warning("sweep_left_out", code=error.code, detail=error.detail)


def _same(record: TaskRecord, message: TaskMessage) -> bool:
    return record.generation == message.generation
