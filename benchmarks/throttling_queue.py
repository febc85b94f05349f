"""The task queue of the throttling benchmark: what SQS gives workers, as one object in the parent's memory.

Tasks become visible after a delay, a held one comes back when its worker was killed, nobody gets one twice.
"""

import heapq
import itertools
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.managers import BaseManager
from typing import Any

AUTH_KEY = b"benchmark"


@dataclass
class Task:
    """claims: model calls of it that were sent; retries: used of its budget."""

    number: int
    claims: int = 0
    retries: int = 0


@dataclass
class TaskQueue:
    """Served to workers by a manager; all times by the monotonic clock."""

    waiting: list[tuple[float, int, Task]] = field(default_factory=list)
    held: dict[str, Task] = field(default_factory=dict)
    ended: list[tuple[int, str, float]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    ready: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._closed = False

    def fill(self, count: int, *, first: int = 0) -> None:
        with self._changed:
            self.ended, self.left = [], count
            for number in range(first, first + count):
                self._push(Task(number), 0.0)

    def take(self, worker: str, timeout_s: float) -> Task | None:
        """The next due task, waited for so long; None: nothing yet."""
        until = time.monotonic() + timeout_s
        with self._changed:
            while (left_s := until - time.monotonic()) > 0:
                due_s = self.waiting[0][0] - time.monotonic() if self.waiting else left_s
                if self.waiting and due_s <= 0:
                    task = heapq.heappop(self.waiting)[2]
                    self.held[worker] = task
                    return task
                self._changed.wait(min(left_s, due_s))
        return None

    def put_back(self, worker: str, task: Task, delay_s: float) -> None:
        with self._changed:
            self.held.pop(worker, None)
            self._push(task, delay_s)

    def end(self, worker: str, task: Task, how: str) -> None:
        with self._changed:
            self.held.pop(worker, None)
            self.ended.append((task.number, how, time.monotonic()))
            self.left -= 1
            self._changed.notify_all()

    def lost(self, worker: str, delay_s: float) -> None:
        """Its worker was killed: the task comes back when its visibility ends, as another attempt."""
        with self._changed:
            if (task := self.held.pop(worker, None)) is not None:
                task.claims += 1
                self._push(task, delay_s)

    def wait_ended(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.left <= 0, timeout_s)

    def is_ready(self) -> None:
        with self._changed:
            self.ready += 1
            self._changed.notify_all()

    def wait_ready(self, workers: int, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.ready >= workers, timeout_s)

    def report(self, measured: dict[str, Any]) -> None:
        with self._changed:
            self.reports.append(measured)
            self._changed.notify_all()

    def wait_reports(self, workers: int, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self.reports) >= workers, timeout_s)

    def close(self) -> None:
        self._closed = True

    def is_closed(self) -> bool:
        return self._closed

    def _push(self, task: Task, delay_s: float) -> None:
        heapq.heappush(self.waiting, (time.monotonic() + delay_s, next(self._order), task))
        self._changed.notify_all()


class QueueManager(BaseManager):
    pass


def serve(queue: TaskQueue) -> int:
    """Serves `queue` on a loopback port from a thread; the port."""

    class Server(BaseManager):
        """Names are registered with the class, and several queues may be served at once."""

    Server.register("queue", callable=lambda: queue)
    server = Server(address=("127.0.0.1", 0), authkey=AUTH_KEY).get_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.address[1])


def connect(port: int) -> Any:
    QueueManager.register("queue")
    manager = QueueManager(address=("127.0.0.1", port), authkey=AUTH_KEY)
    manager.connect()
    return manager.queue()  # type: ignore[attr-defined]
