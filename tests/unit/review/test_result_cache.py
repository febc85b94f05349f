import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.queueing.results import TaskStatus
from core.queueing.task_index import TaskIndex
from core.queueing.topology import ANALYSIS, CHAT
from core.review.result_cache import CachedResults
from core.review.task_changes import TaskChanges
from tests.support.reviews import a_record, a_session

SESSION = a_session(tasks={"s1": "6f1b2f4e-0000-4000-8000-000000000001"})
TASK = SESSION.tasks["s1"]


class Counting:
    """A source that counts what is asked of it."""

    def __init__(self, status, **about):
        self.status = status
        self.about = about
        self.asked = []

    def get(self, task_id):
        return self.get_many([task_id]).get(task_id)

    def get_many(self, task_ids):
        self.asked += list(task_ids)
        return {TASK: a_record(SESSION, "s1", self.status, **self.about)} if TASK in task_ids else {}


@pytest.fixture
def store():
    return MemoryObjectStore()


@pytest.fixture
def clock():
    return ScriptedClock()


@pytest.fixture
def remember(store, clock):
    return lambda source: CachedResults(source, TaskChanges(store, clock, queue=ANALYSIS.key), clock)


def test_a_success_is_read_once(remember):
    source = Counting(TaskStatus.SUCCESS)
    results = remember(source)

    for _ in range(3):
        assert results.get(TASK).status is TaskStatus.SUCCESS

    assert results.statuses([TASK]) == {TASK: TaskStatus.SUCCESS}
    assert source.asked == [TASK]


def test_whatever_may_still_change_is_read_each_time(remember):
    source = Counting(TaskStatus.FAILURE)
    results = remember(source)
    results.get(TASK)

    source.status = TaskStatus.STARTED

    assert results.get(TASK).status is TaskStatus.STARTED
    assert results.statuses([TASK, "unknown"]) == {TASK: TaskStatus.STARTED}


def test_what_was_deleted_is_forgotten(remember):
    source = Counting(TaskStatus.SUCCESS)
    results = remember(source)
    results.get(TASK)

    results.forget([TASK])

    results.get(TASK)
    assert source.asked == [TASK, TASK]


def test_what_waits_is_read_once_while_the_task_index_is_silent(remember, clock):
    source = Counting(TaskStatus.PENDING)
    results = remember(source)
    for _ in range(5):
        assert results.get_many_recent([TASK])[TASK].status is TaskStatus.PENDING
        clock.sleep(1.5)

    assert source.asked == [TASK]


def test_what_waits_is_read_again_as_soon_as_the_index_names_it(remember, store, clock):
    source = Counting(TaskStatus.PENDING)
    results = remember(source)
    results.get_many_recent([TASK])
    source.status = TaskStatus.STARTED
    clock.sleep(1)

    TaskIndex(store).note(a_record(SESSION, "s1", TaskStatus.STARTED))

    assert results.get_many_recent([TASK])[TASK].status is TaskStatus.STARTED


def test_what_waits_is_read_again_in_time_where_its_entry_was_lost(remember, clock):
    source = Counting(TaskStatus.PENDING)
    results = remember(source)
    results.get_many_recent([TASK])
    source.status = TaskStatus.SUCCESS

    clock.sleep(10)

    assert results.get_many_recent([TASK])[TASK].status is TaskStatus.SUCCESS


def test_a_reader_who_does_not_follow_gets_what_is_stored_now(remember):
    source = Counting(TaskStatus.PENDING)
    results = remember(source)
    results.get_many_recent([TASK])

    source.status = TaskStatus.STARTED

    assert results.get(TASK).status is TaskStatus.STARTED


@pytest.mark.parametrize(
    "about", [{"status": TaskStatus.STARTED}, {"status": TaskStatus.PENDING, "queue": CHAT.key}]
)
def test_what_runs_and_what_is_asked_in_a_chat_is_read_each_time(remember, about):
    source = Counting(**about)
    results = remember(source)

    results.get_many_recent([TASK])
    results.get_many_recent([TASK])

    assert source.asked == [TASK, TASK]
