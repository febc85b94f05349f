import uuid
from dataclasses import replace

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock, iso
from core.queueing.results import TaskStatus
from core.queueing.task_index import TaskIndex
from core.queueing.topology import ANALYSIS
from core.review.task_changes import TaskChanges
from tests.support.reviews import a_record, a_session

SESSION = a_session()
A_MOMENT_S = 1.0


class Seen:
    """The changes, the index they come from, and how often it was listed."""

    def __init__(self):
        self.clock, self.store, self.lists = ScriptedClock(), MemoryObjectStore(), 0
        self.while_listing = lambda: None
        self.changes = TaskChanges(self, self.clock, queue=ANALYSIS.key)

    def list(self, prefix, *, most=None):
        self.lists += 1
        self.while_listing()
        return self.store.list(prefix, most=most)

    def starts(self, count=1, *, ago_s=0.0):
        """That many tasks were taken by a worker, and are entered now."""
        records = [a_record(SESSION, f"s{number}", TaskStatus.STARTED) for number in range(count)]
        for record in records:
            at = iso(self.clock.now() - ago_s)
            TaskIndex(self.store).note(replace(record, accepted_at=at, taken_at=at))
        return records[0].task_id

    def next_look(self):
        self.clock.sleep(A_MOMENT_S)
        return self.changes.look()


@pytest.fixture
def seen():
    return Seen()


def test_a_task_has_changed_since_the_look_before_its_entry_and_not_since_the_one_after(seen):
    before = seen.changes.look()
    task = seen.starts()
    after = seen.next_look()
    seen.next_look()

    assert seen.changes.since(before, task)
    assert not seen.changes.since(after, task)
    assert not seen.changes.since(before, str(uuid.uuid4()))


def test_one_listing_serves_all_who_ask_in_the_same_moment(seen):
    assert seen.changes.look() == seen.changes.look()
    assert seen.lists == 1


def test_an_entry_that_comes_late_still_counts(seen):
    seen.starts(3)
    before = seen.changes.look()

    task = seen.starts(ago_s=5)
    seen.next_look()

    assert seen.changes.since(before, task)


def test_more_changes_than_a_listing_shows_count_as_a_change_of_every_task(seen):
    before = seen.changes.look()
    seen.starts(150)
    after = seen.next_look()
    anything = str(uuid.uuid4())

    assert seen.changes.since(before, anything)
    assert not seen.changes.since(after, anything)


def test_a_change_just_before_midnight_is_seen_just_after_it(seen):
    seen.clock.sleep(86_400 - seen.clock.now() % 86_400 - 0.5)
    before = seen.changes.look()
    task = seen.starts()

    seen.next_look()

    assert seen.changes.since(before, task)


def test_nobody_waits_for_the_listing_of_another(seen):
    """Who asks meanwhile goes by the look before, and so sees a change that it may have missed as one."""
    before = seen.changes.look()
    seen.clock.sleep(A_MOMENT_S)
    meanwhile = []
    seen.while_listing = lambda: meanwhile.append(seen.changes.look())

    task = seen.starts()
    after = seen.changes.look()

    assert meanwhile == [before]
    assert after > before
    assert seen.changes.since(before, task)
