"""One model call: fallback, failures, stored answers, metering."""

from dataclasses import replace

import pytest

from core.aws.bedrock import CallFault
from core.errors import Permanent, Throttled, Transient
from core.throttling.status import ModelState
from tests.unit.model_calls.builders import LIMITS, REQUEST, Attempts, Calls, StoppedByTimeLimit, code_of
from tests.unit.throttling.builders import START


def test_the_first_model_answers_and_everything_is_metered():
    calls = Calls()
    answer = calls.ask()
    assert (answer.model_id, answer.model_name, answer.content) == ("first", "First", "fine")
    assert (answer.latency_s, answer.quota_tokens, answer.tried) == (2.0, 30 + 5 * 4, ())
    assert calls.attempts.log == [("claim", "first"), ("answered", "first")]
    assert calls.limiter.status().slots == 0
    assert calls.limiter.status().tokens == 50


def test_an_answer_paid_for_before_a_crash_is_used_without_a_call():
    calls = Calls()
    first = calls.ask()
    assert calls.ask() == first
    assert calls.models.called == ["first"]


def test_a_stored_answer_to_another_question_is_not_used_but_kept_for_its_own():
    calls = Calls()
    calls.ask(request=replace(REQUEST, fingerprint="part 1"))
    calls.ask(request=replace(REQUEST, fingerprint="part 2"))
    calls.ask(request=replace(REQUEST, fingerprint="part 1"))
    calls.ask(request=replace(REQUEST, fingerprint="part 2"))
    assert len(calls.models.called) == 2


def test_a_throttled_model_cools_and_the_next_answers_after_the_delay():
    calls = Calls({"first": CallFault.THROTTLED})
    slots = []
    calls.clock.sleep = lambda seconds: slots.append((seconds, calls.limiter.status().slots))
    answer = calls.ask()
    assert answer.model_id == "second"
    assert slots == [(5.0, 0)], "the delay is slept holding nothing"
    assert [item.model_id for item in answer.tried] == ["first"]
    assert calls.states()[0] is ModelState.COOLING


@pytest.mark.parametrize("fault", [CallFault.GONE, CallFault.DENIED])
def test_a_dead_model_is_left_out_at_once_and_for_the_next_call_too(fault):
    calls = Calls({"first": fault})
    assert calls.ask().model_id == "second"
    assert calls.clock.slept == []
    assert calls.ask(attempts=Attempts()).model_id == "second"
    assert calls.models.called == ["first", "second", "second"]


def test_when_all_models_are_dead_there_is_none_left():
    calls = Calls(dict.fromkeys(("first", "second", "third"), CallFault.GONE))
    assert code_of(calls, Permanent) == "model/none-left"
    assert len(calls.models.called) == 3
    assert code_of(calls, Permanent, attempts=Attempts()) == "model/none-left"
    assert len(calls.models.called) == 3, "dead models cost nothing"


def test_when_all_models_cool_the_task_is_handed_back_until_the_first_is_back():
    limits = replace(LIMITS, cooldown_s=60.0)
    calls = Calls(dict.fromkeys(("first", "second", "third"), CallFault.THROTTLED), limits=limits)
    with pytest.raises(Throttled) as caught:
        calls.ask()
    assert caught.value.code == "model/throttled"
    assert caught.value.waiting_for == "models pausing"
    assert 30 < caught.value.retry_after_s <= 61


@pytest.mark.parametrize(
    ("fault", "code"),
    [(CallFault.UNAVAILABLE, "model/unavailable"), (CallFault.TIMEOUT, "model/timeout")],
)
def test_errors_of_the_service_use_an_attempt_and_the_retry_prefers_another_model(fault, code):
    calls = Calls({"first": fault})
    assert code_of(calls, Transient) == code
    assert calls.limiter.status().models[0].failures == 1
    assert calls.attempts.log[-1] == ("failed", "first", f"{fault}-code")
    assert calls.ask().model_id == "second"


def test_a_rejected_request_is_our_fault_and_final():
    calls = Calls({"first": CallFault.REJECTED})
    assert code_of(calls, Permanent) == "model/rejected"
    assert calls.states()[0] is ModelState.READY


def test_a_lost_claim_gives_its_slot_back_and_leaves_its_request_counted():
    calls = Calls()
    calls.attempts.claim_error = Throttled("task/attempt-live", retry_after_s=20)
    assert code_of(calls, Throttled) == "task/attempt-live"
    status = calls.limiter.status()
    assert (status.requests, status.slots) == (1, 0)
    assert calls.models.called == []


def test_a_call_that_is_interrupted_settles_and_keeps_its_reservation():
    calls = Calls({"first": StoppedByTimeLimit()})
    with pytest.raises(StoppedByTimeLimit):
        calls.ask()
    status = calls.limiter.status()
    assert (status.requests, status.slots) == (1, 0)
    assert status.tokens == REQUEST.input_tokens() + 20


def test_a_call_counts_from_when_the_service_says_it_came_in():
    calls = Calls()
    calls.models.service_latency_s = 0.5
    calls.ask()
    (request,) = told(calls)["requests"]
    assert request[0] == pytest.approx(START + 2.0 - 0.5)


@pytest.mark.parametrize(("takes_s", "later_s"), [(0.3, 0.3), (90.0, 1.0)])
def test_a_failed_call_counts_from_the_latest_that_it_can_have_come_in(takes_s, later_s):
    calls = Calls({"first": CallFault.TIMEOUT})
    calls.models.takes_s = takes_s
    code_of(calls, Transient)
    (request,) = told(calls)["requests"]
    assert request[0] == pytest.approx(START + later_s)


def told(calls):
    calls.limiter.flush()
    return calls.store.read()


def test_an_unusable_answer_is_charged_and_not_found_by_the_retry():
    calls = Calls({"first": ["nonsense", "fine"]})

    def check(answer):
        if answer.content != "fine":
            raise Transient("model/invalid-answer")

    assert code_of(calls, Transient, check=check) == "model/invalid-answer"
    assert calls.limiter.status().tokens == 50
    assert calls.ask(check=check).content == "fine"
    assert len(calls.models.called) == 2


def test_a_paid_answer_is_not_lost_because_it_could_not_be_recorded():
    calls = Calls()
    calls.attempts.answered_error = Transient("storage/unavailable")
    assert calls.ask().content == "fine"
    assert calls.limiter.status().slots == 0


def test_a_paid_answer_is_not_lost_because_the_slot_could_not_be_settled():
    calls = Calls()

    def outage():
        calls.store.transact = broken

    def broken(_change, _say, *, linger_s):
        raise Transient("storage/unavailable")

    calls.models.watch = outage
    assert calls.ask().content == "fine"


def test_without_the_shared_limits_no_model_is_called():
    calls = Calls()

    def broken(_change, _say, *, linger_s):
        raise Transient("storage/unavailable")

    calls.store.transact = broken
    assert code_of(calls, Throttled) == "limiter/unavailable"
    assert calls.models.called == []
