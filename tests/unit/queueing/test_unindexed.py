"""Messages that SQS itself moved to a dead-letter queue get an index entry, and their tasks a failure."""

from core.aws.sqs import ReceivedMessage
from core.queueing.letter import Fate, LetterVerdict
from core.queueing.results import TaskStatus
from core.queueing.topology import QUEUES
from tests.support.envelopes import envelope
from tests.support.queueing import TASK, Room, fail, succeed

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


def test_all_that_the_index_does_not_know_is_looked_at_in_one_sweep() -> None:
    room = Room()
    for number in range(130):
        room.queues.send(DEAD, f"junk {number}", attributes={})
    assert room.queueing.sweep.run().unreadable == 130
    assert room.queues.leased == set()


def test_a_sweep_looks_at_a_dead_letter_queue_for_a_limited_time() -> None:
    room = Room()
    for number in range(130):
        room.queues.send(DEAD, f"junk {number}", attributes={})
    receive = room.queues.receive

    def slowly(name: str, *, lease_s: int, wait_s: int = 0) -> list[ReceivedMessage]:
        room.clock.at += 11
        return receive(name, lease_s=lease_s, wait_s=wait_s)

    room.queues.receive = slowly  # type: ignore[method-assign]
    first = room.queueing.sweep.run().unreadable
    assert 10 <= first < 130
    assert room.queues.leased == set()


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


def test_our_own_dead_letters_are_left_alone() -> None:
    room = Room()
    room.submit()
    room.run(fail)
    report = room.queueing.sweep.run()
    assert (report.failed, report.unreadable) == (0, 0)
    assert len(room.dead()) == len(room.queueing.dead_letters.all()) == 1


def test_who_only_says_that_it_is_one_of_ours_is_listed_as_forged() -> None:
    room = Room()
    room.submit()
    room.run(fail)
    true_one = room.dead()[0]
    room.queues.send(DEAD, "anything", attributes={"task_id": TASK})
    room.queues.send(DEAD, "another envelope", attributes=true_one.attributes)
    assert room.queueing.sweep.run().unreadable == 2
    codes = {letter.task_id: letter.code for letter in room.queueing.dead_letters.all()}
    assert codes == {TASK: "model/rejected", "message-2": "task/forged", "message-3": "task/forged"}
    assert room.queueing.sweep.run().unreadable == 0


def test_nobodys_word_makes_a_task_fail_but_a_signature() -> None:
    room = Room()
    room.submit()
    room.queues.send(DEAD, envelope(room.publisher.sent[0], signer=None), attributes={})
    report = room.queueing.sweep.run()
    assert (report.failed, report.unreadable) == (0, 1)
    assert room.record().status is TaskStatus.PENDING
    (letter,) = room.queueing.dead_letters.all()
    assert (letter.code, letter.is_task) == ("task/forged", False)
    assert "no signature" in letter.detail


def test_a_message_whose_letter_was_dealt_with_goes() -> None:
    room = moved_room()
    room.queueing.sweep.run()
    (letter,) = room.queueing.dead_letters.all()
    verdict = LetterVerdict(Fate.DELETED, "olga", "a test", "2027-01-15T08:00:00.000Z")
    room.queueing.dead_letters.archive(letter, verdict)
    room.queueing.sweep.run()
    assert (room.dead(), room.queueing.dead_letters.all()) == ([], [])


def test_empty_queues_cost_one_look_each() -> None:
    room = Room()
    assert [room.queueing.unindexed.index(spec.key).failed for spec in QUEUES] == [0, 0, 0]
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
