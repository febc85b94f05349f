"""Answers one question of the chat: document and conversation -> prompt -> model -> checked citations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from core.async_request_manager import AsyncRequestManager
from core.clock import Clock, iso
from core.documents.model import Block, Section
from core.errors import Permanent, Transient
from core.models.exchange import ModelAnswer
from core.observability.logs import get_logger
from core.pipeline.answer_service import AskingTask
from core.pipeline.calls_made import calls_made, display_name
from core.pipeline.chat.answer import parse_reply
from core.pipeline.chat.citations import Cited, cited
from core.pipeline.chat.passages import Reading, reading
from core.pipeline.chat.prompt import EARLIER_TURNS, ChatPrompt, chat_request, prompt_version
from core.pipeline.section_text import readable
from core.review.chat import ChatLog, ChatQuestion
from core.review.finding import Finding
from core.review.overview import OverviewReader
from core.review.repository import ReviewRepository
from core.review.review_parts import standings
from core.review.session import ReviewSession

_ANSWER_TOKENS = (1_500, 4_000)
"""First try, and once more with more room where that was not enough."""

_log = get_logger(__name__)


class ChatContext(AskingTask, Protocol):
    """The task that answers, as far as it matters here; see TaskContext in core.queueing.lifecycle."""

    @property
    def check_wanted(self) -> Callable[[], None]: ...


@dataclass(frozen=True)
class _Subject:
    session: ReviewSession
    question: ChatQuestion
    blocks: tuple[Block, ...]
    prompt: ChatPrompt


class ChatAnswering:
    """Answers questions about documents."""

    def __init__(
        self,
        *,
        reviews: ReviewRepository,
        overviews: OverviewReader,
        log: ChatLog,
        models: AsyncRequestManager,
        before_call: Callable[[], None],
        clock: Clock,
    ) -> None:
        """before_call: raises if no model may be called now, such as when the daily cost is reached."""
        self._reviews = reviews
        self._overviews = overviews
        self._log = log
        self._models = models
        self._before_call = before_call
        self._clock = clock

    def run(self, session_id: str, message_id: str, context: ChatContext) -> dict[str, Any]:
        """Answers a question; stores the answer in the conversation and returns it as the `result` of a SUCCESS.

        {answer, citations: [{block_id, start, end, quote}], dropped_citations, model_used, model_id, brain,
        sources, usage, cost_usd, timings, tried, read: {blocks, of}, prompt_version, answered_at}; offsets in code
        points

        Raises what invoke_with_fallback raises, Transient model/invalid-answer, Permanent session/not-found.
        """
        started_at = self._clock.now()
        subject = self._subject(session_id, message_id)
        answer = self._ask(subject.prompt, context)
        reply = parse_reply(answer.content)
        found = cited(reply.citations, subject.blocks)
        if found.dropped:
            _log.warning("citations_dropped", dropped=found.dropped, model=answer.model_id)
        result = {
            "answer": reply.answer,
            **_cited(found),
            **_who_answered(answer),
            **calls_made([answer]),
            "timings": {"total_s": round(self._clock.now() - started_at, 3), "model_s": answer.latency_s},
            "read": {"blocks": len(subject.prompt.reading.blocks), "of": subject.prompt.reading.of},
            "prompt_version": prompt_version(),
            "answered_at": iso(self._clock.now()),
        }
        # The conversation keeps what the record of a cancelled question would refuse.
        context.check_wanted()
        return self._keep(subject, result)

    def _subject(self, session_id: str, message_id: str) -> _Subject:
        session = self._reviews.get(session_id)
        question = self._log.question(session_id, message_id) if session is not None else None
        if session is None or question is None:
            raise _deleted()
        finding = self._finding(session, question)
        every_block = self._reviews.blocks(session_id)
        blocks = readable(every_block)
        section = _section(session, question, finding)
        about = section.blocks(every_block) if section is not None else ()
        prompt = ChatPrompt(
            question=question.text,
            reading=_reading(blocks, question, about),
            outline=session.sections,
            section=section,
            finding=finding,
            earlier=self._log.before(session_id, question, most=EARLIER_TURNS),
        )
        return _Subject(session, question, blocks, prompt)

    def _finding(self, session: ReviewSession, question: ChatQuestion) -> Finding | None:
        """The finding that the question is about; None also if a new run has replaced it since."""
        if not question.finding_id:
            return None
        present = standings(self._overviews.parts(session))
        return next((one.finding for one in present if one.finding.id == question.finding_id), None)

    def _ask(self, prompt: ChatPrompt, context: ChatContext) -> ModelAnswer:
        for answer_tokens in _ANSWER_TOKENS:
            self._before_call()
            answer = self._models.invoke_with_fallback(
                chat_request(prompt, answer_tokens=answer_tokens),
                queue=context.queue,
                attempts=context.attempts,
                deadline_at=context.deadline_at,
                check=_check,
            )
            if not answer.cut_off:
                return answer
        raise Transient("model/invalid-answer", "The model's answer was cut off, with all the room there is.")

    def _keep(self, subject: _Subject, result: dict[str, Any]) -> dict[str, Any]:
        """Nothing is written into a review that was deleted while the model was thinking."""
        if self._reviews.get(subject.session.id) is None:
            raise _deleted()
        return self._log.answer(subject.session.id, subject.question, result)


def _check(answer: ModelAnswer) -> None:
    if not answer.cut_off:
        parse_reply(answer.content)


def _deleted() -> Permanent:
    return Permanent("session/not-found", "The review was deleted before this question was answered.")


def _section(session: ReviewSession, question: ChatQuestion, finding: Finding | None) -> Section | None:
    if question.section_id or finding is None:
        return session.section(question.section_id)
    return session.section(finding.section_id)


def _reading(blocks: tuple[Block, ...], question: ChatQuestion, about: tuple[Block, ...]) -> Reading:
    return reading(blocks, question=question.text, about=about)


def _cited(found: Cited) -> dict[str, Any]:
    return {"citations": list(found.citations), "dropped_citations": found.dropped}


def _who_answered(answer: ModelAnswer) -> dict[str, Any]:
    return {
        "model_used": display_name(answer),
        "model_id": answer.model_id,
        "brain": answer.brain,
        "sources": [answer.brain or answer.model_id],
    }
