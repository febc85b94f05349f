"""How much work waits in each queue, how much is under way, and how old the oldest unfinished task is.

Accepted work is counted exactly, in the outbox; SQS's depths are estimates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.aws.sqs import QueueDepth
from core.clock import epoch, iso
from core.errors import AppError
from core.operations.faults import or_fault
from core.operations.letter_snapshot import LetterSnapshots
from core.queueing.outbox import Outbox
from core.queueing.parallel import in_parallel
from core.queueing.service import Queueing
from core.queueing.topology import QUEUES, dead_letter_name, queue_name

_MOST_READ = 200
"""The most released entries that one call reads, oldest first; the next call reads the others."""


Accepted = tuple[float, str]
"""(epoch seconds, task id)"""


@dataclass(frozen=True)
class QueueState:
    """State of one queue.

    unreleased: tasks accepted and not yet sent to SQS. users: those with unfinished work. oldest_at: ISO UTC, when
    the oldest unfinished task was accepted; oldest_task: its id. depth: messages in SQS; None if it does not
    answer, and `fault` says why.
    """

    queue: str
    unreleased: int
    users: int
    oldest_at: str | None
    oldest_task: str | None
    depth: QueueDepth | None
    fault: AppError | None = None

    @property
    def not_begun(self) -> int | None:
        """Number of tasks that no worker has started; None if SQS does not answer."""
        return None if self.depth is None else self.unreleased + self.depth.waiting + self.depth.delayed

    def oldest_age_s(self, now: float) -> float | None:
        """Returns the age of the oldest unfinished task; None if there is none."""
        return None if self.oldest_at is None else round(max(0.0, now - epoch(self.oldest_at)), 1)


@dataclass
class QueueStates:
    """Reads the states of the queues. Caches when released tasks were accepted, so that only new entries are read.

    most_read: entries read per call and queue; the next call reads the rest. Errors: storage/*; of `dead_letters`
    queue/* as well.
    """

    queueing: Queueing
    prefix: str
    most_read: int = _MOST_READ
    _accepted: dict[str, dict[str, Accepted]] = field(default_factory=dict)

    def read(self) -> list[QueueState]:
        return in_parallel(self.state, [spec.key for spec in QUEUES])

    @property
    def letters(self) -> LetterSnapshots:
        return LetterSnapshots(self.queueing.store, self.queueing.clock)

    def dead_letters(self, queue: str, indexed: Mapping[str, int]) -> int:
        """Dead letters of a queue: messages in SQS or letters in the index, whichever are more.

        A new one may not be in the index yet; a restored one has no message. indexed: letters by queue.
        """
        messages = self.queueing.queues.depth(dead_letter_name(self.prefix, queue)).total
        return max(messages, indexed.get(queue, 0))

    def state(self, queue: str) -> QueueState:
        depth = or_fault(lambda: self.queueing.queues.depth(queue_name(self.prefix, queue)))
        waiting: list[Accepted] = []
        users, released = set(), []
        for name, info in self.queueing.outbox.listed(queue):
            users.add(name.user_hash)
            if name.waits:
                waiting.append((name.accepted_ms / 1000, name.task_id))
            else:
                released.append((info.modified_at, info.key))
        oldest = min([*waiting, *self._accepted_of(queue, sorted(released))], default=None)
        fault = depth if isinstance(depth, AppError) else None
        return QueueState(
            queue,
            unreleased=len(waiting),
            users=len(users),
            oldest_at=None if oldest is None else iso(oldest[0]),
            oldest_task=None if oldest is None else oldest[1],
            depth=None if fault else depth,
            fault=fault,
        )

    def _accepted_of(self, queue: str, released: list[tuple[float, str]]) -> list[Accepted]:
        keys, before = [key for _modified_at, key in released], self._accepted.get(queue, {})
        unknown = [key for key in keys if key not in before][: self.most_read]
        read = zip(unknown, in_parallel(self._read, unknown), strict=True)
        known = {key: before[key] for key in keys if key in before} | {key: at for key, at in read if at}
        self._accepted[queue] = known
        return list(known.values())

    def _read(self, key: str) -> Accepted | None:
        outbox: Outbox = self.queueing.outbox
        entry = outbox.read(key)
        return None if entry is None else (epoch(entry.message.accepted_at), entry.message.task_id)
