"""Worker records in workers/: which workers are alive and what each of them holds, which SQS does not tell.

A worker makes a new id at each start and renews its record every WORKER_RECORD_S:

record written ----- task taken ------- record written ----------------- (killed)
                     |  not in the      |  lists the delivery                  |  WORKER_DEAD_AFTER_S later:
                     |  record yet:     |                                      |  every delivery is dead
                     |  alive           |  a delivery it does not list: dead
"""

import os
import socket
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from core import VERSION
from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, get_as, put_json
from core.clock import Clock, epoch, iso
from core.observability.load import Load
from core.observability.logs import get_logger
from core.queueing.keys import worker_key
from core.queueing.parallel import in_parallel
from core.queueing.results import TaskRecord, TaskStatus

WORKERS_PREFIX = "workers/"
_FORGOTTEN_AFTER_S = 3600.0
_UNREADABLE = "(its record cannot be read)"

_log = get_logger(__name__)


@dataclass(frozen=True)
class HeldDelivery:
    """A delivery that a worker holds.

    running_since: ISO UTC; None while it is fetched and no child has started it.
    """

    task_id: str
    delivery: str
    running_since: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class WorkerIdentity:
    """One start of a worker.

    started_at: ISO UTC. version: of the code it runs. queues: topology keys that it consumes.
    """

    worker_id: str
    host: str
    pid: int
    started_at: str
    version: str = VERSION
    queues: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkerRecord:
    """A worker's liveness record, workers/<worker_id>.json. at: ISO UTC of the last renewal.

    held: running and fetched deliveries. load: of the worker with its children.
    """

    worker_id: str
    host: str
    pid: int
    started_at: str
    at: str
    version: str = ""
    queues: tuple[str, ...] = ()
    held: tuple[HeldDelivery, ...] = field(default=())
    load: Load = field(default_factory=Load)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "WorkerRecord":
        held = tuple(from_known(HeldDelivery, item) for item in data["held"])
        load = from_known(Load, data.get("load", {}))
        queues = tuple(str(queue) for queue in data.get("queues", ()))
        made = from_known(cls, data, queues=queues, held=held, load=load)
        # Asked here and now: whoever looks at all workers must not meet a time that is none.
        epoch(made.at), epoch(made.started_at)
        return made

    @classmethod
    def unreadable(cls, worker_id: str) -> "WorkerRecord":
        """For one that cannot be read: long silent, so that it is shown, and forgotten, as such."""
        return cls(worker_id, _UNREADABLE, 0, iso(0), iso(0))


@dataclass(frozen=True)
class Holder:
    """An execution that has taken a task. since: ISO UTC by the clock of that worker's host."""

    worker_id: str
    task_id: str
    delivery: str
    since: str


def new_identity(clock: Clock) -> WorkerIdentity:
    return WorkerIdentity(str(uuid.uuid4()), socket.gethostname(), os.getpid(), iso(clock.now()))


def holder_of(record: TaskRecord) -> Holder | None:
    """Returns the execution that has taken the task and not given it back, or None if the task is not STARTED."""
    if record.status is not TaskStatus.STARTED:
        return None
    if not (record.worker_id and record.delivery and record.taken_at):
        return None
    return Holder(record.worker_id, record.task_id, record.delivery, record.taken_at)


class Workers:
    """Reads and writes worker records. Errors: Transient storage/unavailable, Permanent storage/denied."""

    def __init__(self, store: ObjectStore, clock: Clock, *, dead_after_s: float) -> None:
        self._store = store
        self._clock = clock
        self._dead_after_s = dead_after_s

    def renew(
        self, identity: WorkerIdentity, held: Sequence[HeldDelivery], *, load: Load | None = None
    ) -> None:
        """Writes the worker's record: its sign of life. held: the deliveries that it runs or has fetched."""
        at = iso(self._clock.now())
        record = WorkerRecord(**asdict(identity), at=at, held=tuple(held), load=load or Load())
        put_json(self._store, worker_key(identity.worker_id), record.to_dict())

    def leave(self, identity: WorkerIdentity) -> None:
        """Removes the record of a worker that stops normally."""
        self._store.delete(worker_key(identity.worker_id))

    def get(self, worker_id: str) -> WorkerRecord | None:
        try:
            return get_as(self._store, worker_key(worker_id), WorkerRecord.from_dict)
        except Damaged:
            # A worker that lives writes it anew in a moment; all others would be hidden meanwhile.
            _log.error("worker_record_unreadable", worker_id=worker_id)
            return WorkerRecord.unreadable(worker_id)

    def is_running(self, record: TaskRecord) -> bool:
        """Whether a live worker holds the task."""
        holder = holder_of(record)
        return holder is not None and self.is_alive(holder)

    def is_alive(self, holder: Holder) -> bool:
        """Whether `holder` may still be at work: its worker's record is fresh and does not contradict it."""
        record = self.get(holder.worker_id)
        if record is None or not self.is_fresh(record):
            return False
        too_new_to_be_listed = epoch(holder.since) >= epoch(record.at)
        return too_new_to_be_listed or HeldDelivery(holder.task_id, holder.delivery) in record.held

    def running(self) -> list[WorkerRecord]:
        """Returns the records of all live workers."""
        return [record for record in self.all() if self.is_fresh(record)]

    def lost(self, *, since: float) -> list[WorkerRecord]:
        """Returns the workers whose records became too old between `since`, epoch seconds, and now."""
        return [
            record
            for record in self.all()
            if not self.is_fresh(record) and epoch(record.at) + self._dead_after_s >= since
        ]

    def forget_dead(self) -> int:
        """Removes records of workers that were killed over an hour ago; returns how many."""
        oldest = self._clock.now() - _FORGOTTEN_AFTER_S
        dead = [record for record in self.all() if epoch(record.at) < oldest]
        for record in dead:
            self._store.delete(worker_key(record.worker_id))
        return len(dead)

    def is_fresh(self, record: WorkerRecord) -> bool:
        return self._clock.now() - epoch(record.at) <= self._dead_after_s

    def all(self) -> list[WorkerRecord]:
        """Returns all records, including those of workers that were killed within the last hour."""
        ids = [worker_id for worker_id, _version in self.listed()]
        return [record for record in in_parallel(self.get, ids) if record is not None]

    def listed(self) -> list[tuple[str, str]]:
        """Returns (worker id, ETag of its record) for each worker; the ETag changes with each renewal."""
        found = self._store.list(WORKERS_PREFIX)
        return [(info.key.removeprefix(WORKERS_PREFIX).removesuffix(".json"), info.etag) for info in found]
