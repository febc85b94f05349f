"""Task results as reviews read them: what has succeeded never changes, so it is read from storage once."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from core.queueing.results import TaskRecord, TaskStatus

_RECORDS_KEPT = 128
_STATES_KEPT = 20_000


class RecordSource(Protocol):
    def get(self, task_id: str) -> TaskRecord | None: ...

    def get_many(self, task_ids: Iterable[str]) -> Mapping[str, TaskRecord]:
        """By task id; unknown ids are absent."""
        ...


class RememberedResults:
    """Per process and small: a record with its findings is some 20 KB. A FAILURE can be run again: not kept."""

    def __init__(self, source: RecordSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._records: OrderedDict[str, TaskRecord] = OrderedDict()
        self._succeeded: OrderedDict[str, None] = OrderedDict()

    def get(self, task_id: str) -> TaskRecord | None:
        return self.get_many([task_id]).get(task_id)

    def get_many(self, task_ids: Iterable[str]) -> dict[str, TaskRecord]:
        wanted = list(dict.fromkeys(task_ids))
        found = self.remembered(wanted)
        missing = [task_id for task_id in wanted if task_id not in found]
        return {**found, **self.read(missing)}

    def remembered(self, task_ids: Iterable[str]) -> dict[str, TaskRecord]:
        """What is known without a request, whoever asked for it before."""
        with self._lock:
            return {task_id: self._records[task_id] for task_id in task_ids if task_id in self._records}

    def read(self, task_ids: Sequence[str]) -> dict[str, TaskRecord]:
        """From storage, whatever is remembered."""
        read = dict(self._source.get_many(task_ids)) if task_ids else {}
        self._remember(read)
        return read

    def statuses(self, task_ids: Iterable[str]) -> dict[str, TaskStatus]:
        """Only the states, for lists of reviews."""
        wanted = set(task_ids)
        with self._lock:
            known = wanted & self._succeeded.keys()
        read = self.get_many(wanted - known)
        states = {task_id: record.status for task_id, record in read.items()}
        return {**states, **dict.fromkeys(known, TaskStatus.SUCCESS)}

    def forget(self, task_ids: Iterable[str]) -> None:
        with self._lock:
            for task_id in task_ids:
                self._records.pop(task_id, None)
                self._succeeded.pop(task_id, None)

    def _remember(self, read: Mapping[str, TaskRecord]) -> None:
        with self._lock:
            for task_id, record in read.items():
                if record.status is TaskStatus.SUCCESS:
                    self._records[task_id] = record
                    self._succeeded[task_id] = None
            while len(self._records) > _RECORDS_KEPT:
                self._records.popitem(last=False)
            while len(self._succeeded) > _STATES_KEPT:
                self._succeeded.popitem(last=False)
