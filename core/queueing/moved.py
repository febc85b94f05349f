"""Dead letters that nobody has written into the index yet.

Messages that SQS itself moved, because they were received too often without an end: nobody wrote a result for
them, so their tasks get their FAILURE here. Messages that a worker put aside unread: they are only listed.
SQS cannot page, so everything is leased for a moment, looked at and shown again.
"""

from dataclasses import dataclass

from core.aws.sqs import ReceivedMessage, SqsQueues
from core.errors import Permanent
from core.observability.logs import get_logger
from core.queueing.dead_letters import DeadLetters, Standing
from core.queueing.failure import Failures, is_unburied
from core.queueing.letter import (
    CODE_ATTRIBUTE,
    TASK_ATTRIBUTE,
    UNREADABLE_ATTRIBUTE,
    foreign_letter,
    letter_of,
)
from core.queueing.message import (
    ForgedMessage,
    TaskMessage,
    UnreadableMessage,
    open_envelope,
    queued_record,
    read_body,
)
from core.queueing.results import TaskRecord, TaskResults, TaskStatus
from core.queueing.signing import Signer
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
    signer: Signer

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
                    self._settle(queue, message, settled)
        finally:
            self.queues.set_visibility(self.queues.url(name), leased, seconds=0)
        return settled

    def _settle(self, queue: str, received: ReceivedMessage, settled: Settled) -> None:
        standing = self.dead_letters.standing(queue, received)
        if standing is Standing.DONE_WITH:
            self.queues.delete(self.queues.url(dead_letter_name(self.prefix, queue)), received.handle)
        elif standing is Standing.NEW:
            self._settle_new(queue, received, settled)

    def _settle_new(self, queue: str, received: ReceivedMessage, settled: Settled) -> None:
        try:
            message = self._read(received)
        except UnreadableMessage as error:
            letter = foreign_letter(queue, received, why=str(error), code=_code(received, error))
            settled.unreadable += self.dead_letters.index(letter)
            return
        self.results.create(queued_record(message))
        record = self.results.get(message.task_id)
        if record is not None and record.generation == message.generation and not self._is_running(record):
            settled.failed += self._fail(message, record, body=received.body)

    def _read(self, received: ReceivedMessage) -> TaskMessage:
        """Raises UnreadableMessage: nobody's word but a signature makes it a task of ours."""
        if why := received.attributes.get(UNREADABLE_ATTRIBUTE):
            raise UnreadableMessage(why)
        if TASK_ATTRIBUTE in received.attributes:
            raise ForgedMessage("it says that it is a dead letter of AI-Prism, and none was written")
        self.signer.verify(open_envelope(received.body), late=True)
        return read_body(received.body)

    def _fail(self, message: TaskMessage, record: TaskRecord, *, body: str) -> bool:
        if not record.ended:
            self.failures.fail(message, Permanent("task/moved-by-queue"))
        latest = self.results.get(message.task_id)
        if latest is None or latest.generation != message.generation or not is_unburied(latest):
            return False
        self.dead_letters.index(letter_of(latest, body=body, moved_by="queue"))
        self.failures.mark_dead_lettered(latest)
        self.failures.forget(message)
        _log.error("task_moved_by_queue", task_id=message.task_id, queue=message.queue)
        return True

    def _is_running(self, record: TaskRecord) -> bool:
        holder = holder_of(record) if record.status is TaskStatus.STARTED else None
        return holder is not None and self.workers.is_alive(holder)


def _code(received: ReceivedMessage, error: UnreadableMessage) -> str:
    """Put aside by a worker, forged, or moved by SQS before any worker could say what is wrong with it."""
    if UNREADABLE_ATTRIBUTE in received.attributes:
        forged = received.attributes.get(CODE_ATTRIBUTE) == ForgedMessage.code
        return ForgedMessage.code if forged else UnreadableMessage.code
    return error.code if isinstance(error, ForgedMessage) else "task/moved-by-queue"
