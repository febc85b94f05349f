"""Dead letters that nobody has written into the index yet.

Messages that SQS itself moved, because they were received too often without an end: nobody wrote a result for
them, so their tasks get their FAILURE here. Messages that a worker put aside unread: they are only listed.
SQS cannot page, so what is there is leased for a moment, looked at and shown again: all of it while SQS has more
than the index, else a sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from core.aws.sqs import ReceivedMessage, SqsQueues
from core.clock import Clock
from core.errors import Permanent
from core.observability.logs import get_logger
from core.queueing.dead_letters import DeadLetters, MessageState
from core.queueing.failure import Failures, lacks_dead_letter
from core.queueing.leasing import looking_through
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
from core.queueing.parallel import in_parallel
from core.queueing.results import TaskRecord, TaskResults
from core.queueing.signing import Signer
from core.queueing.topology import dead_letter_name
from core.queueing.workers import Workers

_log = get_logger(__name__)
_MOST_S = 20.0
"""For one queue in one sweep."""
_SAMPLE = 100


@dataclass(frozen=True)
class Settled:
    """failed: tasks that got their FAILURE. unreadable: new index entries of messages that are no envelope."""

    failed: int = 0
    unreadable: int = 0

    @property
    def any(self) -> bool:
        return bool(self.failed or self.unreadable)


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
    clock: Clock

    def settle(self, queue: str) -> Settled:
        """Gives each message in a dead-letter queue its index entry. queue: a topology key.

        Takes about 20 s at most; the next sweep goes on with the rest.
        """
        name, ends_at = dead_letter_name(self.prefix, queue), self.clock.now() + _MOST_S
        there = self.queues.depth(name).total
        if there == 0:
            return Settled()
        known = self.dead_letters.messages(self.dead_letters.count(queue), queue)
        wanted = there if there > known else min(there, _SAMPLE)
        found: list[Settled] = []
        with looking_through(self.queues, name) as look:
            for batch in look.batches():
                found += in_parallel(partial(self._settle, queue), batch)
                if len(look.seen) >= wanted or self.clock.now() >= ends_at:
                    break
        return _sum(found)

    def _settle(self, queue: str, received: ReceivedMessage) -> Settled:
        state = self.dead_letters.state_of(queue, received)
        if state is MessageState.ARCHIVED:
            self.queues.delete(self.queues.url(dead_letter_name(self.prefix, queue)), received.handle)
        return self._settle_new(queue, received) if state is MessageState.NEW else Settled()

    def _settle_new(self, queue: str, received: ReceivedMessage) -> Settled:
        try:
            message = self._read(received)
        except UnreadableMessage as error:
            letter = foreign_letter(queue, received, why=str(error), code=_code(received, error))
            return Settled(unreadable=int(self.dead_letters.index(letter)))
        self.results.create(queued_record(message))
        record = self.results.get(message.task_id)
        if record is None or record.generation != message.generation or self.workers.is_running(record):
            return Settled()
        return Settled(failed=int(self._fail(message, record, body=received.body)))

    def _read(self, received: ReceivedMessage) -> TaskMessage:
        """Raises UnreadableMessage unless it is a task of ours: only its signature proves that."""
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
        if latest is None or latest.generation != message.generation or not lacks_dead_letter(latest):
            return False
        self.dead_letters.index(letter_of(latest, body=body, moved_by="queue"))
        self.failures.mark_dead_lettered(latest)
        self.failures.forget(message)
        _log.error("task_moved_by_queue", task_id=message.task_id, queue=message.queue)
        return True


def _sum(found: Sequence[Settled]) -> Settled:
    return Settled(sum(one.failed for one in found), sum(one.unreadable for one in found))


def _code(received: ReceivedMessage, error: UnreadableMessage) -> str:
    """Put aside by a worker, forged, or moved by SQS before any worker could say what is wrong with it."""
    if UNREADABLE_ATTRIBUTE in received.attributes:
        forged = received.attributes.get(CODE_ATTRIBUTE) == ForgedMessage.code
        return ForgedMessage.code if forged else UnreadableMessage.code
    return error.code if isinstance(error, ForgedMessage) else "task/moved-by-queue"
