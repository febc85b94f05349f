"""Waiting for a slot: in the worker if it comes soon, else in the queue."""

from dataclasses import replace

import pytest

from core.errors import Permanent, Throttled
from core.throttling.outcome import Outcome, OutcomeKind
from tests.unit.model_calls.builders import LIMITS, Attempts, Calls, StoppedByTimeLimit, code_of
from tests.unit.throttling.builders import START, asks

EARLY_S = 3.0


def test_a_slot_that_comes_soon_is_waited_for():
    calls = Calls(limits=replace(LIMITS, requests=1, window_s=8.0))
    calls.ask()
    answer = calls.ask(attempts=Attempts())
    assert answer.content == "fine"
    assert calls.clock.at >= START + 8.15


def test_a_slot_that_comes_late_hands_the_task_back_until_then():
    calls = Calls(limits=replace(LIMITS, requests=1, window_s=60.0))
    calls.ask()
    with pytest.raises(Throttled) as caught:
        calls.ask(attempts=Attempts())
    assert caught.value.waiting_for == "request limit"
    assert caught.value.retry_after_s == pytest.approx(58.15 - EARLY_S, abs=0.1)
    assert calls.clock.slept == []


def waits_in_the_queue(calls, attempts):
    """A task whose slot is far: handed back, and delivered again when it asked to be."""
    with pytest.raises(Throttled) as caught:
        calls.ask(attempts=attempts)
    calls.limiter.flush()
    calls.clock.at += caught.value.retry_after_s


def test_a_task_that_was_handed_back_finds_its_slot_reserved():
    calls, attempts = Calls(limits=replace(LIMITS, requests=1, window_s=60.0)), Attempts()
    calls.ask()
    waits_in_the_queue(calls, attempts)
    assert calls.limiter.status().tickets == 1
    with pytest.raises(Throttled):
        Calls(limits=replace(LIMITS, requests=1, window_s=60.0), beside=calls).ask()
    assert calls.ask(attempts=attempts).content == "fine"
    assert calls.clock.slept == [pytest.approx(EARLY_S, abs=0.1)], "it came a little early and slept the rest"
    assert calls.limiter.status().tokens == 50


def test_a_task_that_comes_back_to_a_retired_model_is_asked_of_another():
    calls, attempts = Calls(limits=replace(LIMITS, requests=2, window_s=60.0)), Attempts()
    calls.limiter.acquire(asks("running"))
    calls.ask()
    waits_in_the_queue(calls, attempts)
    calls.limiter.settle("running", Outcome(OutcomeKind.GONE))
    calls.limiter.flush()
    assert calls.ask(attempts=attempts).model_id == "second"


def test_a_second_delivery_that_took_up_the_ticket_and_loses_the_claim_leaves_its_request_counted():
    """The first one may be calling at the same ticket and not have told yet."""
    calls, attempts = Calls(limits=replace(LIMITS, requests=1, window_s=60.0)), Attempts()
    calls.ask()
    waits_in_the_queue(calls, attempts)
    attempts.claim_error = Throttled("task/attempt-live", retry_after_s=20)
    assert code_of(calls, Throttled, attempts=attempts) == "task/attempt-live"
    calls.limiter.flush()
    assert calls.store.read()["leases"] == {}
    assert calls.limiter.status().requests == 1


def test_a_worker_that_is_stopped_while_it_waits_gives_its_slot_back():
    calls = Calls(limits=replace(LIMITS, requests=1, window_s=8.0))
    calls.ask()

    def stopped(seconds):
        raise StoppedByTimeLimit()

    calls.clock.sleep = stopped
    with pytest.raises(StoppedByTimeLimit):
        calls.ask(attempts=Attempts())
    status = calls.limiter.status()
    assert (status.requests, status.slots, status.tickets) == (1, 0, 0)


def test_nobody_overtakes_a_worker_that_sleeps_to_its_slot():
    calls = Calls(limits=replace(LIMITS, requests=1, window_s=8.0))
    calls.ask()
    sleep, beside = calls.clock.sleep, Calls(limits=replace(LIMITS, requests=1, window_s=8.0), beside=calls)

    def others_ask_meanwhile(seconds):
        sleep(seconds)
        beside.clock.at = calls.clock.at
        assert beside.limiter.acquire(asks("other")).at > calls.clock.at

    calls.clock.sleep = others_ask_meanwhile
    assert calls.ask(attempts=Attempts()).content == "fine"
    assert len(calls.clock.slept) == 1


def test_calls_that_take_longer_than_usual_do_not_hold_a_waiting_worker_for_long():
    calls = Calls(limits=replace(LIMITS, concurrent=1, lease_s=500.0))
    calls.limiter.acquire(asks("a call that never ends", patience_s=100.0))
    assert code_of(calls, Throttled, attempts=Attempts()) == "model/throttled"
    assert calls.clock.at - START < 60


def test_no_call_begins_after_the_deadline():
    calls = Calls()
    assert code_of(calls, Permanent, deadline_s=0.0) == "task/deadline"
    assert calls.models.called == []


def test_a_wait_beyond_the_deadline_is_spent_in_the_queue_where_it_does_not_count():
    calls = Calls(limits=replace(LIMITS, requests=1, window_s=8.0))
    calls.ask()
    assert code_of(calls, Throttled, attempts=Attempts(), deadline_s=3.0) == "model/throttled"


def test_a_request_that_no_window_can_hold_fails_at_once():
    calls = Calls(limits=replace(LIMITS, tokens=10))
    assert code_of(calls, Permanent) == "limits/too-large"
