"""Editing and replaying a dead letter, for the console and the command line."""

from core.errors import Permanent
from core.pipeline.submission import AnalysisSubmission
from core.queueing.editing import LetterEditing
from core.queueing.results import TaskRecord
from core.queueing.service import Queueing
from core.review.repository import ReviewRepository


def letter_editing(
    queueing: Queueing, submission: AnalysisSubmission, reviews: ReviewRepository
) -> LetterEditing:
    """The service that submits the section that an edited dead letter names, as its user would have."""

    def ask(session_id: str, section_id: str) -> TaskRecord:
        session = reviews.get(session_id)
        if session is None:
            raise Permanent("session/not-found")
        if session.signed_off is not None:
            raise Permanent("review/signed-off")
        return submission.submit(session, section_id)

    return LetterEditing(queueing.dead_letters, queueing.audit, ask, queueing.clock)
