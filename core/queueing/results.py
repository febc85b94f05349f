"""The result object of a task: the only record of its state, changed by compare-and-swap.

    queued (submit) -> running -> queued again for a slot | retrying | ended (worker); cancelled (web)

Terminal once per generation: whoever swaps first wins, every later end is dropped.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, made_of, new_nonce, to_json
from core.clock import Clock, epoch
from core.errors import Transient
from core.observability.logs import get_logger
from core.queueing.keys import result_key
from core.queueing.parallel import in_parallel

_MOST_ROUNDS = 20

_log = get_logger(__name__)


class TaskStatus(StrEnum):
    """State of a task, by the names of Celery's result backends; STATUS_WORDS has those of the API."""

    PENDING = "PENDING"
    STARTED = "STARTED"
    RETRY = "RETRY"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REVOKED = "REVOKED"


STATUS_WORDS = {
    TaskStatus.PENDING: "queued",
    TaskStatus.STARTED: "running",
    TaskStatus.RETRY: "retrying",
    TaskStatus.SUCCESS: "completed",
    TaskStatus.FAILURE: "failed",
    TaskStatus.REVOKED: "cancelled",
}
"""What people and the API call a status."""

STATUS_BY_WORD = {word: status for status, word in STATUS_WORDS.items()}

TERMINAL = frozenset({TaskStatus.SUCCESS, TaskStatus.FAILURE, TaskStatus.REVOKED})


@dataclass(frozen=True)
class TaskRecord:
    """A task's state, stored as celery-results/<task_id>.json. Times are ISO UTC; queue is a topology key.

    generation: 1, plus one for each run after a failure, a cancellation or a replay; `history` has the outcomes of
    the earlier ones. started_at: first start of this generation. worker_id, delivery, taken_at: the execution that
    holds the task while STARTED. starts: starts that neither ended nor were handed back (crashes). retries: used
    from the retry budget. attempts: model calls made. waiting_for, not_before: why and until when a queued or
    retrying task waits. deadline_at is moved on by every wait, which begins at paused_at. result: of a SUCCESS.
    error {code, detail, retryable, next_step}: of a FAILURE, or why a RETRY. trace: places in the code where it
    failed, for operators only. dead_lettered_at: when the envelope was sent to the dead-letter queue.
    """

    task_id: str
    task: str
    queue: str
    owner: str
    session_id: str
    section_id: str
    accepted_at: str
    status: TaskStatus = TaskStatus.PENDING
    generation: int = 1
    started_at: str | None = None
    ended_at: str | None = None
    worker_id: str | None = None
    delivery: str | None = None
    taken_at: str | None = None
    starts: int = 0
    retries: int = 0
    attempts: int = 0
    waiting_for: str | None = None
    not_before: str | None = None
    deadline_at: str | None = None
    paused_at: str | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    trace: list[str] = field(default_factory=list)
    dead_lettered_at: str | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
    correlation_id: str = ""
    nonce: str = ""

    @property
    def ended(self) -> bool:
        return self.status in TERMINAL

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TaskRecord":
        return from_known(cls, data, status=TaskStatus(data["status"]))


Change = Callable[[TaskRecord], TaskRecord | None]
StandIn = Callable[[str], TaskRecord | None]


def _no_record(_task_id: str) -> None:
    return None


def damaged_record(task_id: str) -> TaskRecord:
    """What people are shown of a task whose record cannot be read: a failure that they can run again.

    It names no review, because only the damaged record does.
    """
    error = {
        "code": "storage/damaged",
        "detail": "The stored result of this task cannot be read.",
        "retryable": True,
        "next_step": "Run it again. An operator may be able to bring back the result as it was.",
    }
    return TaskRecord(task_id, "", "", "", "", "", "", status=TaskStatus.FAILURE, error=error)


@dataclass(frozen=True)
class SeenRecord:
    """A record with the ETag of the version that was read."""

    record: TaskRecord
    etag: str


