"""The result object of a task: the one truth about its state, changed by compare-and-swap only.

    queued (submit) -> running -> queued again for a slot | retrying | ended (worker); cancelled (web)

Terminal once per generation: whoever swaps first wins, every later end is dropped.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from core.aws.object_store import Damaged, ObjectStore, made_of, new_nonce, to_json
from core.clock import Clock, epoch
from core.errors import Transient
from core.observability.logs import get_logger
from core.queueing.keys import result_key
from core.queueing.parallel import in_parallel

_MOST_ROUNDS = 20

_log = get_logger(__name__)


class TaskStatus(StrEnum):
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
    """celery-results/<task_id>.json. All times are ISO UTC; queue is a topology key.

    generation: 1, and one more for each run after a failure, a cancellation or a replay; `history` keeps how
    the earlier ones ended. started_at: first start of this generation. worker_id, delivery, taken_at: which
    execution holds the task while STARTED. starts: starts that neither ended nor were handed back (crashes).
    retries: of the retry budget. attempts: model calls sent. waiting_for, not_before: why and until when a
    queued or retrying task waits. deadline_at moves on by every wait that began at paused_at.
    result: of a SUCCESS; error {code, detail, retryable, next_step}: of a FAILURE, or why a RETRY. trace: where in
    the code it failed, for operators only. dead_lettered_at: the envelope is in the dead-letter queue.
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
        """Fields of a later release are passed over, so that an older process can still read."""
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        return cls(**{**values, "status": TaskStatus(data["status"])})


Change = Callable[[TaskRecord], TaskRecord | None]


@dataclass(frozen=True)
class SeenRecord:
    """A record as it was read. etag: of that version."""

    record: TaskRecord
    etag: str


class TaskResults:
    """Reads and swaps of result objects. Errors: Transient storage/unavailable, Permanent storage/denied."""

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

    def see(self, task_id: str) -> SeenRecord | None:
        found = self._store.get(result_key(task_id))
        if found is None:
            return None
        return SeenRecord(made_of(found.body, result_key(task_id), TaskRecord.from_dict), found.etag)

    def get_many(self, task_ids: Iterable[str]) -> dict[str, TaskRecord]:
        """The records of those tasks that exist and can be read, by task id."""
        records = in_parallel(self._readable, dict.fromkeys(task_ids))
        return {record.task_id: record for record in records if record is not None}

    def _readable(self, task_id: str) -> TaskRecord | None:
        """None also for a record that cannot be read: one of many must not take a list of reviews with it."""
        try:
            return self.get(task_id)
        except Damaged:
            _log.error("task_record_unreadable", task_id=task_id)
            return None

    def create(self, record: TaskRecord) -> bool:
        """Writes the record of a new task. False: there is one already."""
        return self._store.create(result_key(record.task_id), _body(record)) is not None

    def swap(
        self, task_id: str, generation: int, change: Change, *, seen: SeenRecord | None = None
    ) -> TaskRecord | None:
        """Applies `change` to the present record and returns the new one. seen: read a moment ago; saves a read.

        None: there is no record of this generation, or `change` returned None (leave as it is). `change` may
        run several times; it is made of the functions in `transitions`.
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
    """Epoch seconds of the latest thing that is known to have happened, or to be planned, for this task."""
    times = (record.accepted_at, record.taken_at, record.paused_at, record.not_before, record.ended_at)
    return max(epoch(at) for at in times if at)


def _state(record: TaskRecord) -> tuple[object, ...]:
    return record.status, record.generation, record.taken_at


def _body(record: TaskRecord) -> bytes:
    return to_json(replace(record, nonce=new_nonce()).to_dict())
