"""What SQS itself moved to a dead-letter queue gets an end that people see."""

from core.queueing.results import TaskStatus
from core.queueing.topology import QUEUES
from tests.support.envelopes import envelope
from tests.support.queueing import TASK, Room, succeed

DEAD = "aiprism-analysis-dlq"


def moved_room() -> Room:
    room = Room()
    room.submit()
    room.queues.send(DEAD, envelope(room.publisher.sent[0]), attributes={})
    return room


def test_its_task_fails_with_words_and_an_index_entry() -> None:
    room = moved_room()
    assert room.queueing.sweep.run().failed == 1
    record = room.record()
    assert (record.status, (record.error or {})["code"]) == (TaskStatus.FAILURE, "task/moved-by-queue")
    assert record.dead_lettered_at is not None
    (letter,) = room.queueing.dead_letters.all()
    assert (letter.task_id, letter.moved_by) == (TASK, "queue")
    assert room.outbox_keys() == []


def test_the_next_sweep_finds_nothing_new() -> None:
    room = moved_room()
    room.queueing.sweep.run()
    room.clock.sleep(60)
    assert room.queueing.sweep.run().failed == 0
    assert len(room.queueing.dead_letters.all()) == 1


def test_every_message_is_shown_again_after_the_look() -> None:
    room = moved_room()
    room.queueing.sweep.run()
    assert room.queues.leased == set()
    assert room.queues.visibility == [(f"https://queue/{DEAD}", ["handle-1"], 0)]


def test_a_task_that_ended_otherwise_keeps_its_end() -> None:
    room = moved_room()
    room.run(succeed)
    assert room.queueing.sweep.run().failed == 0
    assert room.record().status is TaskStatus.SUCCESS


def test_an_older_generation_is_left_alone() -> None:
    room = moved_room()
    room.queueing.sweep.run()
    room.clock.sleep(1)
    room.submit()
    assert room.queueing.sweep.run().failed == 0
    assert (room.record().generation, room.record().status) == (2, TaskStatus.PENDING)


def test_what_is_no_message_of_ours_is_listed_once() -> None:
    room = Room()
    room.queues.send(DEAD, "hello", attributes={})
    assert room.queueing.sweep.run().unreadable == 1
    assert room.queueing.sweep.run().unreadable == 0
    (letter,) = room.queueing.dead_letters.all()
    assert (letter.task_id, letter.session_id) == ("message-1", "")


def test_our_own_dead_letters_are_not_looked_at_again() -> None:
    room = Room()
    room.queues.send(DEAD, "anything", attributes={"task_id": TASK})
    report = room.queueing.sweep.run()
    assert (report.failed, report.unreadable) == (0, 0)


def test_empty_queues_cost_one_look_each() -> None:
    room = Room()
    assert [room.queueing.moved.settle(spec.key).failed for spec in QUEUES] == [0, 0, 0]
    assert room.queues.visibility == []


def test_what_a_worker_put_aside_is_listed_as_it_is_and_no_task_touched() -> None:
    room = Room()
    room.submit()
    body = envelope(room.publisher.sent[0])
    room.queues.send(DEAD, body, attributes={"unreadable": "wrong shape: eta"})
    report = room.queueing.sweep.run()
    assert (report.failed, report.unreadable) == (0, 1)
    (letter,) = room.queueing.dead_letters.all()
    assert (letter.code, letter.moved_by, letter.session_id) == ("task/unreadable", "aiprism", "")
    assert letter.detail == "The message is not one of ours: wrong shape: eta."
    assert room.record().status is TaskStatus.PENDING
