"""What a worker does beside its tasks: it keeps the messages it holds hidden and says that it lives.

SQS shows a message again TASK_VISIBILITY_S after it was received. Two threads in the main process push that on
and renew workers/<worker_id>.json. Both outlive the consumer: a warm shutdown still waits for running tasks.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from celery import bootsteps, signals
from celery.worker import state

from core.observability.logs import get_logger
from core.queueing.workers import HeldDelivery

_log = get_logger(__name__)
_READS = 5


@dataclass(frozen=True)
class HeldMessage:
    task_id: str
    queue_url: str
    handle: str


def delivery_id(handle: str) -> str:
    """A delivery in records: receipt handles are long and differ at each receive."""
    return hashlib.sha256(handle.encode()).hexdigest()[:16]


def held_messages(delivered: Mapping[str, Any], dirty: Set[str], active: Iterable[Any]) -> list[HeldMessage]:
    """What this process must keep hidden. delivered, dirty: kombu's unacknowledged messages, and the tags among
    them that are settled. active: Celery's running requests, some perhaps from before a reconnect.
    """
    unsettled = [message for tag, message in delivered.items() if tag not in dirty]
    running = [request.message for request in active if not request.acknowledged]
    held = [_held(message) for message in [*unsettled, *running]]
    return list({item.handle: item for item in held if item is not None}.values())


def _held(message: Any) -> HeldMessage | None:
    about = message.delivery_info
    if "sqs_message" not in about:
        # Given back to the queue: kombu has taken the handle out.
        return None
    task_id = str((message.headers or {}).get("id", ""))
    return HeldMessage(task_id, about["sqs_queue"], about["sqs_message"]["ReceiptHandle"])


class Repeater:
    """Calls `action` every `every_s`, and at once when asked, in a daemon thread of its own."""

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
        self._asked.set()

    def stop(self) -> None:
        self._stopped = True
        self._asked.set()

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
    """Consumer step; `start` runs again after each reconnect, the threads only once."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._channel: Any = None
        self._started = False

    def include_if(self, consumer: Any) -> bool:
        return consumer.app.queueing is not None

    def start(self, consumer: Any) -> None:
        self._channel = consumer.task_consumer.channel
        if self._started:
            return
        self._started = True
        self._app, settings = consumer.app, consumer.app.queue_settings
        self._visibility_s = settings.visibility_s
        signals.worker_shutdown.connect(self._leave, weak=False)
        consumer.app.liveness = Repeater("worker-record", self._renew, every_s=settings.liveness_s)
        # Written before the first task can start: a holder without a record counts as dead.
        consumer.app.liveness.start()
        Repeater("visibility", self._extend, every_s=settings.heartbeat_s).start()

    def stop(self, consumer: Any) -> None:
        """Nothing: running tasks are waited for after the consumer has stopped."""

    shutdown = terminate = stop

    def _held(self) -> list[HeldMessage]:
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
        for message in self._held():
            by_queue.setdefault(message.queue_url, []).append(message.handle)
        queues = self._app.queueing().queues
        for url, handles in by_queue.items():
            lost = queues.set_visibility(url, handles, seconds=self._visibility_s)
            if lost:
                _log.warning("visibility_lost", messages=len(lost))

    def _renew(self) -> None:
        held = [HeldDelivery(item.task_id, delivery_id(item.handle)) for item in self._held()]
        self._app.queueing().workers.renew(self._app.identity, held)

    def _leave(self, **_signal: Any) -> None:
        self._app.liveness.stop()
        self._app.queueing().workers.leave(self._app.identity)
