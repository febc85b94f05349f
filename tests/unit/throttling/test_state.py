from dataclasses import replace

import pytest

from core.throttling.state import Debt, Health, Lease, LimiterState, Request, present
from tests.unit.throttling.builders import SMALL, START

FULL = LimiterState(
    at=START,
    requests=(Request(START - 5, "first", "chat", 10, "a"), Request(START, "second", "analysis", 20, "b")),
    debts=(Debt(START - 1, "first", "chat", 7),),
    leases={"b": Lease(START, START + 15, "second", "analysis", 20)},
    health={"first": Health(cool_until=START + 3, failures=1)},
    typical_call_s=2.5,
)


def test_the_document_gives_the_state_back():
    assert LimiterState.from_dict(FULL.to_dict()) == FULL


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"v": 99},
        {**FULL.to_dict(), "requests": [[1]]},
        {**FULL.to_dict(), "names": []},
        {**FULL.to_dict(), "at": "x"},
    ],
)
def test_a_document_nobody_wrote_is_refused(broken):
    with pytest.raises((LookupError, TypeError, ValueError)):
        LimiterState.from_dict(broken)


def test_requests_leave_after_the_window_and_its_pad():
    still = present(FULL, limits=SMALL, now=START + SMALL.span_s - 5 - 0.01)
    gone = present(FULL, limits=SMALL, now=START + SMALL.span_s - 5 + 0.01)
    assert (len(still.requests), len(gone.requests)) == (2, 1)


def test_a_clock_a_little_behind_waits_for_the_latest_writer():
    assert present(FULL, limits=SMALL, now=START - 2).at == START


def test_a_writer_hours_ahead_does_not_close_the_limiter_for_hours():
    ahead = replace(
        FULL,
        at=START + 7200,
        requests=(Request(START + 7200, "first", "chat", 10, "a"),),
        leases={"a": Lease(START + 7200, START + 7215, "first", "chat", 10)},
        health={"first": Health(cool_until=START + 7206, open_until=START + 7204, dead_until=START + 9999)},
    )
    now = present(ahead, limits=SMALL, now=START)
    assert now.at == START
    assert now.requests[0].at == START, "counts a whole window from now: nothing is over-granted"
    assert now.leases["a"].expires_at == START + SMALL.lease_s
    health = now.health["first"]
    assert health.cool_until <= START + SMALL.daily_cooldown_s
    assert health.open_until <= START + SMALL.breaker_open_most_s
    assert health.dead_until <= START + SMALL.dead_s
