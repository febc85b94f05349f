from dataclasses import replace

from core.clock import ScriptedClock
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.status import ModelState
from tests.unit.throttling.builders import SMALL, START, asks, limiter_of


def test_the_status_says_what_is_in_use_and_how_each_model_is_doing():
    clock = ScriptedClock(START)
    limiter = limiter_of(clock=clock)
    for lease_id, kind in (("a", OutcomeKind.THROTTLED), ("b", OutcomeKind.GONE)):
        limiter.acquire(asks(lease_id))
        limiter.settle(lease_id, Outcome(kind))
    limiter.acquire(asks("c", queue="chat", tokens=100))
    status = limiter.status()
    assert [model.state for model in status.models] == [ModelState.COOLING, ModelState.DEAD, ModelState.READY]
    assert status.models[1].why == "gone"
    assert (status.requests, status.slots, status.tokens) == (3, 1, 100)
    assert status.queues == {"analysis": 2, "chat": 1}
    assert status.usable
    assert [(model.slots, model.tokens) for model in status.models] == [(0, 0), (0, 0), (1, 100)]


def test_the_status_tells_calls_from_slots_reserved_for_later():
    limiter = limiter_of(limits=replace(SMALL, requests=1))
    limiter.acquire(asks("a"))
    limiter.acquire(asks("b", ticket="task"))
    status = limiter.status()
    assert (status.slots, status.tickets, status.requests) == (1, 1, 1)


def test_no_model_is_usable_when_all_are_dead_and_one_that_pauses_still_is():
    limiter = limiter_of()
    for number in range(3):
        limiter.acquire(asks(f"l{number}"))
        limiter.settle(f"l{number}", Outcome(OutcomeKind.DENIED))
    assert not limiter.status().usable


def test_an_opened_breaker_is_shown_open_and_then_half_open():
    clock = ScriptedClock(START)
    limiter = limiter_of(clock=clock)
    for number in range(SMALL.breaker_failures):
        limiter.acquire(asks(f"l{number}"))
        limiter.settle(f"l{number}", Outcome(OutcomeKind.FAILED))
    assert limiter.status().models[0].state is ModelState.OPEN
    clock.at += SMALL.breaker_open_s
    assert limiter.status().models[0].state is ModelState.HALF_OPEN
