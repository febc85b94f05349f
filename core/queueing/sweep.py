"""The sweep: once a minute, finishes whatever a crash or a lost message has left half-done.

waiting entry   older than RESEND_AFTER_S: result object made where missing; released where its user has room
sent entry      no sent_at after RESEND_AFTER_S, or no sign of life for LOST_AFTER_S: sent again
either          the task has ended: removed
runs            an operator's order for dead letters that no process works on: carried on
dead letters    moved there by SQS itself: the task becomes a FAILURE, the index gets its entry
dead worker     the tasks that it ran are queued again
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, zip_longest
from typing import Any

from core.aws.object_store import ObjectInfo, ObjectStore, update_json, with_nonce
from core.clock import Clock, epoch
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.cancel import Cancellation
from core.queueing.dispatch import Dispatcher
from core.queueing.failure import lacks_dead_letter
from core.queueing.keys import EntryName
from core.queueing.letter_run_service import LetterRuns
from core.queueing.message import TaskMessage, queued_record
from core.queueing.outbox import Outbox, OutboxEntry
from core.queueing.release import Publisher, Releases, next_of
from core.queueing.results import TaskRecord, TaskResults, last_sign_of_life
from core.queueing.task_index import TaskIndex
from core.queueing.topology import QUEUES, QueueSpec
from core.queueing.transitions import held_by, stopped
from core.queueing.unindexed import UnindexedMessages
from core.queueing.workers import HeldDelivery, Workers

_log = get_logger(__name__)
_SLOT_KEY = "monitoring/slot.json"
_CHECK_AGAIN_S = 600.0
_ANY = 1_000_000
_RUNS_S = 20.0
"""Seconds of a sweep for operators' runs; the rest of the minute is for everybody's work."""


@dataclass
class SweepReport:
    """Counts of one sweep.

    carried_on: dead letters dealt with for operators' runs. failed: tasks ended because SQS gave up their message.
    stopped: tasks whose worker has died. records_forgotten: of deleted reviews. errors: steps that failed.
    """

    released: int = 0
    resent: int = 0
    results_made: int = 0
    dropped: int = 0
    carried_on: int = 0
    failed: int = 0
    unreadable: int = 0
    workers_lost: int = 0
    stopped: int = 0
    workers_forgotten: int = 0
    records_forgotten: int = 0
    errors: int = 0


@dataclass(frozen=True)
class SweepTimes:
    """Time settings of the sweep, in seconds.

    every_s: length of a slot; of several beats in a slot only one sweeps.
    """

    resend_after_s: float
    lost_after_s: float
    every_s: float = 60.0


@dataclass(frozen=True)
class CheckTimes:
    """Decides which entries a sweep reads: each when it is `first_s` old, and then every ten minutes.

    So the cost of a sweep is that of new work, and what it missed is found ten minutes later.
    """

    now: float
    since: float
    first_s: float
    everything: bool = False

    def is_due(self, at: float) -> bool:
        return self.everything or self._checks(self.now - at) > self._checks(self.since - at)

    def is_old(self, at: float) -> bool:
        return self.everything or self.now - at >= self.first_s

    def _checks(self, age_s: float) -> int:
        return 0 if age_s < self.first_s else 1 + int((age_s - self.first_s) // _CHECK_AGAIN_S)


@dataclass(frozen=True)
class _Step:
    info: ObjectInfo
    may_go: bool


@dataclass(frozen=True)
class _UserEntries:
    """One user's entries in one queue."""

    waiting: list[tuple[EntryName, ObjectInfo]] = field(default_factory=list)
    sent: list[tuple[EntryName, ObjectInfo]] = field(default_factory=list)

    def steps(self, times: CheckTimes, *, places: int) -> list[_Step]:
        """Returns what to do with the waiting ones, oldest first: release them, or only check them."""
        sent = {name.task for name, _info in self.sent}
        turn = {info.key for info in next_of(self.waiting, sent, places=places)}
        steps = []
        for name, info in self.waiting:
            accepted_at = name.accepted_ms / 1000
            # Released but not dropped, because the process was killed: another release does the rest.
            may_go = (info.key in turn or name.task in sent) and times.is_old(accepted_at)
            if may_go or times.is_due(accepted_at):
                steps.append(_Step(info, may_go))
        return steps


