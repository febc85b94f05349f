"""Which workers are alive, what each of them runs, and since when."""

from dataclasses import dataclass, field

from core.queueing.parallel import in_parallel
from core.queueing.results import TaskRecord
from core.queueing.service import Queueing
from core.queueing.topology import MONITORING, QUEUES
from core.queueing.workers import HeldDelivery, WorkerRecord

_MOST_KNOWN = 5_000
_MOST_READ = 100
"""The most tasks that one call reads; the next call reads the others."""


@dataclass(frozen=True)
class Held:
    """A task that a worker holds. running_since: ISO UTC, None until a child process has started it.

    session_id, section_id: "" for work that belongs to no review, or is not known yet.
    """

    task_id: str
    running_since: str | None
    queue: str
    session_id: str = ""
    section_id: str = ""


@dataclass(frozen=True)
class WorkerState:
    """A worker, whether it is alive, and the tasks that it holds."""

    worker: WorkerRecord
    alive: bool
    holds: tuple[Held, ...]


@dataclass
class WorkerStates:
    """Reads the workers' states. Caches what tasks are about, and unchanged worker records. Errors: storage/*."""

    queueing: Queueing
    _known: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    _records: dict[tuple[str, str], WorkerRecord | None] = field(default_factory=dict)

    def read(self) -> list[WorkerState]:
        """Returns all workers, including those killed within the last hour; live ones first, by host."""
        workers = self.records()
        self._learn([held.task_id for worker, _alive in workers for held in worker.held])
        return [
            WorkerState(worker, alive, tuple(self._held(held) for held in worker.held))
            for worker, alive in workers
        ]

    def records(self) -> list[tuple[WorkerRecord, bool]]:
        """Returns (record, whether it is alive) in the same order, without the tasks that they hold.

        Records are written every 15 s and read every 2 s, so unchanged ones are cached.
        """
        listed = dict(self.queueing.workers.listed())
        before = self._records
        new = [key for key in listed.items() if key not in before]
        read = in_parallel(lambda key: self.queueing.workers.get(key[0]), new)
        self._records = {key: before[key] for key in listed.items() if key in before} | dict(
            zip(new, read, strict=True)
        )
        is_alive = self.queueing.workers.is_fresh
        found = [(record, is_alive(record)) for record in self._records.values() if record is not None]
        return sorted(found, key=lambda one: (not one[1], one[0].host, one[0].started_at))

    def _held(self, held: HeldDelivery) -> Held:
        """A task that a worker holds. One without a task record is periodic: monitoring."""
        about = self._known.get(held.task_id, (MONITORING.key, "", ""))
        return Held(held.task_id, held.running_since, *about)

    def _learn(self, task_ids: list[str]) -> None:
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        unknown = [task_id for task_id in task_ids if task_id not in self._known][:_MOST_READ]
        records = self.queueing.results.get_many(unknown)
        self._known |= {task_id: _about(record) for task_id, record in records.items()}


def queues_without_worker(states: list[WorkerState]) -> list[str]:
    consumed = {queue for state in states if state.alive for queue in state.worker.queues}
    return [spec.key for spec in QUEUES if spec.key not in consumed]


def _about(record: TaskRecord) -> tuple[str, str, str]:
    return record.queue, record.session_id, record.section_id
