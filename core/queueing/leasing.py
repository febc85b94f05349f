"""Looking through a queue without taking anything: SQS cannot page, so messages are leased and shown again.

While they are leased nobody else sees them; a look that takes longer than the lease meets some of them twice.
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
class Look:
    """One look through a queue. seen: ids of the messages so far."""

    queues: SqsQueues
    name: str
    leased: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def batches(self) -> Iterator[list[ReceivedMessage]]:
        """Every message once, some at a time, until there is none that was not seen."""
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

    def take_off(self, messages: list[ReceivedMessage]) -> int:
        """Deletes leased messages for good; how many."""
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
def looking_through(queues: SqsQueues, name: str) -> Iterator[Look]:
    """Looks through a queue. What was leased and not taken off is shown again at the end, whatever happens."""
    look = Look(queues, name)
    try:
        yield look
    finally:
        url, batches = queues.url(name), _batches(list(look.leased.values()))
        in_parallel(lambda batch: queues.set_visibility(url, batch, seconds=0), batches)


def _batches(handles: list[str]) -> list[list[str]]:
    return [handles[start : start + _BATCH] for start in range(0, len(handles), _BATCH)]


def take_off(queues: SqsQueues, name: str, *, wanted: Callable[[ReceivedMessage], bool], most: int) -> int:
    """Deletes the messages that are `wanted`, at most so many; how many were there."""
    taken = 0
    if most == 0 or queues.depth(name).total == 0:
        return 0
    with looking_through(queues, name) as look:
        for batch in look.batches():
            taken += look.take_off([message for message in batch if wanted(message)])
            if taken >= most:
                break
    return taken