@dataclass(frozen=True)
class Sweep:
    """Finishes what was left half-done. Errors of single entries are counted in the report, not raised."""

    store: ObjectStore
    results: TaskResults
    outbox: Outbox
    dispatcher: Dispatcher
    releases: Releases
    cancellation: Cancellation
    publisher: Publisher
    workers: Workers
    letter_runs: LetterRuns
    unindexed: UnindexedMessages
    index: TaskIndex
    times: SweepTimes
    clock: Clock

    def once_per_minute(self) -> SweepReport | None:
        """Sweeps and returns the report, or None if another worker has swept in this slot."""
        now = self.clock.now()
        slot, swept_at, claimed = int(now // self.times.every_s), 0.0, False

        def claim(present: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal claimed, swept_at
            claimed = present is None or present["slot"] < slot
            swept_at = (present or {}).get("at", 0.0)
            return with_nonce({"slot": slot, "at": now}) if claimed else None

        update_json(self.store, _SLOT_KEY, claim, clock=self.clock)
        if not claimed:
            return None
        # The previous sweep may have been killed half-way.
        report = self.run(since=swept_at - self.times.every_s)
        if report.errors:
            self._try(report, partial(self._begin_again_at, swept_at))
        return report

    def _begin_again_at(self, swept_at: float) -> None:
        """What could not be looked at or sent now is due at the next sweep too."""

        def reset(present: dict[str, Any] | None) -> dict[str, Any] | None:
            return None if present is None else {**present, "at": swept_at}

        update_json(self.store, _SLOT_KEY, reset, clock=self.clock)

    def run(self, *, everything: bool = False, since: float = 0.0) -> SweepReport:
        """Sweeps once.

        everything: sends again at once whatever has not ended, for when a queue has lost its messages. That
        includes running tasks: their messages may be lost as well, and the task would die with its worker. A second
        message beside a running task is harmless: it waits for that task's end. since: epoch seconds; entries due
        before then were read by an earlier sweep.
        """
        report = SweepReport()
        times = CheckTimes(self.clock.now(), since, self.times.resend_after_s, everything)
        self._try(report, partial(self._stop_tasks_of_lost_workers, report, since))
        for spec in QUEUES:
            self._try(report, partial(self._sweep_queue, spec, report, times))
        self._try(report, partial(self._carry_on_runs, report))
        for spec in QUEUES:
            # After the runs: the messages of letters that they dealt with are deleted here.
            self._try(report, partial(self._index_unindexed, spec.key, report))
        self._try(report, partial(self._forget, report))
        _log.info("swept", **{name: count for name, count in vars(report).items() if count})
        return report

    def _sweep_queue(self, spec: QueueSpec, report: SweepReport, times: CheckTimes) -> None:
        """Sweeps the outbox of a queue. Keys and ages tell which entries to read: one listing and few reads."""
        users: dict[str, _UserEntries] = {}
        for name, info in self.outbox.listed(spec.key):
            entries = users.setdefault(name.user_hash, _UserEntries())
            (entries.waiting if name.waits else entries.sent).append((name, info))
        self._sweep_sent(users.values(), report, times)
        places = self.releases.per_user if spec.fair else _ANY
        self._sweep_waiting([entries.steps(times, places=places) for entries in users.values()], report)

    def _sweep_sent(self, users: Iterable[_UserEntries], report: SweepReport, times: CheckTimes) -> None:
        settle = partial(self._settle_sent, everything=times.everything)
        for _name, info in chain.from_iterable(entries.sent for entries in users):
            # Modified at the claim and at sent_at.
            if times.is_due(info.modified_at):
                self._try(report, partial(self._check, info, report, settle))

    def _sweep_waiting(self, by_user: Iterable[Sequence[_Step]], report: SweepReport) -> None:
        """Round-robin over the users: nobody waits for all of another's entries."""
        for one_of_each in zip_longest(*by_user):
            for step in filter(None, one_of_each):
                settle = partial(self._settle_waiting, may_go=step.may_go)
                self._try(report, partial(self._check, step.info, report, settle))

    def _check(self, info: ObjectInfo, report: SweepReport, settle: Callable[..., None]) -> None:
        entry = self.outbox.read(info.key)
        if entry is None:
            return
        # The entry proves that the task was accepted: it has to end, also where its record cannot be read.
        record = self.results.get_readable(entry.message.task_id)
        if record is None:
            record = queued_record(entry.message)
            report.results_made += self.results.restore(record)
        elif record.ended:
            # The process that ended it may have died before it wrote the index entry.
            self.index.note(record)
        settle(entry, record, report)

    def _settle_waiting(
        self, entry: OutboxEntry, record: TaskRecord, report: SweepReport, *, may_go: bool
    ) -> None:
        message = entry.message
        renewed = record.generation >= message.generation or self.dispatcher.renew(record, message)
        if record.generation > message.generation or (record.ended and _same(record, message)):
            self.outbox.drop_waiting(message)
            report.dropped += 1
        elif renewed and may_go:
            report.released += self.releases.release(message)

    def _settle_sent(
        self, entry: OutboxEntry, record: TaskRecord, report: SweepReport, *, everything: bool
    ) -> None:
        message = entry.message
        ended = record.ended and not lacks_dead_letter(record)
        if record.generation > message.generation or (ended and _same(record, message)):
            self.releases.ended(message)
            report.dropped += 1
        elif everything or (self._is_overdue(entry, record) and not self.workers.is_running(record)):
            self.publisher.send(message)
            self.outbox.mark_sent(entry)
            report.resent += 1

    def _is_overdue(self, entry: OutboxEntry, record: TaskRecord) -> bool:
        if entry.sent_at is None:
            return self._older(epoch(entry.claimed_at or record.accepted_at), self.times.resend_after_s)
        return self._older(max(epoch(entry.sent_at), last_sign_of_life(record)), self.times.lost_after_s)

    def _carry_on_runs(self, report: SweepReport) -> None:
        ends_at = self.clock.now() + _RUNS_S
        for run in self.letter_runs.repository.under_way():
            self._try(report, partial(self._carry_on, run.run_id, report, ends_at))

    def _carry_on(self, run_id: str, report: SweepReport, ends_at: float) -> None:
        left_s = ends_at - self.clock.now()
        report.carried_on += self.letter_runs.carry_on(run_id, for_s=left_s)

    def _index_unindexed(self, queue: str, report: SweepReport) -> None:
        found = self.unindexed.index(queue)
        report.failed += found.failed
        report.unreadable += found.unreadable

    def _stop_tasks_of_lost_workers(self, report: SweepReport, since: float) -> None:
        """Tasks of a dead worker are shown as waiting, until SQS gives their messages to another."""
        for worker in self.workers.lost(since=since):
            report.workers_lost += 1
            _log.error("worker_lost", worker_id=worker.worker_id, host=worker.host, held=len(worker.held))
            for held in worker.held:
                report.stopped += self._stopped(held) is not None

    def _stopped(self, held: HeldDelivery) -> TaskRecord | None:
        def change(present: TaskRecord) -> TaskRecord | None:
            return stopped(present, now=self.clock.now()) if held_by(present, held.delivery) else None

        record = self.results.get_readable(held.task_id)
        return self.results.swap(held.task_id, record.generation, change) if record is not None else None

    def _forget(self, report: SweepReport) -> None:
        report.workers_forgotten += self.workers.forget_dead()
        report.records_forgotten += self.cancellation.forget(older_than_s=self.times.lost_after_s)

    def _older(self, at: float, age_s: float) -> bool:
        return self.clock.now() - at >= age_s

    def _try(self, report: SweepReport, action: Callable[[], None]) -> None:
        """One entry that cannot be looked at now must not hide the others."""
        try:
            action()
        except AppError as error:
            report.errors += 1
            _log.warning("sweep_left_out", code=error.code, detail=error.detail)


def _same(record: TaskRecord, message: TaskMessage) -> bool:
    return record.generation == message.generation
