"""The chat on the whole product: its own worker on its own queue, answers that quote the document and stay."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.review_app import Answer, ReviewApp
from tests.support.waiting import wait_until
from tests.support.write_ups import SECTIONS, write_up

ANSWERED_S = 30.0
QUESTION = "How many parcels were redirected between 3 and 9 March?"


class Conversation:
    """One review and the questions about it."""

    def __init__(self, app: ReviewApp, path: Path) -> None:
        self.app = app
        self.session_id: str = app.upload(write_up(path)).json["session_id"]

    def ask(self, message: str = QUESTION, **about: str) -> Answer:
        return self.app.post("/chat", {"session_id": self.session_id, "message": message, **about})

    def turns(self) -> list[dict[str, Any]]:
        turns: list[dict[str, Any]] = self.app.get(f"/sessions/{self.session_id}/chat").json["turns"]
        return turns

    def answered(self, answer: Answer) -> dict[str, Any]:
        """The turn of that question, once it has ended."""
        assert answer.status == 200, answer.body
        task_id = answer.json["task_id"]
        (task,) = self.app.wait_ended([task_id], timeout_s=ANSWERED_S)
        assert task["status"] == "completed", task
        return next(turn for turn in self.turns() if turn["id"] == task_id)

    def texts(self) -> dict[str, str]:
        blocks = self.app.get(f"/sessions/{self.session_id}/blocks").json["blocks"]
        return {block["id"]: block["text"] for block in blocks}


@pytest.fixture
def chat(live_app: ReviewApp, tmp_path: Path) -> Iterator[Conversation]:
    """Of a review of the shared product, whose local Bedrock is as usual again afterwards."""
    yield Conversation(live_app, tmp_path / "write-up.docx")
    live_app.bedrock.reset()


def test_an_answer_cites_the_documents_own_words_and_says_that_no_model_gave_it(chat: Conversation) -> None:
    turn = chat.answered(chat.ask())
    answer = turn["answer"]
    texts = chat.texts()
    assert answer["citations"]
    for citation in answer["citations"]:
        shown = texts[citation["block_id"]].encode("utf-16-le")
        assert shown[2 * citation["start"] : 2 * citation["end"]].decode("utf-16-le") == citation["quote"]
    assert any("redirected 41 parcels" in citation["quote"] for citation in answer["citations"])
    assert answer["brain"] == "rules"
    assert answer["sources"] == ["rules"]
    assert answer["dropped_citations"] == 0
    assert answer["read"]["blocks"] == answer["read"]["of"]


def test_one_question_at_a_time_and_everything_is_kept(chat: Conversation) -> None:
    chat.app.bedrock.configure(latency={"min_s": 2.0, "max_s": 2.0})
    first = chat.ask()
    refused = chat.ask("And who else?")
    assert (refused.status, refused.json["code"]) == (409, "chat/busy")
    assert [turn["status"] for turn in chat.turns()][-1] in {"queued", "running"}

    chat.answered(first)
    chat.app.bedrock.configure(latency={"min_s": 0.0, "max_s": 0.0})
    second = chat.answered(chat.ask("Who adds an alert?", section_id="s6"))
    assert [turn["question"] for turn in chat.turns()] == [QUESTION, "Who adds an alert?"]
    assert second["section_id"] == "s6"
    assert "Mara Lindqvist" in second["answer"]["answer"]


def test_a_model_that_fails_makes_a_turn_that_says_so_and_the_next_question_is_free(
    chat: Conversation,
) -> None:
    chat.app.bedrock.configure(faults=[{"code": "ValidationException", "count": 1}])
    asked = chat.ask()
    (task,) = chat.app.wait_ended([asked.json["task_id"]], timeout_s=ANSWERED_S)
    assert task["status"] == "failed"
    (turn,) = chat.turns()
    assert turn["error"]["code"] == "model/rejected"
    assert turn["error"]["next_step"]
    assert chat.answered(chat.ask())["status"] == "completed"


def test_chat_is_answered_while_documents_fill_the_analysis_queue(chat: Conversation, tmp_path: Path) -> None:
    app = chat.app
    busy = app.upload(write_up(tmp_path / "long.docx", sections=4 * len(SECTIONS))).json["session_id"]
    app.bedrock.configure(latency={"min_s": 3.0, "max_s": 3.0})
    tasks = app.review_all(busy)
    wait_until(lambda: any(task["status"] == "running" for task in app.statuses(tasks)), timeout_s=30)

    turn = chat.answered(chat.ask())

    assert turn["answer"]["citations"]
    waiting = [task for task in app.statuses(tasks) if task["status"] == "queued"]
    assert waiting, "the documents were done before the answer came: nothing was shown"
    app.post(f"/sessions/{busy}/cancel", {})
    app.wait_ended(tasks, timeout_s=ANSWERED_S)
