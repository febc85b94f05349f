"""Cancels tasks. A task may end and be cancelled at the same moment: the first compare-and-swap wins.

    queued, waiting     never sent
    queued, in SQS      its message is acknowledged unread
    running             noticed before the next model call; an answer that comes later goes into the cache only

The record of a cancelled task stays, because it is what stops a worker. When the review is deleted the record has
to go as well, but not before the last message of the task: outbox/revoked/<task_id> marks it for removal until
then.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.aws.object_store import Damaged, ObjectStore, put_json
from core.clock import Clock, iso
from core.observability.logs import get_logger
from core.queueing.keys import attempts_of, is_uuid
from core.queueing.message import message_of
from core.queueing.parallel import in_parallel
from core.queueing.release import Releases
from core.queueing.results import TaskRecord, TaskResults, TaskStatus
from core.queueing.transitions import revoked

_log = get_logger(__name__)
_PREFIX = "outbox/revoked/"


@dataclass(frozen=True)
class Cancellation:
    """Cancels tasks, and removes the records of cancelled tasks whose review was deleted.

    Errors: Transient storage/unavailable, Permanent storage/denied; tasks cancelled before the error stay
    cancelled.
    """

    store: ObjectStore
    results: TaskResults
    releases: Releases
    clock: Clock

    def cancel(self, task_ids: Iterable[str]) -> list[TaskRecord]:
        """Cancels those of the tasks that have not ended; returns the present records of all that exist."""
        swapped = [one for one in in_parallel(self._revoke, dict.fromkeys(task_ids)) if one is not None]
        ended = [message_of(record) for record, is_new in swapped if is_new]
        # All entries go before a place becomes free: else one of the cancelled tasks would get it.
        in_parallel(self.releases.outbox.drop_waiting, ended)
        in_parallel(self.releases.outbox.drop_sent, ended)
        for queue, user in dict.fromkeys(message.queue_and_user for message in ended):
            self.releases.try_fill(queue, user)
        if ended:
            _log.info("tasks_cancelled", tasks=len(ended))
        return [record for record, _is_new in swapped]

    def forget_later(self, record: TaskRecord) -> None:
        """Marks the record of a cancelled task, whose review is deleted, for removal by `forget`."""
        if record.status is TaskStatus.REVOKED:
            put_json(self.store, f"{_PREFIX}{record.task_id}", {"at": iso(self.clock.now())})

    def forget(self, *, older_than_s: float) -> int:
        """Removes the records that were marked at least `older_than_s` ago; returns how many."""
        before = self.clock.now() - older_than_s
        old = [info.key for info in self.store.list(_PREFIX) if info.modified_at <= before]
        in_parallel(self._forget, old)
        return len(old)

    def _revoke(self, task_id: str) -> tuple[TaskRecord, bool] | None:
        """The record, and whether this call cancelled it."""
        try:
            record = self.results.get(task_id)
        except Damaged as error:
            # It must not keep a review from being cancelled or deleted.
            _log.error("damaged_task_not_cancelled", task_id=task_id, detail=error.detail)
            return None
        if record is None or record.ended:
            return None if record is None else (record, False)
        swapped = self.results.swap(task_id, record.generation, self._revoked)
        if swapped is not None:
            return swapped, True
        latest = self.results.get(task_id)
        return None if latest is None else (latest, False)

    def _revoked(self, record: TaskRecord) -> TaskRecord | None:
        return None if record.ended else revoked(record, now=self.clock.now())

    def _forget(self, key: str) -> None:
        task_id = key.removeprefix(_PREFIX)
        if is_uuid(task_id):
            self.results.delete(task_id)
            # A worker in mid-call stores the answer that it has paid for, also after the deletion.
            self.store.purge(attempts_of(task_id))
        self.store.delete(key)
