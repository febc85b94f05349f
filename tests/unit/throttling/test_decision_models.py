"""The choice of a model: what failures and costs of past calls mean for the next one."""

import pytest

from core.throttling.decision import Denied, settle
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.state import LimiterState
from core.throttling.windows import WaitingFor
from tests.unit.throttling.builders import START, THREE, model
from tests.unit.throttling.steps import ONE, ROOMY, asked, ended, granted, reserved


def test_a_throttled_model_is_passed_over_until_it_has_cooled():
    state, _ = granted(LimiterState(), "a", models=THREE)
    state = ended(state, "a", OutcomeKind.THROTTLED)
    _, chosen = granted(state, "b", models=THREE, now=START + 1)
    assert chosen == "second"
    _, later = granted(state, "c", models=THREE, now=START + ROOMY.cooldown_s)
    assert later == "first"


def test_a_daily_limit_cools_a_model_for_longer():
    state, _ = granted(LimiterState(), "a")
    state = ended(state, "a", OutcomeKind.THROTTLED_DAILY)
    _, answer = asked(state, now=START + 7)
    assert answer == Denied(START + ROOMY.daily_cooldown_s - ROOMY.span_s, WaitingFor.MODEL)


@pytest.mark.parametrize("kind", [OutcomeKind.GONE, OutcomeKind.DENIED])
def test_when_every_model_is_dead_there_is_none_left(kind):
    state, _ = granted(LimiterState(), "a")
    state = ended(state, "a", kind)
    assert asked(state, now=START + 7)[1].waiting_for is WaitingFor.NO_MODEL
    granted(state, "b", now=START + ROOMY.dead_s)


def test_a_model_that_failed_this_call_is_taken_only_when_no_other_is_free():
    tried = frozenset({"first"})
    _, chosen = granted(LimiterState(), "a", models=THREE, tried=tried)
    assert chosen == "second"
    _, alone = granted(LimiterState(), "a", models=ONE, tried=frozenset({"only"}))
    assert alone == "only"


def test_a_models_own_rate_sends_the_next_request_to_the_next_model():
    state, chosen = granted(LimiterState(), "a", models=THREE[1:])
    state, again = granted(state, "b", models=THREE[1:])
    _, third = granted(state, "c", models=THREE[1:])
    assert [chosen, again, third] == ["second", "second", "third"]


def test_a_half_open_breaker_lets_one_probe_through_and_the_others_go_on():
    state = broken(LimiterState())
    state, probe = granted(state, "probe", models=THREE, now=START + ROOMY.breaker_open_s)
    _, other = granted(state, "other", models=THREE, now=START + ROOMY.breaker_open_s + 0.1)
    assert [probe, other] == ["first", "second"]


def test_a_probe_that_dies_with_its_worker_makes_room_for_another():
    at = START + ROOMY.breaker_open_s
    state, _ = granted(broken(LimiterState()), "probe", models=THREE, now=at)
    _, chosen = granted(state, "next", models=THREE, now=at + ROOMY.lease_s)
    assert chosen == "first"


def test_nobody_who_is_there_waits_for_a_probe_that_nobody_has_come_for():
    """The task it is kept for may wait for a worker, and all workers wait for the probe."""
    at = START + ROOMY.breaker_open_s
    state, answer = asked(only_broken(), "early", ticket="task", patience_s=0, now=at - 1)
    assert (answer.ticket, answer.at) == (True, at)
    state, _ = granted(state, "present", now=at)
    assert state.health["only"].probe == "present"
    reserved(state, "other", now=at)


def test_nobody_writes_only_to_wait_on_for_the_probe():
    at = START + ROOMY.breaker_open_s
    state, _ = granted(only_broken(), "probe", now=at)
    state, waits = reserved(state, "other", now=at)
    after, on = reserved(state, "other", now=waits.at)
    assert after is state
    assert on.at > waits.at
    state = ended(state, "probe", now=waits.at)
    granted(state, "other", now=on.at)


def only_broken():
    state = LimiterState()
    for number in range(ROOMY.breaker_failures):
        state, _ = granted(state, f"f{number}")
        state = ended(state, f"f{number}", OutcomeKind.FAILED)
    return state


def broken(state):
    for number in range(ROOMY.breaker_failures):
        state, chosen = granted(state, f"f{number}", models=THREE)
        assert chosen == "first"
        state = ended(state, f"f{number}", OutcomeKind.FAILED)
    return state


def test_calls_that_cost_more_than_the_service_holds_back_are_planned_with_that():
    state = LimiterState()
    for number in range(30):
        state, _ = granted(state, f"l{number}", tokens=100)
        state = ended(state, f"l{number}", charged=150, now=START)
    state, _ = granted(state, "next", tokens=100)
    assert state.leases["next"].reserved == pytest.approx(150, abs=2)
    for number in range(30):
        state, _ = granted(state, f"m{number}", tokens=100)
        state = ended(state, f"m{number}", charged=40, now=START)
    state, _ = granted(state, "last", tokens=100)
    assert state.leases["last"].reserved == 100, "never less than the service holds back"


def test_calls_that_run_at_the_same_time_do_not_raise_the_planned_cost_one_after_the_other():
    """All of them were reserved before anybody knew better."""
    state = LimiterState()
    for number in range(15):
        state, _ = granted(state, f"l{number}", tokens=100)
    for number in range(15):
        outcome = Outcome(OutcomeKind.ANSWERED, charged_tokens=170, sent_at=START, held_tokens=100)
        state = settle(state, f"l{number}", outcome=outcome, limits=ROOMY, now=START + 1)
    assert 1.6 < state.health_of("only").overcharge <= 1.7


def test_a_model_that_has_not_answered_yet_is_planned_to_cost_as_much_as_the_others():
    state = LimiterState()
    for number in range(30):
        state, _ = granted(state, f"l{number}", tokens=100)
        state = ended(state, f"l{number}", charged=150, now=START)
    state, chosen = granted(state, "next", tokens=100, models=(model("new"),))
    assert (chosen, state.leases["next"].reserved) == ("new", pytest.approx(150, abs=2))
