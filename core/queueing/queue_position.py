"""Position and estimated wait of queued tasks, from one listing of the outbox for all who ask.

A user's waiting tasks are released one by one as earlier ones end, and so are everybody else's at the same time: so
as many tasks of each other user come first as of one's own. The drain rate is that of the last minute, as far as it
was observed here, and never above the queue's rate limit; until something has ended it is the rate limit.
"""

import math
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from core.clock import Clock, epoch
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.message import message_of
from core.queueing.outbox import Outbox
from core.queueing.results import TaskRecord, TaskStatus

_log = get_logger(__name__)
_KEPT_S = 2.0
_KEPT_PER_ENTRY_S = 0.001
_SEEN_S = 60.0
_UNSEEN_S = 15.0
"""After a longer time without a snapshot the former rate says nothing."""
_LEAST_ENDS, _LEAST_SEEN_S = 3, 5.0


@dataclass(frozen=True)
class QueueSnapshot:
    """Unfinished tasks of one queue.

    released: in SQS, oldest first. sent: user -> number of released tasks. waiting: user -> task -> its rank from
    0.
    """

    released: tuple[str, ...]
    sent: Mapping[str, int]
    waiting: Mapping[str, Mapping[str, int]]

    @property
    def tasks(self) -> frozenset[str]:
        return frozenset(self.released).union(*self.waiting.values())

    def ahead(self, user: str, task: str) -> int | None:
        """Returns how many unfinished tasks come before `task`, or None if it is not listed (yet, or any more)."""
        rank = self.waiting.get(user, {}).get(task)
        if rank is None:
            return self.released.index(task) if task in self.released else None
        own = self.sent.get(user, 0) + rank
        others = (self.sent.keys() | self.waiting.keys()) - {user}
        return own + sum(min(own, self._unfinished(other)) for other in others)

    def _unfinished(self, user: str) -> int:
        return self.sent.get(user, 0) + len(self.waiting.get(user, ()))


def queue_snapshot(outbox: Outbox, queue: str) -> QueueSnapshot:
    """Lists the outbox of one queue; one LIST per thousand entries."""
    released: dict[str, float] = {}
    sent: dict[str, int] = {}
    waiting: dict[str, dict[str, int]] = {}
    for name, info in outbox.listed(queue):
        if not name.waits:
            released[name.task] = info.modified_at
            sent[name.user_hash] = sent.get(name.user_hash, 0) + 1
        elif name.task not in released:
            line = waiting.setdefault(name.user_hash, {})
            line[name.task] = len(line)
    return QueueSnapshot(tuple(sorted(released, key=lambda task: (released[task], task))), sent, waiting)


class DrainRate:
    """Tasks ended per second, observed between snapshots.

    rate: (tasks, seconds) that the queue may start at most.
    """

    def __init__(self, rate: tuple[int, float]) -> None:
        self._most, self._window_s = rate
        self._known: frozenset[str] = frozenset()
        self._ends: deque[tuple[float, int]] = deque()
        self._at = 0.0

    def observe(self, tasks: frozenset[str], at: float) -> None:
        """Counts the tasks that have ended since the last snapshot. at: epoch seconds."""
        if at - self._at > _UNSEEN_S:
            self._ends.clear()
        # The first entry only marks the beginning of the observation.
        self._ends.append((at, len(self._known - tasks) if self._ends else 0))
        while self._ends[0][0] < at - _SEEN_S:
            self._ends.popleft()
        self._known, self._at = tasks, at

    def seconds_for(self, tasks: int) -> float | None:
        """Estimates the seconds until `tasks` have ended. Returns None if nothing ends at all."""
        limited_s = (tasks - self._most) * self._window_s / self._most
        seen_s = self._ends[-1][0] - self._ends[0][0] if self._ends else 0.0
        ended = sum(count for _at, count in list(self._ends)[1:])
        if ended >= _LEAST_ENDS and seen_s >= _LEAST_SEEN_S:
            return max(limited_s, tasks * seen_s / ended)
        if not ended and seen_s >= 0.9 * _SEEN_S:
            return None
        return tasks * self._window_s / self._most


class QueuePositions:
    """Positions of waiting tasks, shared by the threads of a process.

    rates: queue key -> (tasks, seconds) that it may start.
    """

    def __init__(self, outbox: Outbox, clock: Clock, *, rates: Mapping[str, tuple[int, float]]) -> None:
        self._outbox = outbox
        self._clock = clock
        self._lock = threading.Lock()
        self._drain_rates = {queue: DrainRate(rate) for queue, rate in rates.items()}
        self._known: dict[str, tuple[QueueSnapshot, float]] = {}

    def about(self, record: TaskRecord) -> dict[str, int]:
        """Returns {ahead?, eta_s?} of a waiting task; {} for any other, and if storage does not answer.

        Never raises.
        """
        if (
            record.status not in (TaskStatus.PENDING, TaskStatus.RETRY)
            or record.queue not in self._drain_rates
        ):
            return {}
        if record.not_before is not None:
            return {"eta_s": rounded_up(max(0.0, epoch(record.not_before) - self._clock.now()))}
        entry = message_of(record).entry
        try:
            ahead, eta_s = self._ahead_and_eta(record.queue, entry.user_hash, entry.task)
        except AppError as error:
            _log.warning("queue_positions_not_read", code=error.code)
            return {}
        about = {} if ahead is None else {"ahead": ahead}
        return about if eta_s is None else {**about, "eta_s": rounded_up(eta_s)}

    def _ahead_and_eta(self, queue: str, user: str, task: str) -> tuple[int | None, float | None]:
        with self._lock:
            snapshot = self._current_snapshot(queue)
            ahead = snapshot.ahead(user, task)
            return ahead, None if ahead is None else self._drain_rates[queue].seconds_for(ahead + 1)

    def _current_snapshot(self, queue: str) -> QueueSnapshot:
        now = self._clock.now()
        known = self._known.get(queue)
        if known is not None and now < known[1]:
            return known[0]
        snapshot = queue_snapshot(self._outbox, queue)
        tasks = snapshot.tasks
        self._drain_rates[queue].observe(tasks, now)
        self._known[queue] = (snapshot, now + _KEPT_S + _KEPT_PER_ENTRY_S * len(tasks))
        return snapshot


def rounded_up(seconds: float) -> int:
    """Rounds up, more coarsely for longer times, so that a page does not flicker."""
    step = next(step for limit, step in ((60, 5), (300, 15), (math.inf, 60)) if seconds <= limit)
    return step * math.ceil(seconds / step)
