"""Scans a queue without removing its messages: SQS cannot page, so messages are leased and made visible again.

While they are leased nobody else sees them; a scan that takes longer than the lease meets some of them twice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.aws.sqs import ReceivedMessage, SqsQueues
from core.queueing.parallel import in_parallel

_LEASE_S = 60
_WAIT_S = 1
"""With a long poll SQS asks all its servers; without, an answer without messages does not mean an empty queue."""
_AT_ONCE = 8
_BATCH = 10


@dataclass
class QueueScan:
    """One scan of a queue. seen: ids of the messages so far."""

    queues: SqsQueues
    name: str
    leased: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def batches(self) -> Iterator[list[ReceivedMessage]]:
        """Yields every message once, in batches, until a receive brings none that is new."""
        at_once = 1
        while True:
            received = [message for batch in self._receive(at_once) for message in batch]
            new = [message for message in received if message.message_id not in self.seen]
            self.leased |= {message.message_id: message.handle for message in received}
            self.seen |= {message.message_id for message in new}
            if not new:
                return
            yield new
            at_once = _AT_ONCE if len(received) >= at_once * _BATCH else 1

    def delete(self, messages: list[ReceivedMessage]) -> int:
        """Deletes leased messages for good; returns how many."""
        in_parallel(self._delete, _batches([self.leased[message.message_id] for message in messages]))
        for message in messages:
            del self.leased[message.message_id]
        return len(messages)

    def _receive(self, at_once: int) -> list[list[ReceivedMessage]]:
        def receive(_number: int) -> list[ReceivedMessage]:
            return self.queues.receive(self.name, lease_s=_LEASE_S, wait_s=_WAIT_S)

        return in_parallel(receive, range(at_once))

    def _delete(self, handles: list[str]) -> None:
        self.queues.delete_many(self.queues.url(self.name), handles)


@contextmanager
def scanning(queues: SqsQueues, name: str) -> Iterator[QueueScan]:
    """Scans a queue inside the `with` block.

    At its end, leased messages that were not deleted are made visible again.
    """
    scan = QueueScan(queues, name)
    try:
        yield scan
    finally:
        url, batches = queues.url(name), _batches(list(scan.leased.values()))
        in_parallel(lambda batch: queues.set_visibility(url, batch, seconds=0), batches)


def _batches(handles: list[str]) -> list[list[str]]:
    return [handles[start : start + _BATCH] for start in range(0, len(handles), _BATCH)]


def delete_matching(
    queues: SqsQueues, name: str, *, wanted: Callable[[ReceivedMessage], bool], most: int
) -> int:
    """Deletes the messages for which `wanted` is true; stops once `most` are deleted.

    Returns how many were deleted.
    """
    taken = 0
    if most == 0 or queues.depth(name).total == 0:
        return 0
    with scanning(queues, name) as scan:
        for batch in scan.batches():
            taken += scan.delete([message for message in batch if wanted(message)])
            if taken >= most:
                break
    return taken
