"""Deletes a review with everything that contains its text: objects of the session, results, model calls.

One thing stays: answers in cache/, which may quote the text. They name no review and no person, serve every review
of the same text, and expire by the lifecycle rule of cache/ (ResultDays of infra/data.yaml).
"""

from dataclasses import dataclass

from core.aws.object_store import ObjectStore
from core.queueing.cancel import Cancellation
from core.queueing.keys import attempts_of, result_key
from core.queueing.parallel import in_parallel
from core.queueing.results import TaskRecord
from core.review.chat import ChatLog
from core.review.presence import session_prefix
from core.review.repository import ReviewRepository
from core.review.session import ReviewSession


@dataclass(frozen=True)
class ReviewRemoval:
    """Deletes reviews."""

    store: ObjectStore
    reviews: ReviewRepository
    cancellation: Cancellation

    def remove(self, session: ReviewSession) -> list[str]:
        """Deletes the review for good, with all stored versions, and returns the ids of its tasks.

        May be repeated after a failure, because what names the rest is deleted last.
        """
        task_ids = [*session.every_task, *ChatLog(self.store).question_ids(session.id)]
        self._remove_tasks(task_ids)
        last = self.reviews.delete(session.id) or session
        late = [task_id for task_id in last.every_task if task_id not in task_ids]
        self._remove_tasks(late)
        # A worker that was in mid-call when its task was cancelled may have stored its answer since.
        in_parallel(self._remove_attempts, task_ids)
        # A worker that was writing to the conversation meanwhile may not delete: what it wrote is removed here.
        self.store.purge(session_prefix(session.id))
        return task_ids + late

    def _remove_tasks(self, task_ids: list[str]) -> None:
        """Cancels what has not ended, and removes results and attempts.

        The record of a cancelled task holds ids alone and stays for a while, because it stops the worker: one that
        finds no record takes it for lost, and does the work.
        """
        records = self.cancellation.cancel(task_ids)
        in_parallel(self.cancellation.forget_later, records)
        in_parallel(self._remove_attempts, task_ids)
        in_parallel(self._remove_result, [record for record in records if record.result is not None])

    def _remove_result(self, record: TaskRecord) -> None:
        self.store.purge(result_key(record.task_id))

    def _remove_attempts(self, task_id: str) -> None:
        self.store.purge(attempts_of(task_id))
