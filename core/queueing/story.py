"""Collects everything that is known of one task: record, outbox entry, worker, model calls, dead letters."""

from dataclasses import dataclass

from core.aws.object_store import ObjectStore, get_as
from core.queueing.attempts import Attempt
from core.queueing.dead_letters import DeadLetters
from core.queueing.keys import attempt_prefix
from core.queueing.letter import DeadLetter
from core.queueing.outbox import Outbox, OutboxEntry
from core.queueing.results import TaskRecord, TaskResults
from core.queueing.workers import WorkerRecord, Workers


@dataclass(frozen=True)
class TaskStory:
    """Everything that is known of one task.

    entry: in the outbox, while the task has not ended. worker: the last one that took it, while its record is kept.
    attempts: (generation, attempt) of all model calls, in order. dead_letters: of all its generations.
    """

    record: TaskRecord
    entry: OutboxEntry | None
    worker: WorkerRecord | None
    attempts: tuple[tuple[int, Attempt], ...]
    dead_letters: tuple[DeadLetter, ...]


@dataclass(frozen=True)
class TaskStories:
    """Reads the stories of tasks. Errors: Transient storage/unavailable, Permanent storage/denied."""

    store: ObjectStore
    results: TaskResults
    outbox: Outbox
    workers: Workers
    dead_letters: DeadLetters

    def get(self, task_id: str) -> TaskStory | None:
        """Returns the story of one task, or None if there is no such task (any more)."""
        record = self.results.get(task_id)
        if record is None:
            return None
        return TaskStory(
            record=record,
            entry=None if record.ended else self._entry(record),
            worker=self.workers.get(record.worker_id) if record.worker_id else None,
            attempts=tuple(self._attempts(record)),
            dead_letters=tuple(self._letters(task_id)),
        )

    def _letters(self, task_id: str) -> list[DeadLetter]:
        """The task's letters: those that were dealt with, then those that nobody has dealt with yet."""
        own = [name for name in self.dead_letters.names() if name.task_id == task_id]
        listed = [letter for name in own if (letter := self.dead_letters.read(name)) is not None]
        return [letter for letter, _verdict in self.dead_letters.archived_of(task_id)] + listed

    def _entry(self, record: TaskRecord) -> OutboxEntry | None:
        """Released, or still waiting."""
        for listed in (self.outbox.sent(record.queue), self.outbox.waiting(record.queue)):
            for name, info in listed:
                if (name.task_id, name.generation) == (record.task_id, record.generation):
                    return self.outbox.read(info.key)
        return None

    def _attempts(self, record: TaskRecord) -> list[tuple[int, Attempt]]:
        found = []
        for generation in range(1, record.generation + 1):
            for info in self.store.list(attempt_prefix(record.task_id, generation)):
                attempt = get_as(self.store, info.key, Attempt.from_dict)
                if attempt is not None:
                    found.append((generation, attempt))
        return sorted(found, key=lambda item: (item[0], item[1].number))
