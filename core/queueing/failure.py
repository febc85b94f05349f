"""Ends tasks that failed for good: one procedure for every process that may find such a task.

    1 result FAILURE  2 index entry  3 envelope to the dead-letter queue  4 dead_lettered_at  (then the ack)

Killed between any two: the message is delivered again, finds its FAILURE without dead_lettered_at and does the
rest.

Some failures end with step 1, because there is nothing to look into: limits that people set, and a review that was
signed off or deleted. Deleting a review removes the records of its finished tasks; if SQS delivers a message of
such a task once more there is no record, it is taken for new, and ends here as soon as its work finds no review.
"""

from dataclasses import dataclass, replace

from core.clock import Clock, iso
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter import letter_of
from core.queueing.message import TaskMessage
from core.queueing.release import Releases
from core.queueing.results import TaskRecord, TaskResults, TaskStatus
from core.queueing.transitions import counted, failed

_log = get_logger(__name__)
_NO_DEAD_LETTER = ("limits/", "session/not-found", "review/signed-off")
"""Prefixes of error codes that leave no dead letter, because people asked for that end."""


@dataclass(frozen=True)
class Failures:
    """Ends failed tasks and writes their dead letters.

    Errors: Transient or Permanent storage/*, queue/*. After one the message must not be acknowledged.
    """

    results: TaskResults
    releases: Releases
    dead_letters: DeadLetters
    clock: Clock

    def final(self, message: TaskMessage, error: AppError, *, body: str, attempts: int = 0) -> None:
        """Ends the task of `message` as failed, unless it has ended already. attempts: model calls made."""
        record = self.fail(message, error, attempts=attempts)
        if record is not None:
            _log.error("task_failed", code=error.code, attempts=record.attempts, retries=record.retries)
        self.complete(message, body=body)

    def fail(self, message: TaskMessage, error: AppError, *, attempts: int = 0) -> TaskRecord | None:
        """Does step 1. Returns the failed record, or None if the task had ended."""

        def change(record: TaskRecord) -> TaskRecord | None:
            if record.ended:
                return None
            return failed(counted(record, attempts), error, now=self.clock.now())

        return self.results.swap(message.task_id, message.generation, change)

    def complete(self, message: TaskMessage, *, body: str) -> None:
        """Does those of steps 2 to 4 that are missing, and removes the outbox entry of the ended task."""
        record = self.results.get(message.task_id)
        if record is not None and record.generation == message.generation and lacks_dead_letter(record):
            letter = letter_of(record, body=body)
            self.dead_letters.index(letter)
            self.dead_letters.send(letter, body)
            self.mark_dead_lettered(record)
        self.forget(message)

    def mark_dead_lettered(self, record: TaskRecord) -> None:
        at = iso(self.clock.now())
        self.results.swap(
            record.task_id, record.generation, lambda present: replace(present, dead_lettered_at=at)
        )

    def forget(self, message: TaskMessage) -> None:
        """Removes the sent entry of an ended task and archives the letters of its earlier generations.

        A waiting entry that a crash has left is removed by the sweep.
        """
        if message.generation > 1:
            record = self.results.get(message.task_id)
            if record is not None:
                self.dead_letters.retire_former(record, at=iso(self.clock.now()))
        self.releases.ended(message)


def lacks_dead_letter(record: TaskRecord) -> bool:
    """Whether the record is a FAILURE that operators should see and whose dead letter may be missing."""
    code = str((record.error or {}).get("code", ""))
    failed_for_good = record.status is TaskStatus.FAILURE and record.dead_lettered_at is None
    return failed_for_good and not code.startswith(_NO_DEAD_LETTER)
