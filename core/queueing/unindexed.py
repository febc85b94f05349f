"""Writes the missing index entries of messages in the dead-letter queues.

Messages that SQS itself moved, because they were received too often: nobody wrote a result for them, so their tasks
become FAILURE here. Messages that a worker put aside unread: they are only indexed. SQS cannot page, so messages
are leased for a moment and made visible again: all of them while SQS has more than the index, else a sample.
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
from core.queueing.queue_scan import scanning
from core.queueing.results import TaskRecord, TaskResults
from core.queueing.signing import Signer
from core.queueing.topology import dead_letter_name
from core.queueing.workers import Workers

_log = get_logger(__name__)
_MOST_S = 20.0
"""Time limit for one queue in one sweep."""
_SAMPLE = 100


@dataclass(frozen=True)
class IndexedCounts:
    """New index entries. failed: of tasks that became FAILURE. unreadable: of messages that are not envelopes."""

    failed: int = 0
    unreadable: int = 0

    @property
    def any(self) -> bool:
        return bool(self.failed or self.unreadable)


@dataclass(frozen=True)
class UnindexedMessages:
    """Finds messages without an index entry and writes it. Errors: Transient or Permanent storage/*, queue/*."""

    queues: SqsQueues
    results: TaskResults
    failures: Failures
    dead_letters: DeadLetters
    workers: Workers
    prefix: str
    signer: Signer
    clock: Clock

    def index(self, queue: str) -> IndexedCounts:
        """Writes the missing index entries of one dead-letter queue. queue: a topology key.

        Takes about 20 s at most; the next sweep goes on with the rest.
        """
        name, ends_at = dead_letter_name(self.prefix, queue), self.clock.now() + _MOST_S
        there = self.queues.depth(name).total
        if there == 0:
            return IndexedCounts()
        known = self.dead_letters.messages(self.dead_letters.count(queue), queue)
        wanted = there if there > known else min(there, _SAMPLE)
        found: list[IndexedCounts] = []
        with scanning(self.queues, name) as scan:
            for batch in scan.batches():
                found += in_parallel(partial(self._index, queue), batch)
                if len(scan.seen) >= wanted or self.clock.now() >= ends_at:
                    break
        return _sum(found)

    def _index(self, queue: str, received: ReceivedMessage) -> IndexedCounts:
        state = self.dead_letters.state_of(queue, received)
        if state is MessageState.ARCHIVED:
            self.queues.delete(self.queues.url(dead_letter_name(self.prefix, queue)), received.handle)
        return self._index_new(queue, received) if state is MessageState.NEW else IndexedCounts()

    def _index_new(self, queue: str, received: ReceivedMessage) -> IndexedCounts:
        try:
            message = self._read(received)
        except UnreadableMessage as error:
            letter = foreign_letter(queue, received, why=str(error), code=_code(received, error))
            return IndexedCounts(unreadable=int(self.dead_letters.index(letter)))
        self.results.create(queued_record(message))
        record = self.results.get(message.task_id)
        if record is None or record.generation != message.generation or self.workers.is_running(record):
            return IndexedCounts()
        return IndexedCounts(failed=int(self._fail(message, record, body=received.body)))

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


def _sum(found: Sequence[IndexedCounts]) -> IndexedCounts:
    return IndexedCounts(sum(one.failed for one in found), sum(one.unreadable for one in found))


def _code(received: ReceivedMessage, error: UnreadableMessage) -> str:
    """Put aside by a worker, forged, or moved by SQS before any worker could say what is wrong with it."""
    if UNREADABLE_ATTRIBUTE in received.attributes:
        forged = received.attributes.get(CODE_ATTRIBUTE) == ForgedMessage.code
        return ForgedMessage.code if forged else UnreadableMessage.code
    return error.code if isinstance(error, ForgedMessage) else "task/moved-by-queue"
