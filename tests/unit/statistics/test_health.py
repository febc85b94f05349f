import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.errors import Transient
from core.statistics import health
from core.statistics.health import Condition, HealthBook


@pytest.mark.parametrize(
    ("name", "healthy", "busy", "unhealthy"),
    [
        ("queue-depth", 9, (10, 50), 51),
        ("success-rate", 0.991, (0.99, 0.95), 0.949),
        ("cpu", 60, (61, 80), 80.1),
        ("memory", 70, (71, 99), None),
        ("dead-letters", 0, (), 1),
        ("storage", 1, (), 0),
        ("enhanced", 2, (), 0),
        ("workers", 1, (), 0),
    ],
)
def test_a_sign_is_held_to_its_bounds(name, healthy, busy, unhealthy):
    assert health.sign(name, healthy).condition is Condition.HEALTHY
    assert {health.sign(name, value).condition for value in busy} <= {Condition.BUSY}
    if unhealthy is not None:
        assert health.sign(name, unhealthy).condition is Condition.UNHEALTHY


@pytest.mark.parametrize(("queue", "most"), [("analysis", 900), ("chat", 120), ("monitoring", 300)])
def test_work_that_is_too_old_pages_somebody(queue, most):
    assert not health.oldest_age(queue, most).pages
    assert health.oldest_age(queue, most + 1).pages
    assert health.oldest_age(queue, None).condition is Condition.HEALTHY


def test_a_dead_letter_pages_and_a_deep_queue_does_not():
    assert health.sign("dead-letters", 1, of="chat").pages
    assert not health.sign("queue-depth", 1_000, of="chat").pages


def test_some_models_dead_is_busy_all_dead_is_unhealthy():
    found = [health.models(usable, 7).condition for usable in (7, 3, 0)]
    assert found == [Condition.HEALTHY, Condition.BUSY, Condition.UNHEALTHY]


def test_the_worst_sign_is_the_verdict_and_an_unknown_one_counts_for_nothing():
    signs = [health.sign("cpu", None), health.sign("queue-depth", 20), health.sign("storage", 1)]
    assert health.health_of(signs, at=None).condition is Condition.BUSY


def test_a_verdict_is_read_as_it_was_entered_and_grows_old():
    clock = ScriptedClock()
    book = HealthBook(MemoryObjectStore(), clock)
    assert (book.latest().condition, book.latest().at) == (Condition.UNKNOWN, None)
    entered = book.enter([health.sign("storage", 1)])
    assert book.latest().signs[:-1] == entered.signs
    assert book.latest().condition is Condition.HEALTHY
    clock.sleep(301)
    late = book.latest()
    assert (late.condition, late.pages, late.signs[-1].value) == (Condition.UNHEALTHY, True, 301)


def test_storage_that_does_not_answer_is_a_sign_and_no_error():
    class Silent(MemoryObjectStore):
        def get(self, key):
            raise Transient("storage/unavailable")

    found = HealthBook(Silent(), ScriptedClock()).latest()
    assert (found.condition, found.at) == (Condition.UNHEALTHY, None)
    assert [(one.name, one.value) for one in found.signs] == [("storage", 0)]
