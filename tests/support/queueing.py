"""The queueing services in one process: a store in memory, queues that are lists, crashes on command."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from core.aws.object_store import MemoryObjectStore, ObjectInfo, StoredObject
from core.aws.sqs import QueueDepth, ReceivedMessage
from core.clock import Clock, ScriptedClock
from core.config import QueueSettings, Settings
from core.errors import Permanent, Transient
from core.queueing.dispatch import TaskRequest
from core.queueing.lifecycle import Delivery, TaskContext
from core.queueing.message import TaskMessage
from core.queueing.results import TaskRecord
from core.queueing.service import Queueing, QueueingDependencies, assemble
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION
from core.queueing.transitions import Execution
from core.queueing.workers import HeldDelivery, WorkerIdentity
from tests.support.envelopes import SIGNER
from tests.support.roles import StoreOfRole

SESSION = "11111111-1111-4111-8111-111111111111"
TASK = "22222222-2222-4222-8222-222222222222"
REQUEST = TaskRequest(TASK, ANALYZE_SECTION, ANALYSIS.key, "someone", SESSION, "s1")
BODY = "the raw envelope"


class Killed(BaseException):
    """The process died here; nothing catches it."""


@dataclass
class Steps:
    """Counts every call that leaves the process. die_after: the call after which the process is dead.

    lost: the call that is to die is not carried out either. outage: every call fails.
    """

    made: int = 0
    die_after: int = 0
    lost: bool = False
    outage: bool = False

    def take(self, call: Callable[[], Any]) -> Any:
        if self.outage:
            raise Transient("storage/unavailable")
        self.made += 1
        if self.made != self.die_after:
            return call()
        if not self.lost:
            call()
        raise Killed


class SteppedStore(MemoryObjectStore):
    """Writes are steps; reads are free, because a crash around them changes nothing.

    rival: what another process does just before the next swap, once.
    """

    def __init__(self, steps: Steps, clock: Clock) -> None:
        super().__init__()
        self.steps = steps
        self.clock = clock
        self.modified: dict[str, float] = {}
        self.log: list[str] = []
        self.lists: list[str] = []
        self.gets = 0
        self.rival: Callable[[], object] | None = None

    def get(self, key: str) -> StoredObject | None:
        self.gets += 1
        if self.steps.outage:
            raise Transient("storage/unavailable")
        return super().get(key)

    def put(self, key: str, body: bytes, *, content_type: str = "application/json") -> str:
        self.modified[key] = self.clock.now()
        return str(self._step(f"put {key}", lambda: MemoryObjectStore.put(self, key, body)))

    def create(self, key: str, body: bytes, *, content_type: str = "application/json") -> str | None:
        if key in self.objects and self.objects[key] != body:
            return None
        return self.put(key, body)

    def replace(self, key: str, body: bytes, *, etag: str) -> str | None:
        rival, self.rival = self.rival, None
        if rival is not None:
            rival()
        present = self.get(key)
        return self.put(key, body) if present is not None and present.etag == etag else None

    def delete(self, key: str) -> None:
        self._step(f"delete {key}", lambda: MemoryObjectStore.delete(self, key))

    def list(self, prefix: str, *, most: int | None = None) -> Iterator[ObjectInfo]:
        self.lists.append(prefix)
        if self.steps.outage:
            raise Transient("storage/unavailable")
        found = list(super().list(prefix, most=most))
        return iter([replace(info, modified_at=self.modified.get(info.key, 0.0)) for info in found])

    def _step(self, what: str, call: Callable[[], Any]) -> Any:
        done = self.steps.take(call)
        self.log.append(what)
        return done


@dataclass
class SteppedPublisher:
    steps: Steps
    sent: list[TaskMessage] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    down: bool = False

    def send(self, message: TaskMessage, *, delay_s: float = 0) -> None:
        if self.down:
            raise Transient("queue/unavailable")

        def put() -> None:
            self.sent.append(message)
            self.delays.append(delay_s)

        self.steps.take(put)


class ListQueues:
    """Twin of SqsQueues: dead-letter queues as lists."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.messages: dict[str, list[ReceivedMessage]] = {}
        self.leased: set[str] = set()
        self.deleted: list[tuple[str, str]] = []
        self.visibility: list[tuple[str, list[str], int]] = []
        self.numbers = itertools.count(1)
        self.clock_s = 1_800_000_000.0

    def url(self, name: str) -> str:
        return f"https://queue/{name}"

    def depth(self, name: str) -> QueueDepth:
        return QueueDepth(len(self.messages.get(name, [])), 0, 0)

    def send(self, name: str, body: str, *, attributes: dict[str, str]) -> str:
        number = next(self.numbers)
        message = ReceivedMessage(f"message-{number}", f"handle-{number}", body, self.clock_s, attributes)
        self.steps.take(lambda: self.messages.setdefault(name, []).append(message))
        return message.message_id

    def receive(self, name: str, *, lease_s: int, wait_s: int = 0) -> list[ReceivedMessage]:
        shown = [item for item in self.messages.get(name, []) if item.handle not in self.leased][:10]
        self.leased |= {item.handle for item in shown}
        return shown

    def delete(self, url: str, handle: str) -> None:
        self.steps.take(lambda: self._delete(url, handle))

    def delete_many(self, url: str, handles: list[str]) -> list[str]:
        for handle in handles:
            self.delete(url, handle)
        return []

    def _delete(self, url: str, handle: str) -> None:
        self.deleted.append((url, handle))
        name = url.rpartition("/")[2]
        self.leased.discard(handle)
        self.messages[name] = [item for item in self.messages.get(name, []) if item.handle != handle]

    def set_visibility(self, url: str, handles: list[str], *, seconds: int) -> list[str]:
        self.visibility.append((url, list(handles), seconds))
        if seconds == 0:
            self.leased -= set(handles)
        return []


