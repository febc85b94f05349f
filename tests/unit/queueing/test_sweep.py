"""The sweep: whatever was accepted ends, and nothing is sent needlessly."""

from dataclasses import replace

import pytest

from core.errors import Permanent
from core.queueing.lifecycle import TaskContext
from core.queueing.results import TaskStatus
from core.queueing.transitions import Execution
from tests.support.queueing import REQUEST, SETTINGS, TASK, Killed, Room, other, succeed


def die(_context: TaskContext) -> dict[str, object]:
    raise Killed


def test_young_work_is_left_alone(room: Room) -> None:
    room.clock.sleep(7000)
    report = room.queueing.sweep.run()
    assert (report.resent, report.released, len(room.publisher.sent)) == (0, 0, 1)


def test_sent_work_that_never_started_is_sent_again_after_two_hours(room: Room) -> None:
    room.clock.sleep(7200)
    assert room.queueing.sweep.run().resent == 1
    assert room.queueing.sweep.run().resent == 0
    assert [message.task_id for message in room.publisher.sent] == [TASK, TASK]


def test_work_whose_worker_and_message_are_both_gone_is_sent_again(room: Room) -> None:
    with pytest.raises(Killed):
        room.run(die)
    room.clock.sleep(7200)
    assert room.queueing.sweep.run().resent == 1


def test_running_work_is_never_sent_again(room: Room) -> None:
    delivery = room.delivery()
    with pytest.raises(Killed):
        room.run(die, delivery)
    room.clock.sleep(7300)
    room.worker_lives(delivery)
    assert room.queueing.sweep.run().resent == 0


def test_when_a_queue_has_lost_everything_running_work_gets_a_second_message_that_waits(room: Room) -> None:
    delivery = room.delivery()
    with pytest.raises(Killed):
        room.run(die, delivery)
    room.worker_lives(delivery)
    assert room.queueing.sweep.run(everything=True).resent == 1
    room.run(succeed, replace(delivery, execution=Execution("w2", "second")))
    assert room.record().status is TaskStatus.STARTED
    assert room.publisher.delays[-1] == SETTINGS.queues.look_again_s


def test_sweep_now_sends_every_unfinished_task_again(room: Room) -> None:
    room.submit(other(REQUEST, 1))
    room.run(succeed)
    assert room.queueing.sweep.run(everything=True).resent == 1
    assert room.publisher.sent[-1].task_id == TASK


def test_a_missing_result_object_is_made(room: Room) -> None:
    room.queueing.results.delete(TASK)
    report = room.queueing.sweep.run(everything=True)
    assert (report.results_made, report.resent) == (1, 1)
    assert (room.record().status, room.record().owner) == (TaskStatus.PENDING, "someone")


def test_entries_of_ended_tasks_are_dropped(room: Room) -> None:
    entries = {key: room.store.objects[key] for key in room.outbox_keys()}
    room.run(succeed)
    room.store.objects.update(entries)
    room.clock.sleep(60)
    assert room.queueing.sweep.run().dropped == len(entries) == 1
    assert room.outbox_keys() == []


def test_a_failure_without_its_dead_letter_is_sent_once_more(room: Room) -> None:
    room.queueing.failures.fail(room.publisher.sent[0], Permanent("task/crashed"))
    room.clock.sleep(7200)
    assert room.queueing.sweep.run().resent == 1
    room.run(succeed)
    assert len(room.dead()) == 1
    assert room.outbox_keys() == []


def test_one_unreachable_entry_does_not_hide_the_others(room: Room) -> None:
    room.submit(other(REQUEST, 1))
    room.clock.sleep(7200)
    room.publisher.down = True
    assert room.queueing.sweep.run().errors == 2
    room.publisher.down = False
    assert room.queueing.sweep.run().resent == 2


BROKEN = [b"{", b"[]", b"{}", b'{"status": "GONE"}']


@pytest.mark.parametrize("body", BROKEN)
def test_one_damaged_entry_does_not_hide_the_others(room: Room, body: bytes) -> None:
    room.submit(other(REQUEST, 1))
    room.store.objects[next(key for key in room.store.objects if key.startswith("outbox/"))] = body
    room.clock.sleep(7200)
    report = room.queueing.sweep.run()
    assert (report.errors, report.resent) == (1, 1)


