"""The queueing room as one object: what the web tier, the workers and the command line get handed."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from core.aws.object_store import ObjectStore
from core.aws.sqs import SqsQueues
from core.clock import Clock
from core.config import QueueSettings, Settings
from core.queueing.attempts import AttemptLog
from core.queueing.audit import AuditLog
from core.queueing.cancel import Cancellation
from core.queueing.dead_letters import DeadLetters
from core.queueing.dispatch import Dispatcher
from core.queueing.failure import Failures
from core.queueing.letter_removal import LetterRemoval
from core.queueing.lifecycle import Policy, TaskRunner
from core.queueing.moved import MovedMessages
from core.queueing.outbox import Outbox
from core.queueing.parallel import Later, at_once
from core.queueing.release import Publisher, Releases
from core.queueing.replay import Replays
from core.queueing.results import TaskResults
from core.queueing.signing import Signer
from core.queueing.sweep import Sweep, SweepTimes
from core.queueing.task_index import TaskIndex
from core.queueing.topology import CHAT, MONITORING, QUEUES
from core.queueing.workers import Workers
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


@dataclass(frozen=True)
class Queueing:
    """store: the one of its process; a client of S3 or SQS takes about 9 MB."""

    store: ObjectStore
    results: TaskResults
    index: TaskIndex
    outbox: Outbox
    releases: Releases
    cancellation: Cancellation
    dispatcher: Dispatcher
    runner: TaskRunner
    failures: Failures
    workers: Workers
    dead_letters: DeadLetters
    moved: MovedMessages
    replays: Replays
    letter_removal: LetterRemoval
    audit: AuditLog
    sweep: Sweep
    queues: SqsQueues
    clock: Clock


def assemble(settings: Settings, doors: QueueingDoors) -> Queueing:
    """The room around `doors`; no network."""
    store, clock, times = doors.store, doors.clock, settings.queues
    index = TaskIndex(store, later=doors.later)
    results, outbox = TaskResults(store, clock, note=index.note), Outbox(store, clock)
    workers = Workers(store, clock, dead_after_s=times.dead_after_s)
    dead_letters = DeadLetters(store, doors.queues, prefix=settings.aws.queue_prefix)
    releases = Releases(results, outbox, doors.publisher, per_user=times.released_per_user, later=doors.later)
    cancellation = Cancellation(store, results, releases, clock)
    failures = Failures(results, releases, dead_letters, clock)
    dispatcher = Dispatcher(results, outbox, releases, clock=clock)
    moved = MovedMessages(
        queues=doors.queues,
        results=results,
        failures=failures,
        dead_letters=dead_letters,
        workers=workers,
        prefix=settings.aws.queue_prefix,
        signer=doors.signer,
    )
    audit = AuditLog(store, clock)
    replays = Replays(
        store=store,
        results=results,
        outbox=outbox,
        dispatcher=dispatcher,
        dead_letters=dead_letters,
        audit=audit,
        rates={MONITORING.key: 1, **queue_rates(settings.limits)},
        is_frozen=doors.is_frozen,
        clock=clock,
    )
    runner = TaskRunner(
        results=results,
        publisher=doors.publisher,
        failures=failures,
        workers=workers,
        attempt_log=partial(AttemptLog, store, workers, clock),
        policy=Policy(settings.limits.retry_backoff_s, _deadlines(times)),
        clock=clock,
    )
    sweep = Sweep(
        store=store,
        results=results,
        outbox=outbox,
        dispatcher=dispatcher,
        releases=releases,
        cancellation=cancellation,
        publisher=doors.publisher,
        workers=workers,
        moved=moved,
        index=index,
        times=SweepTimes(times.resend_after_s, times.lost_after_s),
        clock=clock,
    )
    return Queueing(
        store=store,
        results=results,
        index=index,
        outbox=outbox,
        releases=releases,
        cancellation=cancellation,
        dispatcher=dispatcher,
        runner=runner,
        failures=failures,
        workers=workers,
        dead_letters=dead_letters,
        moved=moved,
        replays=replays,
        letter_removal=LetterRemoval(dead_letters, audit, clock),
        audit=audit,
        sweep=sweep,
        queues=doors.queues,
        clock=clock,
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
