"""The index of dead letters: grouped by failure, the same object for the same failure."""

from dataclasses import replace

from core.queueing.letter import signature
from tests.support.dead_letters import LETTER
from tests.support.queueing import SESSION, TASK, Room


def test_failures_that_differ_in_ids_and_numbers_only_are_one_group() -> None:
    assert signature("a/b", f"Task {TASK} failed after 3 s") == signature(
        "a/b", f"Task {SESSION} failed after 9 s"
    )
    assert signature("a/b", "It failed") != signature("a/c", "It failed")
    assert signature("a/b", "It failed") != signature("a/b", "It broke")


def test_the_key_leads_from_queue_to_group_to_time() -> None:
    assert LETTER.key == f"dead-letters/analysis/{LETTER.signature}/1795270404512-{TASK}.json"


def test_the_newest_is_listed_first() -> None:
    letters = Room().queueing.dead_letters
    newer = replace(LETTER, ended_at="2026-11-22T00:00:00.000Z", queue="chat")
    letters.index(LETTER)
    letters.index(newer)
    assert letters.all() == [newer, LETTER]


def test_a_repeated_entry_is_the_same_object() -> None:
    letters = Room().queueing.dead_letters
    assert letters.index(LETTER)
    assert not letters.index(LETTER)
    assert letters.all() == [LETTER]


def test_the_envelope_goes_to_the_queues_own_dead_letters_with_what_it_is_about() -> None:
    room = Room()
    room.queueing.dead_letters.send(LETTER, "the envelope")
    (message,) = room.dead()
    assert message.body == "the envelope"
    assert message.attributes["error_code"] == "model/rejected"
    assert message.attributes["signature"] == LETTER.signature
