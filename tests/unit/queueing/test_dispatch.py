"""Submitting: once per question, in an order that survives a kill after any step."""

from dataclasses import replace

import pytest

from core.errors import Permanent
from core.observability.correlation import correlated
from core.queueing.dispatch import Dispatcher
from core.queueing.lifecycle import TaskContext
from core.queueing.results import TaskStatus
from core.queueing.transitions import revoked
from tests.support.queueing import REQUEST, TASK, Killed, Room, other, succeed


def fail(_context: TaskContext) -> dict[str, object]:
    raise Permanent("model/rejected")


def failed_room() -> Room:
    room = Room()
    room.submit()
    room.run(fail)
    room.clock.sleep(1)
    return room


def test_new_work_is_accepted_before_it_is_sent() -> None:
    room = Room()
    room.submit()
    writes = [line.split("/")[0] + ("/waiting" in line) * " waiting" for line in room.store.log]
    assert writes == [
        "put outbox waiting",
        "put celery-results",
        "put outbox",
        "put outbox",
        "delete outbox waiting",
    ]
    assert [message.task_id for message in room.publisher.sent] == [TASK]


def test_a_message_carries_ids_and_the_correlation_of_the_request() -> None:
    room = Room()
    with correlated("browser-0001"):
        room.submit()
    (message,) = room.publisher.sent
    assert message.arguments == {"session_id": REQUEST.session_id, "section_id": "s1", "generation": 1}
    assert message.correlation_id == "browser-0001"
    assert room.record().correlation_id == "browser-0001"


@pytest.mark.parametrize("lost", [False, True], ids=["done", "not done"])
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6])
def test_a_kill_after_any_step_loses_nothing_that_was_accepted(step: int, lost: bool) -> None:
    room = Room()
    room.die_after(step, lost=lost)
    with pytest.raises(Killed):
        room.submit()

    room.clock.sleep(61)
    report = room.queueing.sweep.run()
    room.queueing.sweep.run()

    if (step, lost) == (1, True):
        assert (room.store.objects, room.publisher.sent) == ({}, [])
        return
    assert report.errors == 0
    assert {message.task_id for message in room.publisher.sent} == {TASK}
    assert len(room.publisher.sent) <= 2
    for message in list(room.publisher.sent):
        room.run(succeed, room.delivery(message))
    assert room.record().status is TaskStatus.SUCCESS
    room.clock.sleep(61)
    room.queueing.sweep.run()
    assert room.outbox_keys() == []


@pytest.mark.parametrize("step", range(1, 9))
def test_a_kill_while_a_failed_task_is_asked_again_loses_nothing(step: int) -> None:
    room = failed_room()
    room.die_after(step)
    with pytest.raises(Killed):
        room.submit()

    room.clock.sleep(61)
    room.queueing.sweep.run()
    record = room.submit()

    assert (record.generation, record.status) == (2, TaskStatus.PENDING)
    room.clock.sleep(61)
    room.queueing.sweep.run()
    latest = room.publisher.sent[-1]
    assert latest.generation == 2
    room.run(succeed, room.delivery(latest))
    assert room.record().status is TaskStatus.SUCCESS
    room.clock.sleep(61)
    room.queueing.sweep.run()
    assert room.outbox_keys() == []


def test_asking_twice_is_asking_once() -> None:
    room = Room()
    first = room.submit()
    room.clock.sleep(1)
    second = room.submit()
    assert second.accepted_at == first.accepted_at
    assert len(room.publisher.sent) == 1
    assert len(room.outbox_keys()) == 1


def test_a_successful_task_is_answered_as_it_is() -> None:
    room = Room()
    room.submit()
    room.run(succeed)
    room.clock.sleep(1)
    assert room.submit().status is TaskStatus.SUCCESS
    assert len(room.publisher.sent) == 1
    assert room.outbox_keys() == []


def test_a_failed_task_runs_again_under_the_same_id_with_its_past() -> None:
    room = failed_room()
    record = room.submit()
    assert (record.task_id, record.generation, record.status) == (TASK, 2, TaskStatus.PENDING)
    assert (record.retries, record.starts, record.error) == (0, 0, None)
    assert record.history[0]["error"]["code"] == "model/rejected"
    assert room.publisher.sent[-1].generation == 2


def test_a_cancelled_task_runs_again() -> None:
    room = Room()
    room.submit()
    room.queueing.results.swap(TASK, 1, lambda record: revoked(record, now=room.clock.now()))
    room.clock.sleep(1)
    assert room.submit().generation == 2


def test_work_is_accepted_while_the_queue_is_down_and_sent_by_the_sweep() -> None:
    room = Room()
    room.publisher.down = True
    assert room.submit().status is TaskStatus.PENDING

    room.publisher.down = False
    room.clock.sleep(61)
    room.queueing.sweep.run()
    assert [message.task_id for message in room.publisher.sent] == [TASK]


def test_a_task_that_ends_before_its_sending_is_noted_leaves_nothing_behind() -> None:
    room, postponed = Room(), []
    queueing = room.queueing
    releases = replace(queueing.releases, later=postponed.append)
    dispatcher = Dispatcher(queueing.results, queueing.outbox, releases, clock=room.clock)
    dispatcher.submit(REQUEST)
    room.run(succeed)
    for step in postponed:
        step()
    assert room.outbox_keys() == []


def test_the_correlation_reaches_tasks_that_are_submitted_side_by_side() -> None:
    room = Room()
    with correlated("browser-0001"):
        room.queueing.dispatcher.submit_many([other(REQUEST, number) for number in range(1, 4)])
    assert {message.correlation_id for message in room.publisher.sent} == {"browser-0001"}


def test_many_are_answered_in_the_order_they_were_asked() -> None:
    room = Room()
    requests = [other(REQUEST, number) for number in range(1, 21)]
    records = room.queueing.dispatcher.submit_many(requests)
    assert [record.task_id for record in records] == [request.task_id for request in requests]
