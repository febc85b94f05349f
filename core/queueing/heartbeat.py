"""The worker's background threads.

They extend the visibility of the messages it holds and renew its liveness record.

SQS shows a message again TASK_VISIBILITY_S after it was received. Two threads in the main process extend that and
renew workers/<worker_id>.json. Both outlive the consumer: a warm shutdown still waits for running tasks.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from celery import bootsteps, signals
from celery.worker import state

from core.clock import iso
from core.errors import AppError
from core.observability.load import LoadMeter
from core.observability.logs import get_logger
from core.observability.metrics import EVERYWHERE, Metric, put_load
from core.queueing.workers import HeldDelivery

_log = get_logger(__name__)
_READS = 5
_LAST_CALL_S = 5.0


@dataclass(frozen=True)
class HeldMessage:
    """A received message that is not settled yet.

    running_since: epoch seconds; None until a child has started it.
    """

    task_id: str
    queue_url: str
    handle: str
    running_since: float | None = None


def delivery_id(handle: str) -> str:
    """Returns a short id of one delivery: receipt handles are long, and differ at each receive."""
    return hashlib.sha256(handle.encode()).hexdigest()[:16]


def held_messages(delivered: Mapping[str, Any], dirty: Set[str], active: Iterable[Any]) -> list[HeldMessage]:
    """Returns the messages that this process must keep invisible to other workers.

    delivered, dirty: kombu's unacknowledged messages, and the delivery tags among them that are settled. active:
    Celery's running requests, some perhaps from before a reconnect.
    """
    unsettled = [_held(message) for tag, message in delivered.items() if tag not in dirty]
    running = [
        _held(request.message, since=request.time_start) for request in active if not request.acknowledged
    ]
    return list({item.handle: item for item in [*unsettled, *running] if item is not None}.values())


def _held(message: Any, *, since: float | None = None) -> HeldMessage | None:
    about = message.delivery_info
    if "sqs_message" not in about:
        # Given back to the queue: kombu has taken the handle out.
        return None
    task_id = str((message.headers or {}).get("id", ""))
    return HeldMessage(task_id, about["sqs_queue"], about["sqs_message"]["ReceiptHandle"], since)


class Repeater:
    """Calls `action` every `every_s` seconds in a daemon thread, and at once when asked."""

    def __init__(self, name: str, action: Callable[[], None], *, every_s: float) -> None:
        self._action = action
        self._every_s = every_s
        self._asked = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        self.once()
        self._thread.start()

    def soon(self) -> None:
        """Requests the next call at once."""
        self._asked.set()

    def stop(self) -> None:
        """Ends the thread; waits up to 5 s for a call of `action` that is under way."""
        self._stopped = True
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_CALL_S)

    def once(self) -> None:
        try:
            self._action()
        except Exception:  # noqa: BLE001 - one of the four doors: a background thread's loop
            # A thread that ends here would let every message this worker holds come back.
            _log.exception("heartbeat_failed", thread=self._thread.name)

    def _loop(self) -> None:
        while True:
            self._asked.wait(self._every_s)
            self._asked.clear()
            if self._stopped:
                return
            self.once()


class Heartbeat(bootsteps.StartStopStep):
    """Consumer step that runs both threads. `start` runs again after each reconnect, the threads start once."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._channel: Any = None
        self._started = False
        self._not_extended: frozenset[str] = frozenset()

    def include_if(self, consumer: Any) -> bool:
        return consumer.app.queueing is not None

    def start(self, consumer: Any) -> None:
        self._channel = consumer.task_consumer.channel
        if self._started:
            return
        self._started = True
        self._app, settings = consumer.app, consumer.app.queue_settings
        self._identity = replace(self._app.identity, queues=tuple(sorted(self._app.amqp.queues.consume_from)))
        self._visibility_s = settings.visibility_s
        self._meter = LoadMeter()
        signals.worker_shutdown.connect(self.leave, weak=False)
        consumer.app.heartbeat = self
        consumer.app.liveness = Repeater("worker-record", self._renew, every_s=settings.liveness_s)
        # Written before the first task can start: a holder without a record counts as dead.
        consumer.app.liveness.start()
        Repeater("visibility", self._extend, every_s=settings.heartbeat_s).start()

    def stop(self, consumer: Any) -> None:
        """Does nothing: running tasks are waited for after the consumer has stopped."""

    shutdown = terminate = stop

    def held(self) -> list[HeldMessage]:
        """Returns the messages that are running or fetched."""
        qos = self._channel.qos
        for _ in range(_READS):
            try:
                return held_messages(dict(qos._delivered), set(qos._dirty), list(state.active_requests))
            except RuntimeError:
                # The consumer's thread changed one of them while it was copied.
                continue
        return held_messages(dict(qos._delivered), set(qos._dirty), ())

    def _extend(self) -> None:
        by_queue: dict[str, list[str]] = {}
        for message in self.held():
            if message.handle in self._not_extended:
                continue
            by_queue.setdefault(message.queue_url, []).append(message.handle)
        queues = self._app.queueing().queues
        for url, handles in by_queue.items():
            lost = queues.set_visibility(url, handles, seconds=self._visibility_s)
            if lost:
                _log.warning("visibility_lost", messages=len(lost))

    def _renew(self) -> None:
        held, load = [_delivery(item) for item in self.held()], self._meter.look()
        queueing = self._app.queueing()
        put_load(queueing.metrics, self._identity.queues, load)
        try:
            queueing.workers.renew(self._identity, held, load=load)
        except AppError:
            queueing.metrics.put(EVERYWHERE, {Metric.STORAGE_UNREACHABLE: 1})
            raise

    def stop_extending(self, messages: Iterable[HeldMessage]) -> None:
        """Stops hiding these messages; the worker's record lists them until they are gone."""
        self._not_extended = frozenset(message.handle for message in messages)

    def leave(self, **_signal: Any) -> None:
        """Removes the worker's record for good."""
        self._app.liveness.stop()
        self._app.queueing().workers.leave(self._app.identity)


def _delivery(item: HeldMessage) -> HeldDelivery:
    since = None if item.running_since is None else iso(item.running_since)
    return HeldDelivery(item.task_id, delivery_id(item.handle), since)
