"""Builds the object store and the queueing services on AWS: all that most commands of operators need."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from core.aws.clients import COMMAND_TIMEOUTS, WORKER_TIMEOUTS, ClientTimeouts, make_s3
from core.aws.object_store import ObjectStore, S3ObjectStore
from core.aws.sqs import SqsQueues
from core.bootstrap.at_exit import AT_EXIT
from core.clock import SystemClock
from core.config import Settings
from core.observability.metrics import EmfMetrics, Metrics, NullMetrics
from core.queueing.message import TaskMessage
from core.queueing.parallel import BackgroundSteps
from core.queueing.release import Publisher
from core.queueing.service import Queueing, QueueingDependencies, assemble
from core.queueing.signing import signer_of
from core.queueing.sqs_client import shared_client, sqs_time
from core.statistics.recorder import StoredRecorder


def build_store(
    settings: Settings, *, connections: int = 16, timeouts: ClientTimeouts = WORKER_TIMEOUTS
) -> ObjectStore:
    """Returns the object store of these settings. connections: how many threads will use it at once."""
    client = make_s3(settings.aws.region, connections=connections, timeouts=timeouts)
    return S3ObjectStore(client, settings.aws.bucket, settings.aws.base_path, clock=SystemClock())


def build_queueing(
    settings: Settings,
    *,
    store: ObjectStore | None = None,
    publisher: Publisher | None = None,
    metrics: Metrics | None = None,
) -> Queueing:
    """Returns the queueing services.

    store, publisher: those that the process has already; else new ones. metrics: of a process whose standard output
    goes to CloudWatch Logs.
    """
    queues, store = SqsQueues(shared_client(settings.aws.region)), store or build_store(settings)
    outside = queueing_dependencies(settings, store=store, queues=queues, publisher=publisher)
    recorder = make_recorder(settings, store=store)
    return assemble(settings, replace(outside, metrics=metrics or NullMetrics(), recorder=recorder))


def queueing_of_a_command(settings: Settings) -> Queueing:
    """Returns the queueing services of a command that somebody waits for."""
    shared_client(settings.aws.region, timeouts=COMMAND_TIMEOUTS)
    return build_queueing(settings, store=build_store(settings, timeouts=COMMAND_TIMEOUTS))


def queueing_dependencies(
    settings: Settings, *, store: ObjectStore, queues: SqsQueues, publisher: Publisher | None = None
) -> QueueingDependencies:
    return QueueingDependencies(
        store=store,
        queues=queues,
        publisher=publisher or LatePublisher(partial(celery_publisher, settings)),
        signer=signer_of(settings, clock=sqs_time),
        clock=SystemClock(),
        is_signed_off=partial(_is_signed_off, store),
        later=BackgroundSteps(),
    )


# Imports inside functions: most commands of operators send nothing and ask about no review, and these would take
# longer than the command itself.


def celery_publisher(settings: Settings) -> Publisher:
    from core.queueing.celery_app import make_app
    from core.queueing.publisher import CeleryPublisher

    return CeleryPublisher(make_app(settings))


def _is_signed_off(store: ObjectStore, session_id: str) -> bool:
    from core.review.repository import ReviewRepository

    return ReviewRepository(store, SystemClock()).is_signed_off(session_id)


class LatePublisher:
    """Creates the real publisher when the first message is sent. make: called once."""

    def __init__(self, make: Callable[[], Publisher]) -> None:
        self._make = make
        self._made: Publisher | None = None
        self._making = threading.Lock()

    def send(self, message: TaskMessage, *, delay_s: float = 0) -> None:
        with self._making:
            publisher = self._made = self._made or self._make()
        publisher.send(message, delay_s=delay_s)


def make_metrics(settings: Settings) -> Metrics:
    if settings.observability.metrics == "none":
        return NullMetrics()
    return EmfMetrics(env=settings.observability.environment, now=SystemClock().now)


def make_recorder(
    settings: Settings, *, store: ObjectStore, about: Callable[[], dict[str, Any]] = dict
) -> StoredRecorder:
    """Returns the process's recorder, flushed when the process ends.

    about: adds facts about the process to each write.
    """
    every_s = settings.observability.statistics_every_s
    recorder = StoredRecorder(store, SystemClock(), every_s=every_s, about=about)
    AT_EXIT.callback(recorder.flush)
    return recorder
