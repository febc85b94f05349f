"""Steps of a story about the limiter's decision: what a call asks for, gets, and gives back."""

from dataclasses import replace

import pytest

from core.throttling.decision import Granted, acquire, settle
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.state import LimiterState
from tests.unit.throttling.builders import SMALL, START, asks, model

ONE = (model("only"),)
ROOMY = replace(SMALL, requests=100, concurrent=100, tokens=100_000, queue_rates={})


def asked(state, lease_id="another", *, now=START, limits=ROOMY, models=ONE, **wanted):
    return acquire(state, asks(lease_id, **wanted), limits=limits, models=models, now=now)


def granted(state, lease_id, *, now=START, **wanted):
    """A slot that may be used at once."""
    state, answer = asked(state, lease_id, now=now, **wanted)
    assert isinstance(answer, Granted), answer
    assert answer.at <= now, answer
    return state, answer.model_id


def reserved(state, lease_id="another", *, now=START, **wanted):
    """A slot in the future."""
    state, answer = asked(state, lease_id, now=now, **wanted)
    assert isinstance(answer, Granted), answer
    assert answer.at > now, answer
    return state, answer


def later(state, **wanted):
    """When and why not now, of a reserved slot."""
    _, answer = reserved(state, **wanted)
    return pytest.approx(answer.at, abs=0.002), answer.waiting_for


def ended(state, lease_id, kind=OutcomeKind.ANSWERED, *, now=START, limits=ROOMY, charged=0, sent_at=None):
    outcome = Outcome(kind, charged_tokens=charged, sent_at=sent_at)
    return settle(state, lease_id, outcome=outcome, limits=limits, now=now)


def filled(limits, *, queue="analysis", count, tokens=10):
    """A state with so many calls, one a second, all ended at once."""
    state = LimiterState()
    for number in range(count):
        state, _ = granted(state, f"l{number}", limits=limits, queue=queue, tokens=tokens, now=START + number)
        state = ended(state, f"l{number}", charged=tokens, now=START + number)
    return state
