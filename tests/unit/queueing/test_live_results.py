"""A task whose worker has died is not shown as running."""

import pytest

from core.queueing.lifecycle import TaskContext
from core.queueing.live_results import CachedWorkers, LiveResults
from core.queueing.results import TaskStatus
from tests.support.queueing import TASK, Killed, Room, succeed


def die(_context: TaskContext) -> dict[str, object]:
    raise Killed


def present(room: Room) -> LiveResults:
    workers = CachedWorkers(room.store, room.clock, dead_after_s=40)
    return LiveResults(room.queueing.results, workers, room.clock)


@pytest.fixture
def room() -> Room:
    started = Room()
    started.submit()
    delivery = started.delivery()
    with pytest.raises(Killed):
        started.run(die, delivery)
    started.worker_lives(delivery)
    return started


def test_a_living_workers_task_is_running(room: Room) -> None:
    room.clock.sleep(39)
    shown = present(room).get(TASK)
    assert shown is not None
    assert shown.status is TaskStatus.STARTED


def test_a_dead_workers_task_is_shown_as_waiting_and_nothing_is_written(room: Room) -> None:
    room.clock.sleep(41)
    before = dict(room.store.objects)
    shown = present(room).get(TASK)
    assert shown is not None
    assert (shown.status, shown.waiting_for) == (TaskStatus.PENDING, "another worker")
    assert room.store.objects == before


def test_a_worker_is_looked_up_once_for_all_its_tasks(room: Room) -> None:
    results = present(room)
    room.store.gets = 0
    for _poll in range(5):
        results.get(TASK)
    assert room.store.gets == 5 + 1


def test_what_has_ended_is_shown_as_it_is(room: Room) -> None:
    room.clock.sleep(41)
    room.run(succeed)
    shown = present(room).get(TASK)
    assert shown is not None
    assert shown.status is TaskStatus.SUCCESS
