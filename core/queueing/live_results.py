"""Task records corrected for dead workers: a task that a dead worker was running is not running.

A record says "running" until somebody writes another state, and a killed worker writes none. Its message is
delivered again within a minute, but a free worker may take longer; so readers check the worker's record. Nothing is
written.
"""

import threading
from collections.abc import Iterable

from core.aws.object_store import ObjectStore
from core.clock import Clock
from core.errors import AppError
from core.queueing.results import TaskRecord, TaskResults, damaged_record
from core.queueing.transitions import stopped
from core.queueing.workers import WorkerRecord, Workers, holder_of

_KEPT_S = 3.0


class CachedWorkers(Workers):
    """Worker records, each cached for three seconds, however many tasks its worker runs and people look at."""

    def __init__(self, store: ObjectStore, clock: Clock, *, dead_after_s: float) -> None:
        super().__init__(store, clock, dead_after_s=dead_after_s)
        self._lock = threading.Lock()
        self._read: dict[str, tuple[float, WorkerRecord | None]] = {}

    def get(self, worker_id: str) -> WorkerRecord | None:
        now = self._clock.now()
        with self._lock:
            self._read = {known: kept for known, kept in self._read.items() if now - kept[0] < _KEPT_S}
            if worker_id not in self._read:
                self._read[worker_id] = (now, super().get(worker_id))
            return self._read[worker_id][1]


class LiveResults:
    """Reads task records, corrected for dead workers.

    Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    def __init__(self, results: TaskResults, workers: Workers, clock: Clock) -> None:
        self._results = results
        self._workers = workers
        self._clock = clock

    def get(self, task_id: str) -> TaskRecord | None:
        return self.get_many([task_id]).get(task_id)

    def get_many(self, task_ids: Iterable[str]) -> dict[str, TaskRecord]:
        """Returns the records of those tasks that exist, by task id.

        A `damaged_record` stands for one that cannot be read.
        """
        records = self._results.get_many(task_ids, stand_in=damaged_record)
        return {task_id: self._present(record) for task_id, record in records.items()}

    def _present(self, record: TaskRecord) -> TaskRecord:
        holder = holder_of(record)
        if holder is None:
            return record
        try:
            lives = self._workers.is_alive(holder)
        except AppError:
            return record
        return record if lives else stopped(record, now=self._clock.now())
