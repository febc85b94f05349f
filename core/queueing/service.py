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
from core.queueing.dead_letters import DeadLetters
from core.queueing.dispatch import Dispatcher, Publisher
from core.queueing.failure import Failures
from core.queueing.lifecycle import Policy, TaskRunner
from core.queueing.moved import MovedMessages
from core.queueing.outbox import Outbox
from core.queueing.parallel import Later, at_once
from core.queueing.results import TaskResults
from core.queueing.sweep import Sweep, SweepTimes
from core.queueing.task_index import TaskIndex
from core.queueing.topology import CHAT, QUEUES
from core.queueing.workers import Workers

Service = TypeVar("Service")


@dataclass(frozen=True)
class QueueingDoors:
    """What reaches outside the process; tests hand in twins. later: runs steps that no task waits for."""

    store: ObjectStore
    queues: SqsQueues
    publisher: Publisher
    clock: Clock
    later: Later = at_once


@dataclass(frozen=True)
class Queueing:
    """store: the one of its process; a client of S3 or SQS takes about 9 MB."""

    store: ObjectStore
    results: TaskResults
    index: TaskIndex
    outbox: Outbox
    dispatcher: Dispatcher
    runner: TaskRunner
    failures: Failures
    workers: Workers
    dead_letters: DeadLetters
    moved: MovedMessages
    sweep: Sweep
    queues: SqsQueues


def assemble(settings: Settings, doors: QueueingDoors) -> Queueing:
    """The room around `doors`; no network."""
    store, clock, times = doors.store, doors.clock, settings.queues
    index = TaskIndex(store, later=doors.later)
    results, outbox = TaskResults(store, clock, note=index.note), Outbox(store, clock)
    workers = Workers(store, clock, dead_after_s=times.dead_after_s)
    dead_letters = DeadLetters(store, doors.queues, prefix=settings.aws.queue_prefix)
    failures = Failures(results, outbox, dead_letters, clock)
    dispatcher = Dispatcher(results, outbox, doors.publisher, clock=clock)
    moved = MovedMessages(doors.queues, results, failures, dead_letters, workers, settings.aws.queue_prefix)
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
        dispatcher=dispatcher,
        runner=runner,
        failures=failures,
        workers=workers,
        dead_letters=dead_letters,
        moved=moved,
        sweep=sweep,
        queues=doors.queues,
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
