"""Changing the outline of a stored review, and stopping the work that nobody asks for any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import Clock
from core.queueing.parallel import in_parallel
from core.queueing.results import TaskRecord, TaskResults
from core.queueing.transitions import revoked
from core.review.outline_editing import Edit, OutlineConflict, edited
from core.review.repository import ReviewRepository
from core.review.session import ReviewSession


@dataclass(frozen=True)
class OutlineService:
    reviews: ReviewRepository
    results: TaskResults
    clock: Clock

    def change(self, session_id: str, edits: Sequence[Edit], *, rev: int | None = None) -> ReviewSession:
        """All edits or none. rev: the outline's, as the reviewer had seen it; None: whatever it is now.

        Raises OutlineConflict, Permanent session/not-found, section/not-found or outline/refused.
        """
        blocks = self.reviews.blocks(session_id)

        def cut(now: ReviewSession) -> ReviewSession:
            if rev is not None and rev != now.outline_rev:
                raise OutlineConflict(now)
            return edited(now, edits, blocks=blocks)

        session = self.reviews.update(session_id, cut)
        wanted = {section.id for section in session.sections if not section.skipped}
        idle = [task_id for section_id, task_id in session.tasks.items() if section_id not in wanted]
        in_parallel(self._stop, idle)
        return session

    def _stop(self, task_id: str) -> None:
        """What has ended stays as it is."""
        record = self.results.get(task_id)
        if record is not None and not record.ended:
            self.results.swap(task_id, record.generation, self._cancelled)

    def _cancelled(self, record: TaskRecord) -> TaskRecord | None:
        return None if record.ended else revoked(record, now=self.clock.now())
