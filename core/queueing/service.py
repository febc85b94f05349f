"""The queueing room as one object: what the web tier, the workers and the command line get handed."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from core.aws.object_store import ObjectStore
from core.aws.sqs import SqsQueues
from core.clock import Clock
from core.config import QueueSettings, Settings
from core.observability.metrics import Metrics, NullMetrics
from core.queueing.attempts import AttemptLog
from core.queueing.audit import AuditLog
from core.queueing.cancel import Cancellation
from core.queueing.dead_letters import DeadLetters
from core.queueing.dispatch import Dispatcher
from core.queueing.failure import Failures
from core.queueing.letter_run import RunBook
from core.queueing.letter_runs import LetterRuns
from core.queueing.lifecycle import Policy, TaskRunner
from core.queueing.metering import TaskMeter
from core.queueing.moved import MovedMessages
from core.queueing.outbox import Outbox
from core.queueing.pace import ReplayPace
from core.queueing.parallel import Later, at_once
from core.queueing.release import Publisher, Releases
from core.queueing.replay import Replays
from core.queueing.results import TaskResults
from core.queueing.signing import Signer
from core.queueing.sweep import Sweep, SweepTimes
from core.queueing.task_index import TaskIndex
from core.queueing.topology import CHAT, MONITORING, QUEUES
from core.queueing.workers import Workers
from core.statistics.recorder import NullRecorder, Recorder
from core.throttling.limits import queue_rates

Service = TypeVar("Service")


@dataclass(frozen=True)
class QueueingDoors:
    """What reaches outside the process; tests hand in twins. later: runs steps that no task waits for.

    is_frozen: whether the session of that id is signed off, so that no dead letter of it is replayed.
    """

    store: ObjectStore
    queues: SqsQueues
    publisher: Publisher
    signer: Signer
    clock: Clock
    is_frozen: Callable[[str], bool] = lambda _session_id: False
    later: Later = at_once
    recorder: Recorder = field(default_factory=NullRecorder)
    metrics: Metrics = field(default_factory=NullMetrics)


@dataclass(frozen=True)
class AcceptedWork:
    """Where accepted work stands, and how it gets to a worker."""

    results: TaskResults
    index: TaskIndex
    outbox: Outbox
    releases: Releases
    cancellation: Cancellation
    dispatcher: Dispatcher
    workers: Workers


@dataclass(frozen=True)
class FailedWork:
    """What becomes of tasks that failed for good."""

    failures: Failures
    dead_letters: DeadLetters
    moved: MovedMessages
    letter_runs: LetterRuns
    audit: AuditLog


@dataclass(frozen=True)
class Queueing(AcceptedWork, FailedWork):
    """store: the one of its process; a client of S3 or SQS takes about 9 MB."""

    store: ObjectStore
    runner: TaskRunner
    sweep: Sweep
    queues: SqsQueues
    clock: Clock
    recorder: Recorder
    metrics: Metrics


def assemble(settings: Settings, doors: QueueingDoors) -> Queueing:
    """The room around `doors`; no network."""
    work = _accepted_work(settings, doors)
    failed = _failed_work(settings, doors, work)
    return Queueing(
        **vars(work),
        **vars(failed),
        store=doors.store,
        runner=_runner(settings, doors, work, failed=failed),
        sweep=_sweep(settings, doors, work, failed=failed),
        queues=doors.queues,
        clock=doors.clock,
        recorder=doors.recorder,
        metrics=doors.metrics,
    )


def _accepted_work(settings: Settings, doors: QueueingDoors) -> AcceptedWork:
    store, clock, times = doors.store, doors.clock, settings.queues
    index = TaskIndex(store, later=doors.later)
    meter = TaskMeter(doors.recorder, doors.metrics)
    results, outbox = TaskResults(store, clock, notes=(index.note, meter.note)), Outbox(store, clock)
    releases = Releases(results, outbox, doors.publisher, per_user=times.released_per_user, later=doors.later)
    return AcceptedWork(
        results=results,
        index=index,
        outbox=outbox,
        releases=releases,
        cancellation=Cancellation(store, results, releases, clock),
        dispatcher=Dispatcher(results, outbox, releases, clock=clock),
        workers=Workers(store, clock, dead_after_s=times.dead_after_s),
    )


def _failed_work(settings: Settings, doors: QueueingDoors, work: AcceptedWork) -> FailedWork:
    clock, prefix = doors.clock, settings.aws.queue_prefix
    dead_letters = DeadLetters(doors.store, doors.queues, prefix=prefix)
    failures = Failures(work.results, work.releases, dead_letters, clock)
    audit = AuditLog(doors.store, clock)
    moved = MovedMessages(
        queues=doors.queues,
        results=work.results,
        failures=failures,
        dead_letters=dead_letters,
        workers=work.workers,
        prefix=prefix,
        signer=doors.signer,
        clock=clock,
    )
    letter_runs = LetterRuns(
        book=RunBook(doors.store),
        replays=Replays(work.results, work.outbox, work.dispatcher, dead_letters, doors.is_frozen, clock),
        pace=ReplayPace(doors.store, clock),
        dead_letters=dead_letters,
        audit=audit,
        rates={MONITORING.key: settings.queues.monitoring_per_minute, **queue_rates(settings.limits)},
        clock=clock,
    )
    return FailedWork(failures, dead_letters, moved, letter_runs, audit)


def _runner(
    settings: Settings, doors: QueueingDoors, work: AcceptedWork, *, failed: FailedWork
) -> TaskRunner:
    look_again_s = settings.queues.look_again_s
    return TaskRunner(
        results=work.results,
        publisher=doors.publisher,
        failures=failed.failures,
        workers=work.workers,
        attempt_log=partial(AttemptLog, doors.store, work.workers, doors.clock, look_again_s=look_again_s),
        policy=Policy(settings.limits.retry_backoff_s, _deadlines(settings.queues), look_again_s),
        clock=doors.clock,
    )


def _sweep(settings: Settings, doors: QueueingDoors, work: AcceptedWork, *, failed: FailedWork) -> Sweep:
    times = settings.queues
    return Sweep(
        store=doors.store,
        results=work.results,
        outbox=work.outbox,
        dispatcher=work.dispatcher,
        releases=work.releases,
        cancellation=work.cancellation,
        publisher=doors.publisher,
        workers=work.workers,
        letter_runs=failed.letter_runs,
        moved=failed.moved,
        index=work.index,
        times=SweepTimes(times.resend_after_s, times.lost_after_s, times.monitoring_every_s),
        clock=doors.clock,
    )


def _deadlines(times: QueueSettings) -> dict[str, float]:
    return {
        **dict.fromkeys((spec.key for spec in QUEUES), times.analysis_deadline_s),
        CHAT.key: times.chat_deadline_s,
    }


class PerProcess(Generic[Service]):
    """Builds its service at the first use in each process: clients must be made after a fork, not before."""

    def __init__(self, build: Callable[[], Service]) -> None:
        self._build = build
        self._made: tuple[int, Service] | None = None

    @property
    def existing(self) -> Service | None:
        """This process's, if it has needed one yet."""
        return self._made[1] if self._made is not None and self._made[0] == os.getpid() else None

    def __call__(self) -> Service:
        made = self._made
        if made is None or made[0] != os.getpid():
            made = self._made = (os.getpid(), self._build())
        return made[1]
