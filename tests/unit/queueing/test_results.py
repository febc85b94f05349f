"""Task records: legal transitions, one end per generation, readable by older and newer releases."""

import itertools

import pytest

from core.aws.object_store import MemoryObjectStore, get_json, put_json
from core.clock import ScriptedClock, iso
from core.errors import Permanent
from core.queueing import transitions
from core.queueing.results import TaskRecord, TaskResults, TaskStatus, last_sign_of_life
from core.queueing.transitions import Execution, IllegalTransition
from tests.support.queueing import SESSION, TASK

NOW = 1_800_000_000.0
ENDED = (TaskStatus.SUCCESS, TaskStatus.FAILURE, TaskStatus.REVOKED)


def record(status: TaskStatus = TaskStatus.PENDING, **fields: object) -> TaskRecord:
    base = TaskRecord(TASK, "analyze_section_task", "analysis", "me", SESSION, "s1", iso(NOW), status=status)
    return TaskRecord.from_dict({**base.to_dict(), **fields})


CHANGES = {
    TaskStatus.STARTED: lambda r: transitions.started(r, Execution("w", "d"), now=NOW, deadline_s=900),
    TaskStatus.PENDING: lambda r: transitions.handed_back(r, now=NOW, delay_s=5, waiting_for="a slot"),
    TaskStatus.RETRY: lambda r: transitions.retrying(r, Permanent("task/crashed"), now=NOW, delay_s=5),
    TaskStatus.SUCCESS: lambda r: transitions.succeeded(r, {}, now=NOW),
    TaskStatus.FAILURE: lambda r: transitions.failed(r, Permanent("task/crashed"), now=NOW),
    TaskStatus.REVOKED: lambda r: transitions.revoked(r, now=NOW),
}
ILLEGAL = [
    *itertools.product((TaskStatus.SUCCESS,), CHANGES),
    *itertools.product(
        (TaskStatus.FAILURE, TaskStatus.REVOKED),
        [after for after in CHANGES if after is not TaskStatus.PENDING],
    ),
    *itertools.product((TaskStatus.PENDING, TaskStatus.RETRY), (TaskStatus.PENDING, TaskStatus.RETRY)),
]


@pytest.mark.parametrize(("before", "after"), ILLEGAL)
def test_illegal_swaps_are_refused(before: TaskStatus, after: TaskStatus) -> None:
    with pytest.raises(IllegalTransition):
        CHANGES[after](record(before))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *itertools.product((TaskStatus.PENDING, TaskStatus.STARTED, TaskStatus.RETRY), ENDED),
        (TaskStatus.PENDING, TaskStatus.STARTED),
        (TaskStatus.RETRY, TaskStatus.STARTED),
        (TaskStatus.STARTED, TaskStatus.PENDING),
        (TaskStatus.STARTED, TaskStatus.RETRY),
    ],
)
def test_legal_swaps_are_made(before: TaskStatus, after: TaskStatus) -> None:
    assert CHANGES[after](record(before)).status is after


@pytest.mark.parametrize("status", [TaskStatus.PENDING, TaskStatus.STARTED, TaskStatus.SUCCESS])
def test_only_failed_and_cancelled_tasks_get_a_next_generation(status: TaskStatus) -> None:
    with pytest.raises(IllegalTransition):
        transitions.asked_again(record(status), accepted_at=iso(NOW), correlation_id="")


@pytest.fixture
def results() -> TaskResults:
    return TaskResults(MemoryObjectStore(), ScriptedClock())


def test_a_task_is_created_once(results: TaskResults) -> None:
    assert results.create(record())
    assert not results.create(record(section_id="s2"))
    assert (results.get(TASK) or record()).section_id == "s1"


def test_a_swap_of_another_generation_changes_nothing(results: TaskResults) -> None:
    results.create(record(generation=2))
    assert results.swap(TASK, 1, CHANGES[TaskStatus.STARTED]) is None
    assert results.swap("unknown", 1, CHANGES[TaskStatus.STARTED]) is None
    assert (results.get(TASK) or record()).status is TaskStatus.PENDING


class RacingStore(MemoryObjectStore):
    """Somebody else writes between each of the first two reads and their swap."""

    def __init__(self) -> None:
        super().__init__()
        self.races = 2

    def replace(self, key: str, body: bytes, *, etag: str) -> str | None:
        if self.races:
            self.races -= 1
            put_json(self, key, {**get_json(self, key), "nonce": f"rival-{self.races}"})
        return super().replace(key, body, etag=etag)


def test_a_lost_race_is_run_again_on_the_latest_version() -> None:
    store = RacingStore()
    results = TaskResults(store, ScriptedClock())
    results.create(record())
    swapped = results.swap(TASK, 1, CHANGES[TaskStatus.STARTED])
    assert swapped is not None
    assert swapped.status is TaskStatus.STARTED
    assert store.races == 0


def test_every_write_differs_from_every_other(results: TaskResults) -> None:
    results.create(record())
    first = results.get(TASK)
    results.swap(TASK, 1, lambda present: present)
    second = results.get(TASK)
    assert first is not None
    assert second is not None
    assert first.nonce != second.nonce


def test_many_are_read_at_once_and_the_unknown_left_out(results: TaskResults) -> None:
    results.create(record())
    assert list(results.get_many([TASK, "unknown", TASK])) == [TASK]


def test_fields_of_a_later_release_are_passed_over() -> None:
    assert TaskRecord.from_dict({**record().to_dict(), "from_the_future": 1}) == record()


def test_the_last_sign_of_life_may_lie_ahead() -> None:
    assert last_sign_of_life(record()) == NOW
    assert last_sign_of_life(record(taken_at=iso(NOW + 5), not_before=iso(NOW + 50))) == NOW + 50
