"""How many stand before a task that waits, and about how long: read off the outbox, one listing for all who ask.

A user's waiting sections go one by one as those before them end, and so do everybody else's at the same time: so of
each other user's sections as many come first as of one's own. The pace is that of the last minute, as far as it was
seen here, and never above the queue's rate; until something has ended it is the rate.
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
"""A longer time without a look, and the pace of before says nothing."""
_LEAST_ENDS, _LEAST_SEEN_S = 3, 5.0


@dataclass(frozen=True)
class Lines:
    """What of a queue has not ended, by user: first what is in SQS, oldest first, then what waits."""

    released: tuple[str, ...]
    sent: Mapping[str, int]
    waiting: Mapping[str, Mapping[str, int]]

    @property
    def tasks(self) -> frozenset[str]:
        return frozenset(self.released).union(*self.waiting.values())

    def ahead(self, user: str, task: str) -> int | None:
        """Unfinished tasks that come before it; None: it is not there (yet, or any more)."""
        rank = self.waiting.get(user, {}).get(task)
        if rank is None:
            return self.released.index(task) if task in self.released else None
        own = self.sent.get(user, 0) + rank
        others = (self.sent.keys() | self.waiting.keys()) - {user}
        return own + sum(min(own, self._unfinished(other)) for other in others)

    def _unfinished(self, user: str) -> int:
        return self.sent.get(user, 0) + len(self.waiting.get(user, ()))


def lines_of(outbox: Outbox, queue: str) -> Lines:
    """One LIST per thousand entries."""
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
    return Lines(tuple(sorted(released, key=lambda task: (released[task], task))), sent, waiting)


class Pace:
    """Ends per second, from one look to the next. rate: (tasks, seconds) that the queue may start at most."""

    def __init__(self, rate: tuple[int, float]) -> None:
        self._most, self._window_s = rate
        self._known: frozenset[str] = frozenset()
        self._ends: deque[tuple[float, int]] = deque()
        self._at = 0.0

    def look(self, tasks: frozenset[str], at: float) -> None:
        if at - self._at > _UNSEEN_S:
            self._ends.clear()
        # The first entry is where seeing began.
        self._ends.append((at, len(self._known - tasks) if self._ends else 0))
        while self._ends[0][0] < at - _SEEN_S:
            self._ends.popleft()
        self._known, self._at = tasks, at

    def seconds_for(self, tasks: int) -> float | None:
        """Until so many have ended. None: nothing ends at all, so nobody can say."""
        limited_s = (tasks - self._most) * self._window_s / self._most
        seen_s = self._ends[-1][0] - self._ends[0][0] if self._ends else 0.0
        ended = sum(count for _at, count in list(self._ends)[1:])
        if ended >= _LEAST_ENDS and seen_s >= _LEAST_SEEN_S:
            return max(limited_s, tasks * seen_s / ended)
        if not ended and seen_s >= 0.9 * _SEEN_S:
            return None
        return tasks * self._window_s / self._most


class WaitingLines:
    """Shared by the threads of a process. rates: queue key -> what it may start, (tasks, seconds)."""

    def __init__(self, outbox: Outbox, clock: Clock, *, rates: Mapping[str, tuple[int, float]]) -> None:
        self._outbox = outbox
        self._clock = clock
        self._lock = threading.Lock()
        self._paces = {queue: Pace(rate) for queue, rate in rates.items()}
        self._known: dict[str, tuple[Lines, float]] = {}

    def about(self, record: TaskRecord) -> dict[str, int]:
        """{ahead?, eta_s?} of a task that waits; {} of any other, and where storage does not say. Never raises."""
        if record.status not in (TaskStatus.PENDING, TaskStatus.RETRY) or record.queue not in self._paces:
            return {}
        if record.not_before is not None:
            return {"eta_s": rounded_up(max(0.0, epoch(record.not_before) - self._clock.now()))}
        entry = message_of(record).entry
        try:
            ahead, eta_s = self._place(record.queue, entry.user_hash, entry.task)
        except AppError as error:
            _log.warning("lines_not_read", code=error.code)
            return {}
        about = {} if ahead is None else {"ahead": ahead}
        return about if eta_s is None else {**about, "eta_s": rounded_up(eta_s)}

    def _place(self, queue: str, user: str, task: str) -> tuple[int | None, float | None]:
        with self._lock:
            lines = self._present(queue)
            ahead = lines.ahead(user, task)
            return ahead, None if ahead is None else self._paces[queue].seconds_for(ahead + 1)

    def _present(self, queue: str) -> Lines:
        now = self._clock.now()
        known = self._known.get(queue)
        if known is not None and now < known[1]:
            return known[0]
        lines = lines_of(self._outbox, queue)
        tasks = lines.tasks
        self._paces[queue].look(tasks, now)
        self._known[queue] = (lines, now + _KEPT_S + _KEPT_PER_ENTRY_S * len(tasks))
        return lines


def rounded_up(seconds: float) -> int:
    """Rounded up, as coarsely as a time is uncertain, so that a page does not flicker."""
    step = next(step for limit, step in ((60, 5), (300, 15), (math.inf, 60)) if seconds <= limit)
    return step * math.ceil(seconds / step)
