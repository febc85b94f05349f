"""Envelopes of AI-Prism are read back exactly; any other is refused with a reason."""

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.queueing.keys import EntryName, is_section_id, is_uuid, sent_key, user_hash, waiting_key
from core.queueing.message import TaskMessage, UnreadableMessage, message_of, queued_record, read_body
from tests.support.envelopes import envelope
from tests.support.queueing import SESSION, TASK

MESSAGE = TaskMessage(
    task_id=TASK,
    task="analyze_section_task",
    queue="analysis",
    owner="someone@example.com",
    session_id=SESSION,
    section_id="s12",
    generation=3,
    accepted_at="2026-11-21T14:12:24.512Z",
    correlation_id="0123456789abcdef",
)


def test_an_envelope_is_read_back_as_it_was_written() -> None:
    assert read_body(envelope(MESSAGE)) == MESSAGE


def test_an_envelope_that_is_not_base64_is_read_too() -> None:
    assert read_body(base64.b64decode(envelope(MESSAGE)).decode()) == MESSAGE


QUESTION = replace(MESSAGE, task="process_chat_task", queue="chat", section_id="")


def test_a_question_of_the_chat_is_named_by_its_task() -> None:
    assert QUESTION.arguments == {"session_id": SESSION, "message_id": TASK, "generation": 3}
    assert read_body(envelope(QUESTION)) == QUESTION
    assert message_of(queued_record(QUESTION)) == QUESTION


class OfAnother(TaskMessage):
    @property
    def arguments(self) -> dict[str, object]:
        return {**super().arguments, "message_id": SESSION}


def test_a_question_under_the_name_of_another_task_is_refused() -> None:
    with pytest.raises(UnreadableMessage, match="subject"):
        read_body(envelope(OfAnother(**QUESTION.to_dict())))


def test_a_record_gives_back_its_message() -> None:
    assert message_of(queued_record(MESSAGE)) == MESSAGE


@pytest.mark.parametrize(
    "wrong",
    [
        {"task_id": "../../etc/passwd"},
        {"session_id": "not-a-uuid"},
        {"section_id": "s1/../s2"},
        {"generation": 0},
        {"queue": "another"},
    ],
)
def test_an_id_of_the_wrong_shape_never_becomes_a_message(wrong: dict[str, object]) -> None:
    shaped = replace(MESSAGE, **wrong)
    with pytest.raises(UnreadableMessage):
        read_body(envelope(shaped))


@given(some.text() | some.recursive(some.none() | some.text(), some.lists).map(json.dumps))
def test_no_body_does_anything_but_be_refused(body: str) -> None:
    with pytest.raises(UnreadableMessage):
        read_body(body)


def test_an_entrys_keys_have_its_user_and_task() -> None:
    waiting, sent = waiting_key("analysis", MESSAGE.entry), sent_key("analysis", MESSAGE.entry)
    assert "someone" not in waiting + sent
    assert EntryName.parse(waiting) == EntryName(user_hash("someone@example.com"), 1795270344512, TASK, 3)
    assert EntryName.parse(sent) == EntryName(user_hash("someone@example.com"), 0, TASK, 3)
    assert EntryName.parse("outbox/analysis/waiting/x/readme.txt") is None


@pytest.mark.parametrize("text", ["", TASK.upper().replace("2", "A"), TASK + "\n", f"{TASK}/x", None, 7])
def test_ids_are_validated_by_shape(text: object) -> None:
    assert not is_uuid(text)
    assert not is_section_id(text)
