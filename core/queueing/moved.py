"""Dead letters that nobody has written into the index yet.

Messages that SQS itself moved, because they were received too often without an end: nobody wrote a result for
them, so their tasks get their FAILURE here. Messages that a worker put aside unread: they are only listed.
SQS cannot page, so everything is leased for a moment, looked at and shown again.
"""

from dataclasses import dataclass, replace

from core.aws.sqs import ReceivedMessage, SqsQueues
from core.clock import iso
from core.errors import Permanent
from core.observability.logs import get_logger
from core.queueing.dead_letters import (
    TASK_ATTRIBUTE,
    UNREADABLE_ATTRIBUTE,
    DeadLetter,
    DeadLetters,
    letter_of,
)
from core.queueing.failure import Failures, is_unburied
from core.queueing.message import TaskMessage, UnreadableMessage, queued_record, read_body
from core.queueing.results import TaskRecord, TaskResults, TaskStatus
from core.queueing.topology import dead_letter_name
from core.queueing.workers import Workers, holder_of

_log = get_logger(__name__)
_LEASE_S = 30
_MOST_PER_SWEEP = 100


@dataclass
class Settled:
    """failed: tasks that got their FAILURE. unreadable: new index entries of messages that are no envelope."""

    failed: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class MovedMessages:
    """Errors: Transient or Permanent storage/*, queue/*."""

    queues: SqsQueues
    results: TaskResults
    failures: Failures
    dead_letters: DeadLetters
    workers: Workers
    prefix: str

    def settle(self, queue: str) -> Settled:
        """queue: a topology key. Looks at no more than 100 messages; the next sweep sees others."""
        settled = Settled()
        name = dead_letter_name(self.prefix, queue)
        if self.queues.depth(name).total == 0:
            return settled
        leased: list[str] = []
        try:
            while len(leased) < _MOST_PER_SWEEP and (batch := self.queues.receive(name, lease_s=_LEASE_S)):
                leased += [message.handle for message in batch]
                for message in batch:
                    if TASK_ATTRIBUTE not in message.attributes:
                        self._settle(queue, message, settled)
        finally:
            self.queues.set_visibility(self.queues.url(name), leased, seconds=0)
        return settled

    def _settle(self, queue: str, received: ReceivedMessage, settled: Settled) -> None:
        if why := received.attributes.get(UNREADABLE_ATTRIBUTE):
            letter = replace(_unreadable(queue, received, why), code="task/unreadable", moved_by="aiprism")
            settled.unreadable += self.dead_letters.index(letter)
            return
        try:
            message = read_body(received.body)
        except UnreadableMessage as error:
            settled.unreadable += self.dead_letters.index(_unreadable(queue, received, str(error)))
            return
        self.results.create(queued_record(message))
        record = self.results.get(message.task_id)
        if record is not None and record.generation == message.generation and not self._is_running(record):
            settled.failed += self._fail(message, record)

    def _fail(self, message: TaskMessage, record: TaskRecord) -> bool:
        if not record.ended:
            self.failures.fail(message, Permanent("task/moved-by-queue"))
        latest = self.results.get(message.task_id)
        if latest is None or latest.generation != message.generation or not is_unburied(latest):
            return False
        self.dead_letters.index(letter_of(latest, moved_by="queue"))
        self.failures.mark_dead_lettered(latest)
        self.failures.forget(message)
        _log.error("task_moved_by_queue", task_id=message.task_id, queue=message.queue)
        return True

    def _is_running(self, record: TaskRecord) -> bool:
        holder = holder_of(record) if record.status is TaskStatus.STARTED else None
        return holder is not None and self.workers.is_alive(holder)


def _unreadable(queue: str, received: ReceivedMessage, why: str) -> DeadLetter:
    """Its time is SQS's, so that every sweep writes the same object."""
    at = iso(received.sent_at)
    return DeadLetter(
        task_id=received.message_id,
        generation=0,
        queue=queue,
        task="",
        session_id="",
        section_id="",
        code="task/moved-by-queue",
        detail=f"The message is not one of ours: {why}.",
        attempts=0,
        retries=0,
        starts=0,
        accepted_at=at,
        ended_at=at,
        moved_by="queue",
    )