class TaskResults:
    """Reads and swaps task records. Errors: Transient storage/unavailable, Permanent storage/denied."""

    def __init__(
        self, store: ObjectStore, clock: Clock, *, notes: Sequence[Callable[[TaskRecord], None]] = ()
    ) -> None:
        """notes: are told each change of a task's state, by the process that made it."""
        self._store = store
        self._clock = clock
        self._notes = notes

    def get(self, task_id: str) -> TaskRecord | None:
        seen = self.see(task_id)
        return None if seen is None else seen.record

    def get_readable(self, task_id: str) -> TaskRecord | None:
        """Returns the record; None also for one that cannot be read, which `restore` writes anew."""
        return self.get_many([task_id]).get(task_id)

    def see(self, task_id: str) -> SeenRecord | None:
        found = self._store.get(result_key(task_id))
        if found is None:
            return None
        return SeenRecord(made_of(found.body, result_key(task_id), TaskRecord.from_dict), found.etag)

    def get_many(self, task_ids: Iterable[str], *, stand_in: StandIn = _no_record) -> dict[str, TaskRecord]:
        """Returns the records of those tasks that exist and can be read, by task id.

        stand_in: makes what is returned for one that cannot be read; one of many must not take the others with it.
        """

        def read(task_id: str) -> TaskRecord | None:
            try:
                return self.get(task_id)
            except Damaged:
                _log.error("task_record_unreadable", task_id=task_id)
                return stand_in(task_id)

        records = in_parallel(read, dict.fromkeys(task_ids))
        return {record.task_id: record for record in records if record is not None}

    def create(self, record: TaskRecord) -> bool:
        """Writes the record of a new task. Returns False if there is one already."""
        return self._store.create(result_key(record.task_id), _body(record)) is not None

    def restore(self, queued: TaskRecord) -> bool:
        """Writes the record of an accepted task where there is none, or one that cannot be read: the task runs anew.

        queued: as its message tells it. Returns False if there is one that can be read.
        """
        found = self._store.get(result_key(queued.task_id))
        if found is None:
            return self.create(queued)
        try:
            made_of(found.body, result_key(queued.task_id), TaskRecord.from_dict)
        except Damaged as error:
            _log.error("task_record_restored", task_id=queued.task_id, detail=error.detail)
            key = result_key(queued.task_id)
            return self._store.replace(key, _body(queued), etag=found.etag) is not None
        return False

    def swap(
        self, task_id: str, generation: int, change: Change, *, seen: SeenRecord | None = None
    ) -> TaskRecord | None:
        """Applies `change` to the present record and returns the new one.

        Returns None if there is no record of this generation, or `change` returned None (leave as it is). `change`
        may run several times; it is made of the functions in `transitions`. seen: a record read a moment ago, which
        saves a read.
        """
        for round_number in range(_MOST_ROUNDS):
            seen = seen or self.see(task_id)
            if seen is None or seen.record.generation != generation:
                return None
            changed = change(seen.record)
            if changed is None:
                return None
            if self._store.replace(result_key(task_id), _body(changed), etag=seen.etag) is not None:
                if _state(changed) != _state(seen.record):
                    for note in self._notes:
                        note(changed)
                return changed
            seen = None
            self._clock.sleep(0.01 * (round_number + 1))
        raise Transient("storage/unavailable", "Too many writers changed the same task at once.")

    def delete(self, task_id: str) -> None:
        self._store.delete(result_key(task_id))


def last_sign_of_life(record: TaskRecord) -> float:
    """Returns the epoch seconds of the latest event that is known or planned for this task."""
    times = (record.accepted_at, record.taken_at, record.paused_at, record.not_before, record.ended_at)
    return max(epoch(at) for at in times if at)


def _state(record: TaskRecord) -> tuple[object, ...]:
    return record.status, record.generation, record.taken_at


def _body(record: TaskRecord) -> bytes:
    return to_json(replace(record, nonce=new_nonce()).to_dict())
