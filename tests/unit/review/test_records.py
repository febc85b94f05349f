from core.queueing.results import TaskStatus
from core.review.records import RememberedResults
from tests.support.reviews import a_record, a_session

SESSION = a_session(tasks={"s1": "6f1b2f4e-0000-4000-8000-000000000001"})
TASK = SESSION.tasks["s1"]


class Counting:
    """A source that counts what is asked of it."""

    def __init__(self, status):
        self.status = status
        self.asked = []

    def get(self, task_id):
        return self.get_many([task_id]).get(task_id)

    def get_many(self, task_ids):
        self.asked += list(task_ids)
        return {TASK: a_record(SESSION, "s1", self.status)} if TASK in task_ids else {}


def test_a_success_is_read_once():
    source = Counting(TaskStatus.SUCCESS)
    results = RememberedResults(source)

    for _ in range(3):
        assert results.get(TASK).status is TaskStatus.SUCCESS

    assert results.statuses([TASK]) == {TASK: TaskStatus.SUCCESS}
    assert source.asked == [TASK]


def test_whatever_may_still_change_is_read_each_time():
    source = Counting(TaskStatus.FAILURE)
    results = RememberedResults(source)
    results.get(TASK)

    source.status = TaskStatus.STARTED

    assert results.get(TASK).status is TaskStatus.STARTED
    assert results.statuses([TASK, "unknown"]) == {TASK: TaskStatus.STARTED}


def test_what_was_deleted_is_forgotten():
    source = Counting(TaskStatus.SUCCESS)
    results = RememberedResults(source)
    results.get(TASK)

    results.forget([TASK])

    results.get(TASK)
    assert source.asked == [TASK, TASK]
