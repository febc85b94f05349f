"""Which tasks have changed lately, by the newest names in the task index: one listing serves all who ask at a time.

    look 7        the record is read: it waits       look 8           look 9
    --|------------------|-------------------------------|----------------|-->
                                  a worker takes it, and enters that      names the task

A record that was read after look 7 has not changed until a later look names its task. The index entry is written
after the change, so a look may be a moment late; and it is never written when the worker dies in that moment, so
nobody may rely on looks alone for long.
"""

import threading
from datetime import UTC, datetime

from core.aws.object_store import ObjectStore
from core.clock import Clock
from core.queueing.task_index import TASKS_PREFIX, TaskName

_KEPT_S, _KEPT_PER_NAME_S = 0.2, 0.005
"""A listing of a hundred names holds for 0.7 s: it costs more than one of three."""
_LISTED = 100
_REMEMBERED = 5_000
_MIDNIGHT_S = 60.0
"""For so long after midnight the day before is listed too: clocks differ, and entries come after their changes."""


class TaskChanges:
    """Recent changes of tasks of one queue, per process.

    Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    def __init__(self, store: ObjectStore, clock: Clock, *, queue: str) -> None:
        self._store = store
        self._clock = clock
        self.queue = queue
        self._lock, self._listing = threading.Lock(), threading.Lock()
        self._number = 0
        self._at = 0.0
        self._names: frozenset[str] = frozenset()
        self._changed: dict[str, int] = {}
        self._blind = 0

    def look(self) -> int:
        """Lists the index if the latest look is too old, and returns the number of the latest look.

        While another thread is listing, returns the look before that: it only makes the caller read more.
        """
        now = self._clock.now()
        if self._is_due(now) and self._listing.acquire(blocking=False):
            try:
                names = self._listed(now)
                with self._lock:
                    self._take(names)
                    self._at = now
            finally:
                self._listing.release()
        return self.latest

    @property
    def latest(self) -> int:
        """The number of the latest look, however old; 0: nobody has looked."""
        return self._number

    def _is_due(self, now: float) -> bool:
        return not self._number or now - self._at >= _KEPT_S + _KEPT_PER_NAME_S * len(self._names)

    def since(self, look: int, task_id: str) -> bool:
        """Whether the task may have changed after that look."""
        with self._lock:
            return look < max(self._blind, self._changed.get(task_id, 0))

    def _take(self, names: frozenset[str]) -> None:
        self._number += 1
        new = names - self._names
        # More has changed than one listing shows, or than is worth remembering: every record counts as changed.
        if (new == names and len(names) >= _LISTED) or len(self._changed) > _REMEMBERED:
            self._blind, self._changed = self._number, {}
        parsed = (TaskName.parse(name) for name in new)
        self._changed.update({name.task_id: self._number for name in parsed if name})
        self._names = names

    def _listed(self, now: float) -> frozenset[str]:
        days = {datetime.fromtimestamp(at, UTC).date().isoformat() for at in (now - _MIDNIGHT_S, now)}
        listed = (
            self._store.list(f"{TASKS_PREFIX}{day}/{self.queue}/", most=_LISTED) for day in sorted(days)
        )
        return frozenset(info.key for infos in listed for info in infos)
