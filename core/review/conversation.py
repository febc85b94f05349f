"""The conversation as pages show it: turns with the state of each question, places in UTF-16 units."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.clock import Clock, epoch
from core.documents.model import Anchor, Block, Stage
from core.error_catalogue import CATALOGUE
from core.queueing.results import STATUS_WORDS, TERMINAL, TaskRecord, TaskStatus
from core.review.chat import ChatLog, ChatTurn
from core.review.chat_running import UNACCEPTED_S
from core.review.overview import error_body, progress_of
from core.review.repository import ReviewRepository
from core.review.result_cache import RecordSource
from core.review.session import ReviewSession

_SHOWN = ("answer", "model_used", "model_id", "brain", "sources", "dropped_citations", "read", "cost_usd")


@dataclass(frozen=True)
class ConversationReader:
    """Reads conversations for pages."""

    log: ChatLog
    reviews: ReviewRepository
    results: RecordSource
    clock: Clock

    def of(self, session: ReviewSession) -> dict[str, Any]:
        """Returns the body of GET /sessions/<id>/chat.

        running: id of the question that is not answered yet, or None.
        """
        turns = self.log.turns(session.id)
        records = self.results.get_many([turn.question.id for turn in turns if turn.answer is None])
        blocks = _Places(session, self.reviews.blocks(session.id) if turns else ())
        bodies = [self._turn(turn, records.get(turn.question.id), blocks) for turn in turns]
        running = [body["id"] for body in bodies if body["status"] in _RUNNING]
        return {
            "session_id": session.id,
            "turns": bodies,
            "running": running[-1] if running else None,
        }

    def _turn(self, turn: ChatTurn, record: TaskRecord | None, blocks: "_Places") -> dict[str, Any]:
        question = turn.question
        # Answered between the listing and the reading of the record: the result says the same as the event.
        answer = turn.answer or (record.result if record and not turn.damaged else None)
        status, error = self._state(turn, record)
        return {
            "id": question.id,
            "asked_at": question.asked_at,
            "asked_by": question.asked_by,
            "question": question.text,
            "section_id": question.section_id or None,
            "finding_id": question.finding_id or None,
            "status": STATUS_WORDS[status],
            "progress": progress_of(record) if record and answer is None else None,
            "error": error,
            "answer": _answer_body(answer, blocks) if answer else None,
        }

    def _state(
        self, turn: ChatTurn, record: TaskRecord | None
    ) -> tuple[TaskStatus, Mapping[str, Any] | None]:
        if turn.answer is not None:
            return TaskStatus.SUCCESS, None
        if turn.damaged:
            return TaskStatus.FAILURE, _damaged()
        if record is not None:
            return record.status, error_body(record) if record.status in TERMINAL else None
        if self.clock.now() - epoch(turn.question.asked_at) < UNACCEPTED_S:
            return TaskStatus.PENDING, None
        return TaskStatus.FAILURE, _unanswered()


def as_text(session: ReviewSession, conversation: Mapping[str, Any], *, called: Callable[[str], str]) -> str:
    """Returns the conversation as text for a file.

    conversation: as returned by `ConversationReader.of`. called: the name of a user, by the id.
    """
    head = f"Questions about {session.document_name}\n"
    return "\n".join([head, *(_turn_text(turn, called(turn["asked_by"])) for turn in conversation["turns"])])


def _turn_text(turn: Mapping[str, Any], asked_by: str) -> str:
    lines = [f"[{turn['asked_at']}] {asked_by} asked:", turn["question"], ""]
    answer = turn["answer"]
    if answer is None:
        return "\n".join([*lines, f"({turn['status']}, without an answer)", ""])
    quotes = [f'  "{citation["quote"]}"' for citation in answer["citations"]]
    by = "Local rules, no model" if answer["brain"] == "rules" else answer["model_used"]
    return "\n".join([*lines, f"[{answer['answered_at']}] {by}:", answer["answer"], *quotes, ""])


_RUNNING = {STATUS_WORDS[status] for status in TaskStatus if status not in TERMINAL}


def _unanswered() -> dict[str, Any]:
    """The error of a question whose task was never accepted, or whose result is older than results are kept."""
    code = "chat/unanswered"
    kind = CATALOGUE[code]
    return {"code": code, "detail": f"{kind.title}.", "retryable": True, "next_step": kind.next_step}


def _damaged() -> dict[str, Any]:
    return {
        "code": "storage/damaged",
        "detail": "This question or its answer cannot be read any more.",
        "retryable": False,
        "next_step": "Ask it again. An operator may be able to bring it back as it was.",
    }


def _answer_body(result: Mapping[str, Any], blocks: "_Places") -> dict[str, Any]:
    citations = [blocks.citation(item) for item in result["citations"]]
    return {
        **{name: result.get(name) for name in _SHOWN},
        "answered_at": result.get("answered_at"),
        "citations": [item for item in citations if item is not None],
    }


class _Places:
    """Where blocks stand: their text for offsets, their section for the words on the button."""

    def __init__(self, session: ReviewSession, blocks: tuple[Block, ...]) -> None:
        self._texts = {block.id: block.text for block in blocks}
        self._sections = {
            block.id: section.id for section in session.sections for block in section.blocks(blocks)
        }

    def citation(self, item: Mapping[str, Any]) -> dict[str, Any] | None:
        anchor = Anchor.from_dict({**item, "stage": Stage.EXACT})
        if not all(part.block_id in self._texts for part in anchor.parts):
            return None
        first, *more = (part.in_utf16(self._texts[part.block_id]) for part in anchor.parts)
        section_id = self._sections.get(anchor.block_id)
        return {**first, "quote": item["quote"], "section_id": section_id, **({"more": more} if more else {})}