@pytest.mark.parametrize("body", BROKEN)
def test_an_accepted_task_whose_record_is_damaged_is_run_anew_and_ends(room: Room, body: bytes) -> None:
    room.store.objects[f"celery-results/{TASK}.json"] = body
    room.clock.sleep(7200)

    report = room.queueing.sweep.run()

    assert (report.errors, report.results_made, report.resent) == (0, 1, 1)
    room.run(succeed)
    assert room.record().status is TaskStatus.SUCCESS
    room.clock.sleep(60)
    room.queueing.sweep.run()
    assert room.outbox_keys() == []


@pytest.mark.parametrize("body", BROKEN)
def test_a_delivery_whose_record_is_damaged_runs(room: Room, body: bytes) -> None:
    room.store.objects[f"celery-results/{TASK}.json"] = body
    room.run(succeed)
    assert room.record().status is TaskStatus.SUCCESS


@pytest.mark.parametrize("body", BROKEN)
def test_asking_again_for_an_ended_task_whose_record_is_damaged_runs_it_again(
    room: Room, body: bytes
) -> None:
    room.run(succeed)
    room.store.objects[f"celery-results/{TASK}.json"] = body

    assert room.submit().status is TaskStatus.PENDING

    assert len(room.publisher.sent) == 2
    room.run(succeed)
    assert room.record().status is TaskStatus.SUCCESS


def test_a_damaged_record_does_not_keep_a_review_from_being_cancelled(room: Room) -> None:
    room.submit(other(REQUEST, 1))
    room.store.objects[f"celery-results/{TASK}.json"] = b"{"
    ids = [TASK, other(REQUEST, 1).task_id]
    assert [record.task_id for record in room.queueing.cancellation.cancel(ids)] == ids[1:]


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"at": "soon", "held": []}'])
def test_a_damaged_record_of_a_worker_stops_no_sweep_and_is_forgotten(room: Room, body: bytes) -> None:
    room.store.objects["workers/w9.json"] = body
    room.clock.sleep(7200)
    report = room.queueing.sweep.run()
    assert (report.errors, report.resent, report.workers_forgotten) == (0, 1, 1)
    assert "workers/w9.json" not in room.store.objects


def test_however_many_beats_there_are_a_minute_has_one_sweep(room: Room) -> None:
    assert room.queueing.sweep.once_per_minute() is not None
    assert room.queueing.sweep.once_per_minute() is None
    room.clock.sleep(60)
    assert room.queueing.sweep.once_per_minute() is not None


def test_an_entry_is_looked_into_once_and_then_every_ten_minutes(room: Room) -> None:
    """Five sweeps of a quiet hour cost what five listings cost, however much is under way."""
    looks = []
    for minute in range(25):
        before = room.store.gets
        room.queueing.sweep.once_per_minute()
        looks += [minute] * (room.store.gets - before > 2)
        room.clock.sleep(60)
    assert looks == [1, 2, 11, 12, 21, 22]


def test_what_a_dead_worker_was_running_is_queued_again_at_the_next_sweep(room: Room) -> None:
    delivery = room.delivery()
    with pytest.raises(Killed):
        room.run(die, delivery)
    room.worker_lives(delivery)
    room.clock.sleep(41)

    report = room.queueing.sweep.run()

    assert (report.workers_lost, report.stopped) == (1, 1)
    record = room.record()
    assert (record.status, record.waiting_for, record.starts) == (TaskStatus.PENDING, "another worker", 1)
    room.run(succeed)
    assert (room.record().status, room.record().starts) == (TaskStatus.SUCCESS, 2)


def test_a_dead_worker_is_mourned_once(room: Room) -> None:
    room.worker_lives()
    lost = []
    for _minute in range(5):
        report = room.queueing.sweep.once_per_minute()
        lost.append(report.workers_lost if report else -1)
        room.clock.sleep(60)
    assert sum(lost) <= 2
    assert lost[-1] == 0


def test_a_task_that_another_worker_has_taken_is_left_to_it(room: Room) -> None:
    delivery = room.delivery()
    with pytest.raises(Killed):
        room.run(die, delivery)
    room.worker_lives(delivery)
    room.clock.sleep(41)
    with pytest.raises(Killed):
        room.run(die, room.delivery(worker="w2"))
    assert room.queueing.sweep.run().stopped == 0
    assert room.record().status is TaskStatus.STARTED


def test_what_could_not_be_sent_in_an_outage_is_sent_at_the_first_sweep_after_it() -> None:
    room = Room()
    room.publisher.down = True
    room.submit()
    for _minute in range(5):
        room.clock.sleep(60)
        room.queueing.sweep.once_per_minute()
    room.publisher.down = False
    room.clock.sleep(60)
    report = room.queueing.sweep.once_per_minute()
    assert report is not None
    assert (report.resent, len(room.publisher.sent)) == (1, 1)
