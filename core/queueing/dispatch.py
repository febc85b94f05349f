"""Submitting: from a request for work to a message on the queue, in an order that survives a kill anywhere.

    1 outbox entry, waiting     killed after it: the sweep makes the result object and releases
    2 result object, queued     If-None-Match decides between two submits of the same task
    3 release claim             If-None-Match; killed after it: resent after RESEND_AFTER_S
    4 SendMessage               killed after it: sent twice, which claims make harmless
    5 sent_at
    6 waiting entry dropped

Accepting (1, 2) and releasing (3 to 6, see release.py) are two functions, because a release may come much later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from core.aws.object_store import Damaged
from core.clock import Clock, iso
from core.errors import Transient
from core.observability.correlation import correlation_id
from core.queueing.message import TaskMessage, message_of, queued_record
from core.queueing.outbox import Outbox
from core.queueing.parallel import in_parallel
from core.queueing.release import Releases
from core.queueing.results import TaskRecord, TaskResults, TaskStatus
from core.queueing.transitions import asked_again

_ASKED_AGAIN = (TaskStatus.FAILURE, TaskStatus.REVOKED)


@dataclass(frozen=True)
class TaskRequest:
    """A request for one task.

    task_id: derived from what is asked, so that asking twice is one task. queue: a topology key.
    """

    task_id: str
    task: str
    queue: str
    owner: str
    session_id: str
    section_id: str


class Dispatcher:
    """Accepts requests for tasks and releases their messages.

    Errors: Transient storage/unavailable before the work is accepted; none after that.
    """

    def __init__(self, results: TaskResults, outbox: Outbox, releases: Releases, *, clock: Clock) -> None:
        self._results = results
        self._outbox = outbox
        self._releases = releases
        self._clock = clock

    def submit(self, request: TaskRequest) -> TaskRecord:
        """Submits a task and returns its record: a new one, or that of the same task asked for earlier.

        Queued, running and successful tasks are returned as they are; failed and cancelled ones run again under the
        same id in the next generation.
        """
        return self.submit_many([request])[0]

    def submit_many(
        self, requests: Sequence[TaskRequest], *, beside: Callable[[], object] = lambda: None
    ) -> list[TaskRecord]:
        """Submits many tasks side by side; returns their records in the order of `requests`.

        Messages are sent in that order too, as far as their user has places. beside: runs while the requests are
        accepted; no message is sent before it has returned, and none if it raises.
        """
        now = self._clock.now()
        # A millisecond apart, because entries wait in the order of these times.
        messages = [self._message(request, now + number / 1000) for number, request in enumerate(requests)]
        users = dict.fromkeys(message.queue_and_user for message in messages)
        # One list of steps, because a person waits for the slowest of all of them.
        steps: list[Callable[[], Any]] = [
            *(partial(self._releases.room, *user) for user in users),
            *(partial(self._accept, *asked) for asked in zip(requests, messages, strict=True)),
            beside,
        ]
        answers = iter(in_parallel(lambda step: step(), steps))
        room = {user: next(answers) for user in users}
        accepted = [next(answers) for _message in messages]
        self._release_new([message_of(record) for record, is_new in accepted if is_new], room)
        return [record for record, _is_new in accepted]

    def _release_new(
        self, messages: Sequence[TaskMessage], room: Mapping[tuple[str, str], int | None]
    ) -> None:
        """Sends the messages as far as there is room. room: (queue, user) -> free places, None for any number."""
        for user, places in room.items():
            own = [message for message in messages if message.queue_and_user == user][:places]
            # The last is sent last: it may be the one that is about all the others.
            in_parallel(self._releases.release, own[:-1])
            in_parallel(self._releases.release, own[-1:])

    def accept(self, request: TaskRequest) -> tuple[TaskRecord, bool]:
        """Does steps 1 and 2. Returns the record, and whether this call created or renewed it."""
        return self._accept(request, self._message(request, self._clock.now()))

    def _accept(self, request: TaskRequest, message: TaskMessage) -> tuple[TaskRecord, bool]:
        self._outbox.accept(message)
        record = queued_record(message)
        if self._results.create(record):
            return record, True
        return self._existing(request, message)

    def release(self, message: TaskMessage, *, delay_s: float = 0) -> bool:
        """Does steps 3 to 6 whatever the user's places.

        Returns False if it was sent before, or SQS did not answer.
        """
        return self._releases.release(message, delay_s=delay_s)

    def _existing(self, request: TaskRequest, message: TaskMessage) -> tuple[TaskRecord, bool]:
        try:
            present = self._results.get(request.task_id)
        except Damaged:
            queued = queued_record(message)
            if self._results.restore(queued):
                return queued, True
            present = self._results.get(request.task_id)
        if present is None:
            self._outbox.drop_waiting(message)
            raise Transient("storage/unavailable", "The task was deleted while it was asked for.")
        if present.status not in _ASKED_AGAIN:
            self._drop_own(message, present)
            return present, False
        renewed = replace(message, generation=present.generation + 1)
        self._outbox.accept(renewed)
        self._drop_own(message, present)
        record = self.renew(present, renewed)
        if record is not None:
            return record, True
        # Somebody else renewed it at the same moment: theirs counts.
        latest = self._results.get(request.task_id) or present
        self._drop_own(renewed, latest)
        return latest, False

    def renew(self, present: TaskRecord, message: TaskMessage) -> TaskRecord | None:
        """Starts the generation of `message` on a failed or cancelled task. Returns None if it is no longer one."""

        def change(record: TaskRecord) -> TaskRecord | None:
            if record.status not in _ASKED_AGAIN:
                return None
            correlation = message.correlation_id
            return asked_again(record, accepted_at=message.accepted_at, correlation_id=correlation)

        return self._results.swap(present.task_id, present.generation, change)

    def _drop_own(self, message: TaskMessage, present: TaskRecord) -> None:
        """Drops the entry of a submit that did not count, unless `present` has the same one.

        Two submits in the same millisecond share an entry.
        """
        if message_of(present).entry != message.entry:
            self._outbox.drop_waiting(message)

    def _message(self, request: TaskRequest, at: float) -> TaskMessage:
        return TaskMessage(
            task_id=request.task_id,
            task=request.task,
            queue=request.queue,
            owner=request.owner,
            session_id=request.session_id,
            section_id=request.section_id,
            generation=1,
            accepted_at=iso(at),
            correlation_id=correlation_id(),
        )
