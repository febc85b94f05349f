"""Fallback, waiting and metering of one model call, with scripted models and a scripted clock."""

import json
from dataclasses import replace

import pytest

from core.async_request_manager import AsyncRequestManager
from core.aws.bedrock import CallFault, ModelCallError
from core.clock import ScriptedClock
from core.config import LimitSettings
from core.errors import Permanent, Throttled, Transient
from core.models.exchange import ModelRequest
from core.throttling.limiter import Limiter
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.status import ModelState
from core.throttling.store import MemoryStateStore
from tests.unit.throttling.builders import REGISTRY, SMALL, START, asks

REQUEST = ModelRequest(
    system=("s",),
    user=("u",),
    schema={},
    schema_name="x",
    prompt_version="v",
    fingerprint="f",
    answer_tokens=20,
)
LIMITS = replace(SMALL, requests=50, queue_rates={})
EARLY_S = 3.0


class ScriptedModels:
    """Answers by model id: a fault is raised, anything else is the answer's text. A list is used up."""

    def __init__(self, clock, script=None, *, takes_s=2.0):
        self.clock = clock
        self.script = script or {}
        self.takes_s = takes_s
        self.service_latency_s = takes_s
        self.called = []
        self.slots_in_use = []
        self.watch = lambda: None

    def converse(self, request, *, region=""):
        model_id = request["modelId"]
        self.called.append(model_id)
        self.watch()
        planned = self.script.get(model_id, "fine")
        step = planned.pop(0) if isinstance(planned, list) else planned
        self.clock.at += self.takes_s
        if isinstance(step, CallFault):
            raise ModelCallError(step, code=f"{step}-code", detail="It failed.")
        if isinstance(step, BaseException):
            raise step
        return {
            "metrics": {"latencyMs": int(1000 * self.service_latency_s)},
            "output": {"message": {"content": [{"text": step}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 30, "outputTokens": 4},
        }


class Attempts:
    def __init__(self):
        self.log = []
        self.answer = None
        self.claim_error = None
        self.answered_error = None

    @property
    def next_call(self):
        claims = sum(entry[0] == "claim" for entry in self.log)
        return f"{id(self)}/{claims + 1}"

    def stored_answer(self):
        return self.answer

    def claim(self, model_id):
        if self.claim_error:
            raise self.claim_error
        self.log.append(("claim", model_id))

    def answered(self, model_id, answer):
        if self.answered_error:
            raise self.answered_error
        self.log.append(("answered", model_id))
        self.answer = json.loads(json.dumps(answer))

    def failed(self, model_id, code):
        self.log.append(("failed", model_id, code))

    def failed_models(self):
        return frozenset(entry[1] for entry in self.log if entry[0] == "failed")


class House:
    """Everything around one manager."""

    def __init__(self, script=None, *, limits=LIMITS, beside=None):
        """beside: another house whose clock and shared limits this one uses."""
        self.clock = ScriptedClock(beside.clock.at if beside else START)
        self.models = ScriptedModels(self.clock, script)
        self.store = beside.store if beside else MemoryStateStore()
        self.limiter = Limiter(store=self.store, clock=self.clock, limits=limits, registry=REGISTRY)
        self.attempts = Attempts()
        self.manager = AsyncRequestManager(
            registry=REGISTRY,
            limiter=self.limiter,
            invoker=self.models,
            clock=self.clock,
            limits=LimitSettings(fallback_delay_s=5.0),
        )

    def ask(self, *, request=REQUEST, attempts=None, deadline_s=900.0, **options):
        return self.manager.invoke_with_fallback(
            request,
            queue="analysis",
            attempts=attempts or self.attempts,
            deadline_at=self.clock.at + deadline_s,
            **options,
        )

    def states(self):
        return [model.state for model in self.limiter.status().models]


def code_of(house, kind, **options):
    with pytest.raises(kind) as caught:
        house.ask(**options)
    return caught.value.code


def test_the_first_model_answers_and_everything_is_metered():
    house = House()
    answer = house.ask()
    assert (answer.model_id, answer.model_name, answer.content) == ("first", "First", "fine")
    assert (answer.latency_s, answer.quota_tokens, answer.tried) == (2.0, 30 + 5 * 4, ())
    assert house.attempts.log == [("claim", "first"), ("answered", "first")]
    assert house.limiter.status().slots == 0
    assert house.limiter.status().tokens == 50


def test_an_answer_paid_for_before_a_crash_is_used_without_a_call():
    house = House()
    first = house.ask()
    assert house.ask() == first
    assert house.models.called == ["first"]


def test_a_stored_answer_to_another_question_is_not_used_but_kept_for_its_own():
    house = House()
    house.ask(request=replace(REQUEST, fingerprint="part 1"))
    house.ask(request=replace(REQUEST, fingerprint="part 2"))
    house.ask(request=replace(REQUEST, fingerprint="part 1"))
    house.ask(request=replace(REQUEST, fingerprint="part 2"))
    assert len(house.models.called) == 2


def test_a_throttled_model_cools_and_the_next_answers_after_the_delay():
    house = House({"first": CallFault.THROTTLED})
    slots = []
    house.clock.sleep = lambda seconds: slots.append((seconds, house.limiter.status().slots))
    answer = house.ask()
    assert answer.model_id == "second"
    assert slots == [(5.0, 0)], "the delay is slept holding nothing"
    assert [item.model_id for item in answer.tried] == ["first"]
    assert house.states()[0] is ModelState.COOLING


@pytest.mark.parametrize("fault", [CallFault.GONE, CallFault.DENIED])
def test_a_dead_model_is_left_out_at_once_and_for_the_next_call_too(fault):
    house = House({"first": fault})
    assert house.ask().model_id == "second"
    assert house.clock.slept == []
    assert house.ask(attempts=Attempts()).model_id == "second"
    assert house.models.called == ["first", "second", "second"]


def test_when_all_models_are_dead_there_is_none_left():
    house = House(dict.fromkeys(("first", "second", "third"), CallFault.GONE))
    assert code_of(house, Permanent) == "model/none-left"
    assert len(house.models.called) == 3
    assert code_of(house, Permanent, attempts=Attempts()) == "model/none-left"
    assert len(house.models.called) == 3, "dead models cost nothing"


def test_when_all_models_cool_the_task_is_handed_back_until_the_first_is_back():
    limits = replace(LIMITS, cooldown_s=60.0)
    house = House(dict.fromkeys(("first", "second", "third"), CallFault.THROTTLED), limits=limits)
    with pytest.raises(Throttled) as caught:
        house.ask()
    assert caught.value.code == "model/throttled"
    assert caught.value.waiting_for == "models pausing"
    assert 30 < caught.value.retry_after_s <= 61


@pytest.mark.parametrize(
    ("fault", "code"),
    [(CallFault.UNAVAILABLE, "model/unavailable"), (CallFault.TIMEOUT, "model/timeout")],
)
def test_errors_of_the_service_use_an_attempt_and_the_retry_prefers_another_model(fault, code):
    house = House({"first": fault})
    assert code_of(house, Transient) == code
    assert house.limiter.status().models[0].failures == 1
    assert house.attempts.log[-1] == ("failed", "first", f"{fault}-code")
    assert house.ask().model_id == "second"


def test_a_rejected_request_is_our_fault_and_final():
    house = House({"first": CallFault.REJECTED})
    assert code_of(house, Permanent) == "model/rejected"
    assert house.states()[0] is ModelState.READY


def test_a_lost_claim_gives_the_whole_slot_back():
    house = House()
    house.attempts.claim_error = Throttled("task/attempt-live", retry_after_s=20)
    assert code_of(house, Throttled) == "task/attempt-live"
    status = house.limiter.status()
    assert (status.requests, status.tokens, status.slots) == (0, 0, 0)
    assert house.models.called == []


class StoppedByTimeLimit(BaseException):
    """Like the soft time limit: no Exception, raised from anywhere."""


def test_a_call_that_is_interrupted_settles_and_keeps_its_reservation():
    house = House({"first": StoppedByTimeLimit()})
    with pytest.raises(StoppedByTimeLimit):
        house.ask()
    status = house.limiter.status()
    assert (status.requests, status.slots) == (1, 0)
    assert status.tokens == REQUEST.input_tokens() + 20


def test_a_slot_that_comes_soon_is_waited_for():
    house = House(limits=replace(LIMITS, requests=1, window_s=8.0))
    house.ask()
    answer = house.ask(attempts=Attempts())
    assert answer.content == "fine"
    assert house.clock.at >= START + 8.15


def test_a_slot_that_comes_late_hands_the_task_back_until_then():
    house = House(limits=replace(LIMITS, requests=1, window_s=60.0))
    house.ask()
    with pytest.raises(Throttled) as caught:
        house.ask(attempts=Attempts())
    assert caught.value.waiting_for == "request limit"
    assert caught.value.retry_after_s == pytest.approx(58.15 - EARLY_S, abs=0.1)
    assert house.clock.slept == []


def waits_in_the_queue(house, attempts):
    """A task whose slot is far: handed back, and delivered again when it asked to be."""
    with pytest.raises(Throttled) as caught:
        house.ask(attempts=attempts)
    house.clock.at += caught.value.retry_after_s


def test_a_task_that_was_handed_back_finds_its_slot_reserved():
    house, attempts = House(limits=replace(LIMITS, requests=1, window_s=60.0)), Attempts()
    house.ask()
    waits_in_the_queue(house, attempts)
    assert house.limiter.status().tickets == 1
    with pytest.raises(Throttled):
        House(limits=replace(LIMITS, requests=1, window_s=60.0), beside=house).ask()
    assert house.ask(attempts=attempts).content == "fine"
    assert house.clock.slept == [pytest.approx(EARLY_S, abs=0.1)], "it came a little early and slept the rest"
    assert house.limiter.status().tokens == 50


def test_a_task_that_comes_back_to_a_retired_model_is_asked_of_another():
    house, attempts = House(limits=replace(LIMITS, requests=2, window_s=60.0)), Attempts()
    house.limiter.acquire(asks("running"))
    house.ask()
    waits_in_the_queue(house, attempts)
    house.limiter.settle("running", Outcome(OutcomeKind.GONE))
    house.limiter.flush()
    assert house.ask(attempts=attempts).model_id == "second"


def test_a_second_delivery_that_took_up_the_ticket_and_loses_the_claim_gives_it_back():
    house, attempts = House(limits=replace(LIMITS, requests=1, window_s=60.0)), Attempts()
    house.ask()
    waits_in_the_queue(house, attempts)
    attempts.claim_error = Throttled("task/attempt-live", retry_after_s=20)
    assert code_of(house, Throttled, attempts=attempts) == "task/attempt-live"
    house.limiter.flush()
    assert house.store.read()["leases"] == {}


def test_a_worker_that_is_stopped_while_it_waits_gives_its_slot_back():
    house = House(limits=replace(LIMITS, requests=1, window_s=8.0))
    house.ask()

    def stopped(seconds):
        raise StoppedByTimeLimit()

    house.clock.sleep = stopped
    with pytest.raises(StoppedByTimeLimit):
        house.ask(attempts=Attempts())
    status = house.limiter.status()
    assert (status.requests, status.slots, status.tickets) == (1, 0, 0)


def test_a_call_counts_from_when_the_service_says_it_came_in():
    house = House()
    house.models.service_latency_s = 0.5
    house.ask()
    (request,) = told(house)["requests"]
    assert request[0] == pytest.approx(START + 2.0 - 0.5)


@pytest.mark.parametrize(("takes_s", "later_s"), [(0.3, 0.3), (90.0, 1.0)])
def test_a_failed_call_counts_from_the_latest_that_it_can_have_come_in(takes_s, later_s):
    house = House({"first": CallFault.TIMEOUT})
    house.models.takes_s = takes_s
    code_of(house, Transient)
    (request,) = told(house)["requests"]
    assert request[0] == pytest.approx(START + later_s)


def told(house):
    house.limiter.flush()
    return house.store.read()


def test_nobody_overtakes_a_worker_that_sleeps_to_its_slot():
    house = House(limits=replace(LIMITS, requests=1, window_s=8.0))
    house.ask()
    sleep, beside = house.clock.sleep, House(limits=replace(LIMITS, requests=1, window_s=8.0), beside=house)

    def others_ask_meanwhile(seconds):
        sleep(seconds)
        beside.clock.at = house.clock.at
        assert beside.limiter.acquire(asks("other")).at > house.clock.at

    house.clock.sleep = others_ask_meanwhile
    assert house.ask(attempts=Attempts()).content == "fine"
    assert len(house.clock.slept) == 1


def test_calls_that_take_longer_than_usual_do_not_hold_a_waiting_worker_for_long():
    house = House(limits=replace(LIMITS, concurrent=1, lease_s=500.0))
    house.limiter.acquire(asks("a call that never ends", patience_s=100.0))
    assert code_of(house, Throttled, attempts=Attempts()) == "model/throttled"
    assert house.clock.at - START < 60


def test_no_call_begins_after_the_deadline():
    house = House()
    assert code_of(house, Permanent, deadline_s=0.0) == "task/deadline"
    assert house.models.called == []


def test_a_wait_beyond_the_deadline_is_spent_in_the_queue_where_it_does_not_count():
    house = House(limits=replace(LIMITS, requests=1, window_s=8.0))
    house.ask()
    assert code_of(house, Throttled, attempts=Attempts(), deadline_s=3.0) == "model/throttled"


def test_a_request_that_no_window_can_hold_fails_at_once():
    house = House(limits=replace(LIMITS, tokens=10))
    assert code_of(house, Permanent) == "limits/too-large"


def test_an_unusable_answer_is_charged_and_not_found_by_the_retry():
    house = House({"first": ["nonsense", "fine"]})

    def check(answer):
        if answer.content != "fine":
            raise Transient("model/invalid-answer")

    assert code_of(house, Transient, check=check) == "model/invalid-answer"
    assert house.limiter.status().tokens == 50
    assert house.ask(check=check).content == "fine"
    assert len(house.models.called) == 2


def test_a_paid_answer_is_not_lost_because_it_could_not_be_recorded():
    house = House()
    house.attempts.answered_error = Transient("storage/unavailable")
    assert house.ask().content == "fine"
    assert house.limiter.status().slots == 0


def test_a_paid_answer_is_not_lost_because_the_slot_could_not_be_settled():
    house = House()

    def outage():
        house.store.transact = broken

    def broken(_change, _say, *, linger_s):
        raise Transient("storage/unavailable")

    house.models.watch = outage
    assert house.ask().content == "fine"


def test_without_the_shared_limits_no_model_is_called():
    house = House()

    def broken(_change, _say, *, linger_s):
        raise Transient("storage/unavailable")

    house.store.transact = broken
    assert code_of(house, Throttled) == "limiter/unavailable"
    assert house.models.called == []
