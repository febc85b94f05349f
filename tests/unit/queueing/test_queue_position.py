"""Position and estimated wait: from one listing, rounded, and absent where they are not known."""

from dataclasses import replace

import pytest

from core.queueing.queue_position import DrainRate, QueuePositions, QueueSnapshot, rounded_up
from core.queueing.results import TaskStatus
from tests.support.queueing import REQUEST, TASK, Room, other, succeed

RATE = (20, 60.0)


@pytest.fixture
def room() -> Room:
    return Room()


def positions_of(room: Room) -> QueuePositions:
    return QueuePositions(room.queueing.outbox, room.clock, rates={"analysis": RATE})


def submit(room: Room, count: int) -> None:
    room.queueing.dispatcher.submit_many([other(REQUEST, number) for number in range(1, count + 1)])


def task_id(number: int) -> str:
    return other(REQUEST, number).task_id


def test_a_task_stands_behind_those_that_were_sent_before(room: Room) -> None:
    submit(room, 3)
    lines = positions_of(room)
    assert sorted(lines.about(room.record(task_id(n)))["ahead"] for n in (1, 2, 3)) == [0, 1, 2]


def test_a_waiting_one_stands_behind_its_users_others_in_order(room: Room) -> None:
    submit(room, 12)
    lines = positions_of(room)
    assert [lines.about(room.record(task_id(n)))["ahead"] for n in (9, 10, 11, 12)] == [8, 9, 10, 11]


def test_as_many_tasks_of_each_other_user_come_first_as_of_ones_own() -> None:
    snapshot = QueueSnapshot(
        released=(*(f"a{n}" for n in range(8)), "b0", "b1"),
        sent={"ann": 8, "bob": 2},
        waiting={"ann": {"a8": 0, "a9": 1}, "bob": {"b2": 0}},
    )
    assert snapshot.ahead("bob", "b2") == 2 + 2
    assert snapshot.ahead("ann", "a9") == 9 + 3
    assert snapshot.ahead("ann", "a8") == 8 + 3
    assert snapshot.ahead("ann", "unknown") is None


def test_until_something_has_ended_the_estimate_is_the_rate(room: Room) -> None:
    submit(room, 12)
    assert positions_of(room).about(room.record(task_id(12))) == {"ahead": 11, "eta_s": 40}


def test_the_estimate_follows_the_pace_that_was_seen() -> None:
    rate = DrainRate((1000, 60.0))
    left = {f"t{n}" for n in range(30)}
    for second in range(0, 20, 2):
        rate.observe(frozenset(left), float(second))
        left.pop()
    assert rate.seconds_for(5) == pytest.approx(10.0)


def test_no_estimate_is_faster_than_the_queues_rate() -> None:
    rate = DrainRate(RATE)
    left = {f"t{n}" for n in range(100)}
    for second in range(0, 10, 2):
        rate.observe(frozenset(left), float(second))
        left -= set(sorted(left)[:5])
    assert rate.seconds_for(10) == pytest.approx(4.0)
    assert rate.seconds_for(80) == pytest.approx(180.0)


def test_there_is_no_estimate_while_nothing_ends() -> None:
    rate = DrainRate(RATE)
    for second in range(0, 62, 2):
        rate.observe(frozenset({"t1", "t2"}), float(second))
    assert rate.seconds_for(1) is None


def test_a_drain_rate_of_long_ago_is_dropped() -> None:
    rate = DrainRate(RATE)
    rate.observe(frozenset(f"t{n}" for n in range(50)), 0.0)
    rate.observe(frozenset(), 600.0)
    assert rate.seconds_for(1) == pytest.approx(3.0)


def test_however_many_ask_one_listing_serves_two_seconds(room: Room) -> None:
    submit(room, 12)
    lines, records = positions_of(room), [room.record(task_id(n)) for n in range(1, 13)]
    room.store.lists.clear()
    for _poll in range(3):
        for record in records:
            lines.about(record)
    assert room.store.lists == ["outbox/analysis/"]
    room.clock.sleep(2.1)
    lines.about(records[0])
    assert len(room.store.lists) == 2


def test_what_waits_for_a_time_says_how_long(room: Room) -> None:
    room.submit()
    waits = replace(room.record(), not_before="2027-01-15T08:00:42.000Z")
    assert positions_of(room).about(waits) == {"eta_s": 45}


def test_what_runs_or_has_ended_has_no_place(room: Room) -> None:
    room.submit()
    running = replace(room.record(), status=TaskStatus.STARTED)
    assert positions_of(room).about(running) == {}
    room.run(succeed)
    assert positions_of(room).about(room.record(TASK)) == {}


def test_storage_that_does_not_answer_costs_the_place_and_not_the_answer(room: Room) -> None:
    submit(room, 1)
    record = room.record(task_id(1))
    room.store.steps.outage = True
    assert positions_of(room).about(record) == {}


@pytest.mark.parametrize(("seconds", "shown"), [(0, 0), (1, 5), (59, 60), (61, 75), (301, 360)])
def test_an_estimate_is_as_coarse_as_it_is_uncertain(seconds: float, shown: int) -> None:
    assert rounded_up(seconds) == shown
