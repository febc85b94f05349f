"""Changing the outline of a stored review, and cancelling the tasks of sections that are gone or skipped now."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.queueing.cancel import Cancellation
from core.review.outline_editing import Edit, OutlineConflict, edited
from core.review.repository import ReviewRepository
from core.review.session import DOCUMENT_SECTION, ReviewSession


@dataclass(frozen=True)
class OutlineService:
    """Changes the outline of stored reviews."""

    reviews: ReviewRepository
    cancellation: Cancellation

    def change(self, session_id: str, edits: Sequence[Edit], *, rev: int | None = None) -> ReviewSession:
        """Applies all of the edits, or none. rev: of the outline that the reviewer has seen; None: any.

        Raises OutlineConflict, Permanent session/not-found, section/not-found or outline/refused.
        """
        blocks = self.reviews.blocks(session_id)

        def cut(now: ReviewSession) -> ReviewSession:
            if rev is not None and rev != now.outline_rev:
                raise OutlineConflict(now)
            return edited(now, edits, blocks=blocks)

        session = self.reviews.update(session_id, cut)
        wanted = {section.id for section in session.sections if not section.skipped} | {DOCUMENT_SECTION}
        self.cancellation.cancel(task for section, task in session.tasks.items() if section not in wanted)
        return session
