"""The task index: newest first, one entry per task counts, and a lost entry is written by the sweep."""

from typing import Any

import pytest

from core.clock import ScriptedClock
from core.errors import Permanent, Throttled
from core.queueing.lifecycle import TaskContext
from core.queueing.results import TaskStatus
from core.queueing.task_index import IndexQuery, TaskEntry
from core.queueing.transitions import revoked
from tests.support.queueing import REQUEST, SESSION, TASK, Killed, Room, other, succeed

DAY_S = 86_400.0


def fail(_context: TaskContext) -> dict[str, Any]:
    raise Permanent("model/rejected")


def latest(room: Room, **changes: Any) -> list[TaskEntry]:
    wanted = {"since": room.clock.now() - DAY_S, "limit": 50, **changes}
    return room.queueing.index.latest(IndexQuery(**wanted), now=room.clock.now())


def states(room: Room, **changes: Any) -> list[tuple[str, TaskStatus]]:
    return [(entry.task_id, entry.state) for entry in latest(room, **changes)]


def index_keys(room: Room) -> list[str]:
    return [key for key in room.store.objects if key.startswith("tasks/")]


def test_submitting_writes_none() -> None:
    room = Room()
    room.submit()
    assert index_keys(room) == []


def test_the_latest_change_of_each_task_counts_newest_first() -> None:
    room = Room()
    second = other(REQUEST, 2)
    for request, work in ((REQUEST, succeed), (second, fail)):
        room.submit(request)
        room.clock.sleep(5)
        room.run(work)
        room.clock.sleep(5)
    assert states(room) == [(second.task_id, TaskStatus.FAILURE), (TASK, TaskStatus.SUCCESS)]
    (failed, _) = latest(room)
    assert (failed.error, failed.session_id, failed.section_id) == ("model/rejected", SESSION, "s2")


def test_a_key_is_made_as_the_design_says() -> None:
    room = Room(ScriptedClock(at=1_800_000_000.0))
    room.submit()
    room.run(succeed)
    inverted = 9_999_999_999_999 - 1_800_000_000_001
    assert f"tasks/2027-01-15/analysis/{inverted}-SUCCESS-{TASK}.json" in index_keys(room)


def test_a_task_waiting_for_a_slot_is_indexed_as_pending() -> None:
    def wait(_context: TaskContext) -> dict[str, Any]:
        raise Throttled("model/throttled", retry_after_s=30, waiting_for="a slot")

    room = Room()
    room.submit()
    room.run(wait)
    assert states(room) == [(TASK, TaskStatus.PENDING)]


def test_a_filter_is_about_the_state_a_task_is_in_now() -> None:
    room = Room()
    room.submit()
    room.run(succeed)
    assert states(room, states=frozenset({TaskStatus.STARTED})) == []
    assert states(room, states=frozenset({TaskStatus.SUCCESS})) == [(TASK, TaskStatus.SUCCESS)]


def test_a_task_that_ended_on_the_next_day_is_not_shown_as_running() -> None:
    room = Room(ScriptedClock(at=1_800_057_599.0 + 0.5))
    room.submit()

    def over_midnight(_context: TaskContext) -> dict[str, Any]:
        room.clock.sleep(60)
        return {"feedback": []}

    room.run(over_midnight)
    assert len({key.split("/")[1] for key in index_keys(room)}) == 2
    assert states(room) == [(TASK, TaskStatus.SUCCESS)]
    assert states(room, states=frozenset({TaskStatus.STARTED})) == []


def test_an_end_by_a_clock_that_runs_behind_still_comes_last() -> None:
    room = Room()
    room.submit()

    def two_hours_back(_context: TaskContext) -> dict[str, Any]:
        room.clock.at -= 7200
        return {"feedback": []}

    room.run(two_hours_back)
    room.clock.at += 7200
    assert {state for _, state in states(room)} == {TaskStatus.SUCCESS}


@pytest.mark.parametrize(
    "changes", [{"queue": "chat"}, {"session_id": "another"}, {"since": 1_800_000_001.0}, {"limit": 0}]
)
def test_what_is_not_asked_for_is_not_listed(changes: dict[str, Any]) -> None:
    room = Room(ScriptedClock(at=1_800_000_000.0))
    room.submit()
    room.run(succeed)
    assert states(room, **changes) == []


def test_a_cancelled_task_is_entered_by_whoever_cancelled_it() -> None:
    room = Room()
    room.submit()
    room.queueing.results.swap(TASK, 1, lambda record: revoked(record, now=room.clock.now()))
    assert states(room) == [(TASK, TaskStatus.REVOKED)]


def test_an_entry_lost_with_its_process_is_made_by_the_sweep() -> None:
    room = Room()
    room.submit()
    delivery = room.delivery()

    def die_at_the_end(_context: TaskContext) -> dict[str, Any]:
        room.die_after(1)
        return {"feedback": []}

    with pytest.raises(Killed):
        room.run(die_at_the_end, delivery)
    room.die_after(0)
    assert room.record().status is TaskStatus.SUCCESS
    assert states(room) == [(TASK, TaskStatus.STARTED)]
    room.clock.sleep(61)
    room.queueing.sweep.run()
    assert states(room) == [(TASK, TaskStatus.SUCCESS)]
    assert room.outbox_keys() == []


def test_an_outage_of_the_list_fails_no_task() -> None:
    room = Room()
    room.submit()
    put = room.store.put

    def refuse_entries(key: str, body: bytes, **options: Any) -> str:
        if key.startswith("tasks/"):
            raise Permanent("storage/denied")
        return put(key, body, **options)

    room.store.put = refuse_entries  # type: ignore[method-assign]
    room.run(succeed)
    assert room.record().status is TaskStatus.SUCCESS
