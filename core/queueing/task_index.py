"""The task index, tasks/<day>/<queue>/<inverted time>-<state>-<task_id>.

State changes of tasks, newest first in a LIST.

Whoever wins the swap of a record writes its entry, afterwards; submitting writes none, because waiting tasks are in
the outbox. The newest entry of a task counts. A key depends on the record alone, so a repeat writes the same
object: if the entry of an end is lost with its process, the sweep writes it, because that task is still in the
outbox.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, get_as, put_json
from core.clock import epoch, iso
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.keys import inverted, milliseconds, not_inverted
from core.queueing.parallel import Later, at_once, in_parallel
from core.queueing.results import TaskRecord, TaskStatus
from core.queueing.topology import QUEUES

_log = get_logger(__name__)
TASKS_PREFIX = "tasks/"
_STATES = "|".join(TaskStatus)
_NAME = re.compile(rf"(?P<inverted>[0-9]{{13}})-(?P<state>{_STATES})-(?P<task_id>[0-9a-f-]{{36}})\.json")
_READ_TOGETHER = 32


@dataclass(frozen=True)
class TaskEntry:
    """One state change of a task. at: ISO UTC. model_id, cost_usd: of a SUCCESS. error: the error code, or ""."""

    task_id: str
    generation: int
    state: TaskStatus
    at: str
    queue: str
    session_id: str
    section_id: str
    attempts: int = 0
    worker_id: str | None = None
    model_id: str = ""
    cost_usd: float | None = None
    error: str = ""

    @property
    def key(self) -> str:
        name = f"{inverted(milliseconds(self.at))}-{self.state.value}-{self.task_id}.json"
        return f"{TASKS_PREFIX}{self.at[:10]}/{self.queue}/{name}"

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TaskEntry":
        made = from_known(cls, data, state=TaskStatus(data["state"]))
        epoch(made.at)
        return made


@dataclass(frozen=True)
class TaskName:
    """The fields in the key of an index entry. at_ms: epoch milliseconds."""

    key: str
    at_ms: int
    state: TaskStatus
    task_id: str

    @classmethod
    def parse(cls, key: str) -> "TaskName | None":
        """Parses a key; returns None if it is not that of an index entry."""
        match = _NAME.fullmatch(key.rpartition("/")[2])
        if match is None:
            return None
        return cls(key, not_inverted(match["inverted"]), TaskStatus(match["state"]), match["task_id"])

    @property
    def alone(self) -> TaskEntry:
        """The entry that the name by itself makes, for one that cannot be read."""
        queue, at = self.key.rsplit("/", 2)[1], iso(self.at_ms / 1000)
        return TaskEntry(self.task_id, 1, self.state, at, queue, "", "", error="storage/damaged")


@dataclass(frozen=True)
class IndexQuery:
    """Criteria of a listing. since: epoch seconds. None and "" match everything."""

    since: float
    limit: int
    states: frozenset[TaskStatus] | None = None
    queue: str = ""
    session_id: str = ""


def entry_of(record: TaskRecord) -> TaskEntry:
    """Returns the index entry of the state that `record` is in."""
    result, error = record.result or {}, record.error or {}
    return TaskEntry(
        task_id=record.task_id,
        generation=record.generation,
        state=record.status,
        at=iso(_since(record)),
        queue=record.queue,
        session_id=record.session_id,
        section_id=record.section_id,
        attempts=record.attempts,
        worker_id=record.worker_id,
        model_id=str(result.get("model_id", "")),
        cost_usd=result.get("cost_usd"),
        error=str(error.get("code", "")),
    )


def _since(record: TaskRecord) -> float:
    """Epoch seconds of the latest thing that happened to it: an end is after its start, whatever two clocks say."""
    before = max(epoch(at) for at in (record.accepted_at, record.taken_at, record.paused_at) if at)
    return max(epoch(record.ended_at), before + 0.001) if record.ended_at else before


class TaskIndex:
    """Writes and lists index entries.

    later: writes entries of tasks that have not ended, which need not wait for it. Errors: Transient
    storage/unavailable, Permanent storage/denied; `note` raises none.
    """

    def __init__(self, store: ObjectStore, *, later: Later = at_once) -> None:
        self._store = store
        self._later = later

    def note(self, record: TaskRecord) -> None:
        """Writes the entry of a record's present state; to be called after each change of it.

        Best effort: the record is authoritative, and a task must not fail for its entry in a list.
        """
        if record.ended:
            # At once: the outbox still knows the task, so the sweep can make up for a crash here.
            self._write(entry_of(record))
        else:
            self._later(lambda: self._write(entry_of(record)))

    def latest(self, wanted: IndexQuery, *, now: float) -> list[TaskEntry]:
        """Returns the latest entry of each task, where that entry matches; newest first."""
        names = self.names(wanted, now=now)
        found: list[TaskEntry] = []
        while len(found) < wanted.limit and (some := list(islice(names, _READ_TOGETHER))):
            entries = in_parallel(self.read, some)
            found += [entry for entry in entries if entry and wanted.session_id in ("", entry.session_id)]
        return found[: wanted.limit]

    def names(self, wanted: IndexQuery, *, now: float) -> Iterator[TaskName]:
        """Iterates over the names of each task's latest entry, newest first; one LIST per thousand, as it goes."""
        queues = [spec.key for spec in QUEUES if wanted.queue in ("", spec.key)]
        listed = [self._names(queue, wanted, now=now) for queue in queues]
        for name in merge(*listed, key=lambda name: -name.at_ms):
            if wanted.states is None or name.state in wanted.states:
                yield name

    def read(self, name: TaskName) -> TaskEntry | None:
        """Returns the entry of a listed name, or None if its retention has ended since."""
        try:
            return get_as(self._store, name.key, TaskEntry.from_dict)
        except Damaged:
            _log.error("task_entry_unreadable", task_id=name.task_id)
            return name.alone

    def _write(self, entry: TaskEntry) -> None:
        try:
            put_json(self._store, entry.key, asdict(entry))
        except AppError as error:
            _log.warning("task_not_indexed", task_id=entry.task_id, code=error.code)

    def _names(self, queue: str, wanted: IndexQuery, *, now: float) -> Iterator[TaskName]:
        seen: set[str] = set()
        for day in _days(wanted.since, now):
            for info in self._store.list(f"{TASKS_PREFIX}{day}/{queue}/"):
                name = TaskName.parse(info.key)
                if name is None or name.task_id in seen:
                    continue
                if name.at_ms < wanted.since * 1000:
                    return
                seen.add(name.task_id)
                yield name


def _days(since: float, now: float) -> list[str]:
    """Newest first."""
    last, first = datetime.fromtimestamp(now, UTC).date(), datetime.fromtimestamp(since, UTC).date()
    return [(last - timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
