"""Submits questions: claims the place of the one running question, stores the question, then submits its task."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from core.clock import Clock, iso
from core.errors import AppError
from core.queueing.dispatch import Dispatcher, TaskRequest
from core.queueing.results import TaskRecord
from core.queueing.topology import CHAT, PROCESS_CHAT
from core.review.chat import ChatLog, ChatQuestion
from core.review.chat_running import RunningQuestion
from core.review.session import ReviewSession


@dataclass(frozen=True)
class ChatSubmission:
    """Submits questions.

    before_asking: raises if no new work is accepted, such as when the daily cost is reached.
    """

    log: ChatLog
    running: RunningQuestion
    dispatcher: Dispatcher
    before_asking: Callable[[], None]
    clock: Clock

    def ask(
        self, session: ReviewSession, text: str, *, by: str, section_id: str = "", finding_id: str = ""
    ) -> TaskRecord:
        """Submits a question and returns its task. The caller has checked the section and finding that it is about.

        Raises Permanent chat/busy while another question of this review is running, Transient storage/unavailable.
        """
        self.before_asking()
        question = ChatQuestion(
            id=str(uuid.uuid4()),
            asked_at=iso(self.clock.now()),
            asked_by=by,
            text=text,
            section_id=section_id,
            finding_id=finding_id,
        )
        self.running.take(session.id, question.id)
        try:
            # Written before the task: a worker that is given the task finds its question.
            self.log.add(session.id, question)
            return self.dispatcher.submit(_request(session, question))
        except AppError:
            self.running.give_back(session.id, question.id)
            raise


def _request(session: ReviewSession, question: ChatQuestion) -> TaskRequest:
    return TaskRequest(question.id, PROCESS_CHAT, CHAT.key, session.owner, session.id, section_id="")
