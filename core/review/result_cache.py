"""An in-memory cache of task records for the web tier. A success never changes, so it is read from storage once.

The record of a waiting task is read again when the task index says that it has changed, and every ten seconds. That
is good enough for pages that poll (`get_many_recent`), not for decisions (`get_many`).
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.clock import Clock
from core.queueing.results import TaskRecord, TaskStatus
from core.review.task_changes import TaskChanges

_RECORDS_KEPT = 128
_STATES_KEPT = 20_000
_WAITING_KEPT = 2_000
_WAITING_KEPT_S = 10.0
_WAITS = frozenset({TaskStatus.PENDING, TaskStatus.RETRY})


class RecordSource(Protocol):
    """Reads task records."""

    def get(self, task_id: str) -> TaskRecord | None: ...

    def get_many(self, task_ids: Iterable[str]) -> Mapping[str, TaskRecord]:
        """The records by task id; unknown ids are absent."""
        ...


@dataclass(frozen=True)
class _Waiting:
    """A record as it was read. at: epoch seconds. look: number of the latest look of TaskChanges at that time."""

    record: TaskRecord
    look: int
    at: float


class CachedResults:
    """Caches the records of one process: a few, because a record with its findings is some 20 KB.

    A FAILURE may run again, so it is not cached.
    """

    def __init__(self, source: RecordSource, changes: TaskChanges, clock: Clock) -> None:
        self._source = source
        self._changes = changes
        self._clock = clock
        self._lock = threading.Lock()
        self._records: OrderedDict[str, TaskRecord] = OrderedDict()
        self._succeeded: OrderedDict[str, None] = OrderedDict()
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()

    def get(self, task_id: str) -> TaskRecord | None:
        return self.get_many([task_id]).get(task_id)

    def get_many(self, task_ids: Iterable[str]) -> dict[str, TaskRecord]:
        """Returns the records by task id: successes from memory, everything else from storage.

        Unknown ids are absent.
        """
        wanted = list(dict.fromkeys(task_ids))
        return self._filled(wanted, self.cached(wanted))

    def cached(self, task_ids: Iterable[str]) -> dict[str, TaskRecord]:
        """Returns those of the tasks that have succeeded and are in memory; no request."""
        with self._lock:
            return {task_id: self._records[task_id] for task_id in task_ids if task_id in self._records}

    def cached_recent(self, task_ids: Iterable[str]) -> dict[str, TaskRecord]:
        """Returns those of the tasks that are in memory, waiting ones included.

        A change of a waiting task may be seen a second late. At most one LIST.
        """
        wanted, now = list(dict.fromkeys(task_ids)), self._clock.now()
        if not wanted:
            return {}
        self._changes.look()
        with self._lock:
            kept = [self._waiting[task_id] for task_id in wanted if task_id in self._waiting]
        waiting = {one.record.task_id: one.record for one in kept if self._still(one, now)}
        return {**waiting, **self.cached(wanted)}

    def read(self, task_ids: Sequence[str]) -> dict[str, TaskRecord]:
        """Reads the records from storage, whatever is in memory, and caches them."""
        look, now = self._changes.latest, self._clock.now()
        read = dict(self._source.get_many(task_ids)) if task_ids else {}
        self._store(read)
        waits = [one for one in read.values() if one.status in _WAITS and one.queue == self._changes.queue]
        with self._lock:
            for record in waits:
                self._waiting[record.task_id] = _Waiting(record, look, now)
                self._waiting.move_to_end(record.task_id)
            _shorten(self._waiting, _WAITING_KEPT)
        return read

    def get_many_recent(self, task_ids: Iterable[str]) -> dict[str, TaskRecord]:
        """As `get_many`, but waiting tasks may come from memory: for pages that poll."""
        wanted = list(dict.fromkeys(task_ids))
        return self._filled(wanted, self.cached_recent(wanted))

    def _filled(self, wanted: Sequence[str], found: Mapping[str, TaskRecord]) -> dict[str, TaskRecord]:
        return {**found, **self.read([task_id for task_id in wanted if task_id not in found])}

    def _still(self, one: _Waiting, now: float) -> bool:
        is_fresh = now - one.at < _WAITING_KEPT_S
        return is_fresh and not self._changes.since(one.look, one.record.task_id)

    def statuses(self, task_ids: Iterable[str]) -> dict[str, TaskStatus]:
        """Returns only the states, for lists of reviews.

        Those of waiting tasks are as recent as in `get_many_recent`.
        """
        wanted = set(task_ids)
        with self._lock:
            known = wanted & self._succeeded.keys()
        read = self.get_many_recent(wanted - known)
        states = {task_id: record.status for task_id, record in read.items()}
        return {**states, **dict.fromkeys(known, TaskStatus.SUCCESS)}

    def forget(self, task_ids: Iterable[str]) -> None:
        """Drops the tasks of a deleted review."""
        with self._lock:
            for task_id in task_ids:
                self._records.pop(task_id, None)
                self._succeeded.pop(task_id, None)
                self._waiting.pop(task_id, None)

    def _store(self, read: Mapping[str, TaskRecord]) -> None:
        with self._lock:
            for task_id, record in read.items():
                if record.status is TaskStatus.SUCCESS:
                    self._records[task_id] = record
                    self._succeeded[task_id] = None
            _shorten(self._records, _RECORDS_KEPT)
            _shorten(self._succeeded, _STATES_KEPT)


def _shorten(kept: OrderedDict[str, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)
