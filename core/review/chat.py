"""The conversation about a document: one object per question and per answer, never changed.

sessions/<id>/chat/<asked_ms>-<question id>.json          a question, written before its task is accepted
sessions/<id>/chat/<asked_ms>-<question id>-answer.json   its answer, written by the worker; the first one counts

A question's id is its task's id, so its state is read from the task's result.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, get_as, get_json, put_json, to_json
from core.clock import iso
from core.documents.model import Anchor, Stage
from core.errors import Permanent
from core.observability.logs import get_logger
from core.queueing.keys import is_uuid, milliseconds
from core.queueing.parallel import in_parallel
from core.review.presence import session_prefix, undo_if_deleted

MOST_CHARS = 4_000
"""Of one question."""

_UNREADABLE = "(This question cannot be read.)"
_log = get_logger(__name__)
_EVENT = re.compile(r"([0-9]{13})-([0-9a-f-]{36})(-answer)?\.json")


@dataclass(frozen=True)
class ChatQuestion:
    """A question. asked_at: ISO UTC. section_id, finding_id: what it is about, "" for the whole document."""

    id: str
    asked_at: str
    asked_by: str
    text: str
    section_id: str = ""
    finding_id: str = ""


@dataclass(frozen=True)
class ChatTurn:
    """A question with its answer.

    answer: the `result` of the question's task, or None; citations in code points. damaged: its question or its
    answer cannot be read.
    """

    question: ChatQuestion
    answer: dict[str, Any] | None = None
    damaged: bool = False


@dataclass(frozen=True)
class ChatLog:
    """Stores questions and answers.

    The caller has checked the shape of ids. Errors: Transient or Permanent storage/*.
    """

    store: ObjectStore

    def add(self, session_id: str, question: ChatQuestion) -> None:
        """Stores a question.

        Raises Permanent session/not-found, and leaves nothing, if the review was deleted meanwhile.
        """
        put_json(self.store, _question_key(session_id, question), asdict(question))
        undo_if_deleted(self.store, session_id, written=chat_prefix(session_id))

    def question(self, session_id: str, question_id: str) -> ChatQuestion | None:
        entry = next((one for one in self._entries(session_id) if one.question_id == question_id), None)
        return self._question(entry) if entry else None

    def turns(self, session_id: str) -> list[ChatTurn]:
        """Returns every turn, oldest first."""
        return self._turns(self._entries(session_id))

    def before(self, session_id: str, question: ChatQuestion, *, most: int) -> list[ChatTurn]:
        """Returns the last `most` answered turns before `question`, oldest first, without damaged ones."""
        entries = self._entries(session_id)
        earlier = [
            one for one in entries if one.answer_key and one.asked_ms < milliseconds(question.asked_at)
        ]
        return [turn for turn in self._turns(earlier[-most:]) if not turn.damaged]

    def answer(self, session_id: str, question: ChatQuestion, result: dict[str, Any]) -> dict[str, Any]:
        """Stores `result` as the answer, unless there is one already, and returns the one that counts."""
        key = _answer_key(session_id, question)
        if self.store.create(key, to_json(result)) is not None:
            return result
        kept = get_json(self.store, key)
        if kept is None:
            raise Permanent("session/not-found", "The review was deleted while its question was answered.")
        return dict(kept)

    def question_ids(self, session_id: str) -> list[str]:
        return [entry.question_id for entry in self._entries(session_id)]

    def unanswered_ids(self, session_id: str) -> list[str]:
        return [entry.question_id for entry in self._entries(session_id) if not entry.answer_key]

    def _turns(self, entries: Sequence["_Entry"]) -> list[ChatTurn]:
        return [turn for turn in in_parallel(self._turn, entries) if turn is not None]

    def _turn(self, entry: "_Entry") -> ChatTurn | None:
        """One that cannot be read is a turn too: it must not hide the rest of the conversation."""
        try:
            question = self._question(entry)
        except Damaged as error:
            _log.error("chat_question_unreadable", detail=error.detail)
            unread = ChatQuestion(
                entry.question_id, iso(entry.asked_ms / 1000), asked_by="", text=_UNREADABLE
            )
            return ChatTurn(unread, damaged=True)
        if question is None:
            return None
        try:
            answer = get_as(self.store, entry.answer_key, _answer) if entry.answer_key else None
        except Damaged as error:
            _log.error("chat_answer_unreadable", detail=error.detail)
            return ChatTurn(question, damaged=True)
        return ChatTurn(question, answer)

    def _question(self, entry: "_Entry") -> ChatQuestion | None:
        return get_as(self.store, entry.question_key, partial(from_known, ChatQuestion))

    def _entries(self, session_id: str) -> list["_Entry"]:
        """The questions by time of asking; one LIST per thousand events."""
        found: dict[str, _Entry] = {}
        for info in self.store.list(chat_prefix(session_id)):
            match = _EVENT.fullmatch(info.key.rpartition("/")[2])
            if match is None or not is_uuid(match[2]):
                continue
            base = info.key.removesuffix(".json").removesuffix("-answer")
            answer_key = info.key if match[3] else found[base].answer_key if base in found else ""
            found[base] = _Entry(int(match[1]), match[2], f"{base}.json", answer_key)
        return sorted(found.values(), key=lambda one: (one.asked_ms, one.question_id))


@dataclass(frozen=True)
class _Entry:
    asked_ms: int
    question_id: str
    question_key: str
    answer_key: str


def _answer(data: Any) -> dict[str, Any]:
    """The answer as it is stored, or an error if it is none."""
    for item in data["citations"]:
        Anchor.from_dict({**item, "stage": Stage.EXACT})
    if not isinstance(data["answer"], str):
        raise TypeError("not a text")
    return dict(data)


def chat_prefix(session_id: str) -> str:
    return f"{session_prefix(session_id)}chat/"


def _base(session_id: str, question: ChatQuestion) -> str:
    return f"{chat_prefix(session_id)}{milliseconds(question.asked_at):013d}-{question.id}"


def _question_key(session_id: str, question: ChatQuestion) -> str:
    return f"{_base(session_id, question)}.json"


def _answer_key(session_id: str, question: ChatQuestion) -> str:
    return f"{_base(session_id, question)}-answer.json"
