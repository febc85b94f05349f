"""The one running question of a review, and the conversation as a page gets it."""

from dataclasses import replace

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock, iso
from core.errors import Permanent
from core.queueing.results import TaskResults, TaskStatus
from core.review.chat import ChatLog, ChatQuestion, chat_prefix
from core.review.chat_running import UNACCEPTED_S, RunningQuestion
from core.review.conversation import ConversationReader
from core.review.repository import ReviewRepository
from tests.support.reviews import BLOCKS, a_record, a_session

ONE, TWO = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
ANSWER = {
    "answer": "Many.",
    "answered_at": "2027-01-15T08:00:05.000Z",
    "citations": [
        {"block_id": "b2", "start": 2, "end": 6, "quote": "Many"},
        {"block_id": "b9", "start": 0, "end": 1, "quote": "x"},
    ],
    "model_used": "Model",
    "usage": {},
}


class Chat:
    def __init__(self, store: MemoryObjectStore | None = None) -> None:
        self.clock, self.store = ScriptedClock(), store or MemoryObjectStore()
        self.results = TaskResults(self.store, self.clock)
        self.reviews = ReviewRepository(self.store, self.clock)
        self.log = ChatLog(self.store)
        self.running = RunningQuestion(self.store, self.results, self.clock)
        self.reader = ConversationReader(self.log, self.reviews, self.results, self.clock)
        self.session = a_session()
        self.reviews.create(self.session, document=b"PK", blocks=BLOCKS, rules=())

    def ask(self, question_id: str = ONE) -> ChatQuestion:
        self.clock.sleep(1)
        question = ChatQuestion(question_id, iso(self.clock.now()), "ann", f"Question {question_id[-1]}")
        self.log.add(self.session.id, question)
        return question

    def task(self, task_id: str, status: TaskStatus, **changes: object) -> None:
        session = replace(self.session, tasks={"": task_id})
        self.results.create(a_record(session, "", status, **changes))

    def take(self, task_id: str) -> None:
        self.running.take(self.session.id, task_id)

    def is_busy(self) -> bool:
        try:
            self.take(TWO)
        except Permanent as error:
            return error.code == "chat/busy"
        return False

    def turns(self) -> list[dict[str, object]]:
        turns: list[dict[str, object]] = self.reader.of(self.session)["turns"]
        return turns


@pytest.mark.parametrize("status", [TaskStatus.PENDING, TaskStatus.STARTED, TaskStatus.RETRY])
def test_while_a_question_runs_no_other_may(status: TaskStatus) -> None:
    chat = Chat()
    chat.take(ONE)
    chat.task(ONE, status)
    chat.clock.sleep(UNACCEPTED_S * 10)
    assert chat.is_busy()


@pytest.mark.parametrize("status", [TaskStatus.SUCCESS, TaskStatus.FAILURE, TaskStatus.REVOKED])
def test_a_question_that_ended_makes_room(status: TaskStatus) -> None:
    chat = Chat()
    chat.take(ONE)
    chat.task(ONE, status)
    assert not chat.is_busy()


def test_a_question_that_was_never_accepted_holds_its_place_for_a_minute_only() -> None:
    chat = Chat()
    chat.take(ONE)
    chat.clock.sleep(UNACCEPTED_S - 1)
    assert chat.is_busy()
    chat.clock.sleep(1)
    assert not chat.is_busy()


def test_a_place_that_is_given_back_is_free_at_once_and_anothers_is_left_alone() -> None:
    chat = Chat()
    chat.take(ONE)
    chat.running.give_back(chat.session.id, TWO)
    assert chat.is_busy()
    chat.running.give_back(chat.session.id, ONE)
    assert not chat.is_busy()


class Racing(MemoryObjectStore):
    """Somebody else takes the place between our look and our write."""

    def __init__(self) -> None:
        super().__init__()
        self.rival: object = None

    def create(self, key: str, body: bytes, *, content_type: str = "application/json") -> str | None:
        if key.endswith("running.json") and self.rival is None:
            self.rival = body.replace(TWO.encode(), ONE.encode())
            super().create(key, self.rival)  # type: ignore[arg-type]
        return super().create(key, body)


def test_of_two_that_ask_at_once_one_is_told_to_wait() -> None:
    chat = Chat(Racing())
    assert chat.is_busy()


def test_a_conversation_is_its_turns_in_order_with_their_states() -> None:
    chat = Chat()
    answered, failed, running = (chat.ask(f"{ONE[:-1]}{number}") for number in (3, 2, 1))
    chat.log.answer(chat.session.id, answered, ANSWER)
    error = {"code": "model/timeout", "detail": "Slow.", "retryable": True, "next_step": "Again."}
    chat.task(failed.id, TaskStatus.FAILURE, error=error)
    chat.task(running.id, TaskStatus.STARTED)

    body = chat.reader.of(chat.session)

    assert [turn["question"] for turn in body["turns"]] == ["Question 3", "Question 2", "Question 1"]
    assert [turn["status"] for turn in body["turns"]] == ["completed", "failed", "running"]
    assert body["turns"][1]["error"] == {**error, "correlation_id": ""}
    assert body["turns"][2]["progress"] == {"stage": "running"}
    assert body["running"] == running.id


def test_citations_are_counted_as_browsers_count_and_name_their_section() -> None:
    chat = Chat()
    chat.log.answer(chat.session.id, chat.ask(), ANSWER)
    (turn,) = chat.turns()
    assert turn["answer"]["citations"] == [  # type: ignore[index]
        {"block_id": "b2", "start": 3, "end": 7, "quote": "Many", "section_id": "s1"}
    ]


def test_an_answer_whose_event_was_not_listed_yet_is_read_from_the_result() -> None:
    chat = Chat()
    chat.task(chat.ask().id, TaskStatus.SUCCESS, result=ANSWER)
    (turn,) = chat.turns()
    assert (turn["status"], turn["answer"]["answer"]) == ("completed", "Many.")  # type: ignore[index]


def test_a_question_without_a_task_waits_a_minute_and_then_says_that_it_was_never_answered() -> None:
    chat = Chat()
    chat.ask()
    assert [turn["status"] for turn in chat.turns()] == ["queued"]
    chat.clock.sleep(UNACCEPTED_S)
    (turn,) = chat.turns()
    assert (turn["status"], turn["error"]["code"]) == ("failed", "chat/unanswered")  # type: ignore[index]


def test_what_is_no_event_is_passed_over() -> None:
    chat = Chat()
    chat.take(ONE)
    chat.store.put(f"{chat_prefix(chat.session.id)}notes.json", b"{}")
    assert chat.turns() == []


def test_the_first_answer_to_a_question_stays() -> None:
    chat = Chat()
    question = chat.ask()
    chat.log.answer(chat.session.id, question, ANSWER)
    assert chat.log.answer(chat.session.id, question, {**ANSWER, "answer": "Few."}) == ANSWER
