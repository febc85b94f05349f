"""Assembles the queueing services that the web tier, the workers and the command line use."""

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
from core.queueing.letter_run import RunRepository
from core.queueing.letter_run_service import LetterRuns
from core.queueing.lifecycle import Policy, TaskRunner
from core.queueing.metering import TaskMeter
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
from core.queueing.unindexed import UnindexedMessages
from core.queueing.workers import Workers
from core.statistics.recorder import NullRecorder, Recorder
from core.throttling.limits import queue_rates

Service = TypeVar("Service")


@dataclass(frozen=True)
class QueueingDependencies:
    """What queueing needs from outside the process; tests pass in twins.

    is_frozen: whether the review of a session id is signed off, so that no dead letter of it is replayed. later:
    runs steps that no task waits for.
    """

    store: ObjectStore
    queues: SqsQueues
    publisher: Publisher
    signer: Signer
    clock: Clock
    is_signed_off: Callable[[str], bool] = lambda _session_id: False
    later: Later = at_once
    recorder: Recorder = field(default_factory=NullRecorder)
    metrics: Metrics = field(default_factory=NullMetrics)


@dataclass(frozen=True)
class AcceptedWork:
    """Services around accepted tasks: their state, and how they get to a worker."""

    results: TaskResults
    index: TaskIndex
    outbox: Outbox
    releases: Releases
    cancellation: Cancellation
    dispatcher: Dispatcher
    workers: Workers


@dataclass(frozen=True)
class FailedWork:
    """Services around tasks that failed for good."""

    failures: Failures
    dead_letters: DeadLetters
    unindexed: UnindexedMessages
    letter_runs: LetterRuns
    audit: AuditLog


@dataclass(frozen=True)
class Queueing(AcceptedWork, FailedWork):
    """All queueing services of one process.

    store: shared by the process, because a client of S3 takes about 9 MB.
    """

    store: ObjectStore
    runner: TaskRunner
    sweep: Sweep
    queues: SqsQueues
    clock: Clock
    recorder: Recorder
    metrics: Metrics


def assemble(settings: Settings, outside: QueueingDependencies) -> Queueing:
    """Builds the services around `outside`; no network."""
    work = _accepted_work(settings, outside)
    failed = _failed_work(settings, outside, work)
    return Queueing(
        **vars(work),
        **vars(failed),
        store=outside.store,
        runner=_runner(settings, outside, work, failed=failed),
        sweep=_sweep(settings, outside, work, failed=failed),
        queues=outside.queues,
        clock=outside.clock,
        recorder=outside.recorder,
        metrics=outside.metrics,
    )


def _accepted_work(settings: Settings, outside: QueueingDependencies) -> AcceptedWork:
    store, clock, times = outside.store, outside.clock, settings.queues
    index = TaskIndex(store, later=outside.later)
    meter = TaskMeter(outside.recorder, outside.metrics)
    results, outbox = TaskResults(store, clock, notes=(index.note, meter.note)), Outbox(store, clock)
    releases = Releases(
        results, outbox, outside.publisher, per_user=times.released_per_user, later=outside.later
    )
    return AcceptedWork(
        results=results,
        index=index,
        outbox=outbox,
        releases=releases,
        cancellation=Cancellation(store, results, releases, clock),
        dispatcher=Dispatcher(results, outbox, releases, clock=clock),
        workers=Workers(store, clock, dead_after_s=times.dead_after_s),
    )


def _failed_work(settings: Settings, outside: QueueingDependencies, work: AcceptedWork) -> FailedWork:
    clock, prefix = outside.clock, settings.aws.queue_prefix
    dead_letters = DeadLetters(outside.store, outside.queues, prefix=prefix)
    failures = Failures(work.results, work.releases, dead_letters, clock)
    audit = AuditLog(outside.store, clock)
    unindexed = UnindexedMessages(
        queues=outside.queues,
        results=work.results,
        failures=failures,
        dead_letters=dead_letters,
        workers=work.workers,
        prefix=prefix,
        signer=outside.signer,
        clock=clock,
    )
    letter_runs = LetterRuns(
        repository=RunRepository(outside.store),
        replays=Replays(
            work.results, work.outbox, work.dispatcher, dead_letters, outside.is_signed_off, clock
        ),
        pace=ReplayPace(outside.store, clock),
        dead_letters=dead_letters,
        audit=audit,
        rates={MONITORING.key: settings.queues.monitoring_per_minute, **queue_rates(settings.limits)},
        clock=clock,
    )
    return FailedWork(failures, dead_letters, unindexed, letter_runs, audit)


def _runner(
    settings: Settings, outside: QueueingDependencies, work: AcceptedWork, *, failed: FailedWork
) -> TaskRunner:
    look_again_s = settings.queues.look_again_s
    return TaskRunner(
        results=work.results,
        publisher=outside.publisher,
        failures=failed.failures,
        workers=work.workers,
        attempt_log=partial(
            AttemptLog, outside.store, work.workers, outside.clock, look_again_s=look_again_s
        ),
        policy=Policy(settings.limits.retry_backoff_s, _deadlines(settings.queues), look_again_s),
        clock=outside.clock,
    )


def _sweep(
    settings: Settings, outside: QueueingDependencies, work: AcceptedWork, *, failed: FailedWork
) -> Sweep:
    times = settings.queues
    return Sweep(
        store=outside.store,
        results=work.results,
        outbox=work.outbox,
        dispatcher=work.dispatcher,
        releases=work.releases,
        cancellation=work.cancellation,
        publisher=outside.publisher,
        workers=work.workers,
        letter_runs=failed.letter_runs,
        unindexed=failed.unindexed,
        index=work.index,
        times=SweepTimes(times.resend_after_s, times.lost_after_s, times.monitoring_every_s),
        clock=outside.clock,
    )


def _deadlines(times: QueueSettings) -> dict[str, float]:
    return {
        **dict.fromkeys((spec.key for spec in QUEUES), times.analysis_deadline_s),
        CHAT.key: times.chat_deadline_s,
    }


class PerProcess(Generic[Service]):
    """Builds a service at its first use in each process: clients must be created after a fork, not before."""

    def __init__(self, build: Callable[[], Service]) -> None:
        self._build = build
        self._made: tuple[int, Service] | None = None

    @property
    def existing(self) -> Service | None:
        """This process's service, or None if it has not been needed yet."""
        return self._made[1] if self._made is not None and self._made[0] == os.getpid() else None

    def __call__(self) -> Service:
        made = self._made
        if made is None or made[0] != os.getpid():
            made = self._made = (os.getpid(), self._build())
        return made[1]