SETTINGS = Settings(queues=QueueSettings(dead_after_s=40, resend_after_s=60, lost_after_s=7200))


@dataclass
class Room:
    """Everything of queueing around one store; `restarted` is the same after a crash."""

    clock: ScriptedClock = field(default_factory=ScriptedClock)
    steps: Steps = field(default_factory=Steps)
    frozen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.store = SteppedStore(self.steps, self.clock)
        self.publisher = SteppedPublisher(self.steps)
        self.queues = ListQueues(self.steps)
        self.deliveries = itertools.count(1)

    @property
    def queueing(self) -> Queueing:
        return self._assembled(self.queues, "WorkerRole", "OperatorRole")

    @property
    def web(self) -> Queueing:
        """The same where nothing may be received."""
        return self._assembled(None, "WebRole")

    def _assembled(self, queues: ListQueues | None, *roles: str) -> Queueing:
        held = StoreOfRole(self.store, *roles)
        outside = QueueingDependencies(held, queues, self.publisher, SIGNER, self.clock)  # type: ignore[arg-type]
        return assemble(SETTINGS, replace(outside, is_signed_off=self.frozen.__contains__))

    def die_after(self, step: int, *, lost: bool = False) -> None:
        self.steps.made, self.steps.die_after, self.steps.lost = 0, step, lost

    def killed(self, work: Callable[[], object], *, step: int, lost: bool = False) -> bool:
        """`work` of a process that dies at its step. False: it was done before it came so far."""
        self.die_after(step, lost=lost)
        try:
            work()
        except Killed:
            return True
        finally:
            self.steps.die_after = 0
        return False

    def record(self, task_id: str = TASK) -> TaskRecord:
        found = self.queueing.results.get(task_id)
        assert found is not None
        return found

    def delivery(self, message: TaskMessage | None = None, *, worker: str = "w1") -> Delivery:
        """The latest message (or `message`) as a worker receives it, unlike any other delivery."""
        execution = Execution(worker, f"delivery-{next(self.deliveries)}")
        return Delivery(message or self.publisher.sent[-1], execution, BODY)

    def run(self, work: Callable[[TaskContext], dict[str, Any]], delivery: Delivery | None = None) -> None:
        self.queueing.runner.run(delivery or self.delivery(), work)

    def submit(self, request: TaskRequest = REQUEST) -> TaskRecord:
        return self.queueing.dispatcher.submit(request)

    def worker_lives(self, delivery: Delivery | None = None, *, worker: str = "w1") -> None:
        """Renews a worker's record now; `delivery`: what it holds."""
        held = [HeldDelivery(delivery.message.task_id, delivery.execution.delivery)] if delivery else []
        self.queueing.workers.renew(WorkerIdentity(worker, "host", 1, "2027-01-15T08:00:00.000Z"), held)

    def outbox_keys(self) -> list[str]:
        return [key for key in self.store.objects if key.startswith("outbox/")]

    def dead(self) -> list[ReceivedMessage]:
        return self.queues.messages.get("aiprism-analysis-dlq", [])


def other(request: TaskRequest, number: int) -> TaskRequest:
    """Another task of the same review."""
    return replace(request, task_id=f"33333333-3333-4333-8333-{number:012d}", section_id=f"s{number}")


def fail(_context: TaskContext) -> dict[str, Any]:
    raise Permanent("model/rejected", "The scripted model refused.")


def never(_context: TaskContext) -> dict[str, Any]:
    raise AssertionError("this work must not run")


def succeed(_context: TaskContext) -> dict[str, Any]:
    return {"feedback": []}
