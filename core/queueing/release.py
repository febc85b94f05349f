"""Fair release: of a fair queue's work a few tasks per user are in SQS, the others wait in the outbox.

    accepted --> waiting/ --> claimed, sent/ --> SendMessage --> ... ended --> the user's next one
                 room for it now? at submit      |               whoever ends a task releases the next
                                                 the sweep: what a kill left between two steps, round-robin

Each user has the same few places, so a hundred sections of one user stand behind nobody else's first. All counts
come from listing one user's keys: the cost of a task does not grow with what others, or the user, have waiting.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from core.aws.object_store import ObjectInfo
from core.errors import AppError, Transient
from core.observability.logs import get_logger
from core.queueing.keys import EntryName
from core.queueing.message import TaskMessage
from core.queueing.outbox import Outbox, OutboxEntry
from core.queueing.parallel import Later, at_once
from core.queueing.results import TaskResults
from core.queueing.topology import is_fair

_log = get_logger(__name__)
_MOST_ROUNDS = 3


class Publisher(Protocol):
    """Sends task messages to their queues."""

    def send(self, message: TaskMessage, *, delay_s: float = 0) -> None:
        """Sends the message to its queue after `delay_s` seconds. Raises Transient queue/unavailable."""
        ...


@dataclass(frozen=True)
class Releases:
    """Releases accepted tasks: sends their messages, within each user's places.

    per_user: unfinished tasks of one user that are in SQS at a time. later: runs steps that nobody waits for.
    Errors: Transient storage/unavailable, Permanent storage/denied.
    """

    results: TaskResults
    outbox: Outbox
    publisher: Publisher
    per_user: int
    later: Later = at_once

    def release(self, message: TaskMessage, *, delay_s: float = 0) -> bool:
        """Sends an accepted task's message, once.

        Returns False if it was released before, or the queue did not answer.
        """
        entry = self.outbox.claim(message)
        if entry is not None:
            try:
                self.publisher.send(message, delay_s=delay_s)
            except Transient as error:
                _log.warning("send_postponed", task_id=message.task_id, code=error.code)
                return False
        self.later(lambda: self._note(message, entry))
        return entry is not None

    def room(self, queue: str, user: str) -> int | None:
        """Returns how many more tasks the user may have in SQS; None for no limit. user: hash, as in keys."""
        return max(0, self.per_user - len(self.outbox.sent_of(queue, user))) if is_fair(queue) else None

    def ended(self, message: TaskMessage) -> None:
        """Removes the entry of a task that has ended, and gives its place to the user's next task.

        Only the removal raises errors; the sweep releases what was not released here.
        """
        self.outbox.drop_sent(message)
        # In the background, so that the worker can take its next message meanwhile.
        self.later(partial(self.try_fill, *message.queue_and_user, places=1))

    def try_fill(self, queue: str, user: str, *, places: int | None = None) -> None:
        """Releases the user's oldest waiting tasks into free places; if that fails the sweep does it.

        places: how many have just become free by the caller's doing, as far as it knows; None for unknown.
        """
        try:
            if is_fair(queue):
                self._fill(queue, user, places=self.per_user if places is None else places)
        except AppError as error:
            _log.warning("next_not_released", queue=queue, code=error.code)

    def _fill(self, queue: str, user: str, *, places: int) -> None:
        for _round in range(_MOST_ROUNDS):
            turn = self._turn(queue, user)
            if not turn:
                return
            # Tasks that end together fill their places at the same time: each begins with another entry, or all
            # of them would run after the same one.
            first = random.randrange(len(turn))  # noqa: S311 - keeps them apart, guards nothing
            for info in turn[first:] + turn[:first]:
                places -= self._release_next(info)
                if not places:
                    return

    def _turn(self, queue: str, user: str) -> list[ObjectInfo]:
        # In this order: a release by another process is then seen in the second list, if not in the first.
        waiting = self.outbox.waiting_of(queue, user, most=2 * self.per_user)
        return next_of(waiting, self.outbox.sent_of(queue, user), places=self.per_user) if waiting else []

    def _release_next(self, info: ObjectInfo) -> bool:
        entry = self.outbox.read(info.key)
        record = self.results.get(entry.message.task_id) if entry is not None else None
        if entry is None or record is None or record.generation < entry.message.generation:
            # Gone meanwhile, or its submit has not written the record yet; if it never does, the sweep completes it.
            return False
        if record.ended or record.generation > entry.message.generation:
            self.outbox.drop_waiting(entry.message)
            return False
        return self.release(entry.message)

    def _note(self, message: TaskMessage, entry: OutboxEntry | None) -> None:
        if entry is not None:
            self.outbox.mark_sent(entry)
        self.outbox.drop_waiting(message)


def next_of(
    waiting: Sequence[tuple[EntryName, ObjectInfo]], sent: set[str], *, places: int
) -> list[ObjectInfo]:
    """Returns the entries to be released next. A waiting entry that is among `sent` is a half-finished release."""
    free = [info for name, info in waiting if name.task not in sent]
    return free[: max(0, places - len(sent))]
