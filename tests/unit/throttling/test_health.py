from dataclasses import replace

import pytest

from core.throttling.health import after_call
from core.throttling.outcome import OutcomeKind
from core.throttling.state import Health
from tests.unit.throttling.builders import SMALL, START


def after(health, kind, *, now=START, lease_id="a", limits=SMALL):
    return after_call(health, kind, lease_id=lease_id, limits=limits, now=now)


def opened(times):
    """A breaker that has opened `times` times in a row; its last probe was "a"."""
    health = after(after(Health(), OutcomeKind.FAILED), OutcomeKind.TIMEOUT)
    for _ in range(times - 1):
        health = after(health._replace(probe="a"), OutcomeKind.FAILED)
    return health


def test_the_breaker_opens_at_the_last_failure_in_a_row():
    once = after(Health(), OutcomeKind.FAILED)
    assert once.open_until == 0
    assert after(once, OutcomeKind.TIMEOUT).open_until == START + SMALL.breaker_open_s


def test_an_answer_in_between_starts_the_count_again():
    health = after(after(Health(), OutcomeKind.FAILED), OutcomeKind.ANSWERED)
    assert after(health, OutcomeKind.FAILED).open_until == 0


@pytest.mark.parametrize(("times", "open_s"), [(1, 4.0), (2, 8.0), (3, 16.0), (4, 20.0), (9, 20.0)])
def test_each_failed_probe_doubles_the_time_up_to_a_ceiling(times, open_s):
    assert opened(times).open_until == START + open_s


def test_an_answered_probe_closes_the_breaker_for_good():
    health = after(opened(3)._replace(probe="a"), OutcomeKind.ANSWERED)
    assert health == Health()


@pytest.mark.parametrize("kind", [OutcomeKind.ANSWERED, OutcomeKind.FAILED])
def test_calls_from_before_it_opened_do_not_move_an_open_breaker(kind):
    health = opened(1)._replace(probe="probe")
    assert after(health, kind, lease_id="older") == health


def test_a_throttled_probe_frees_the_place_for_the_next_one():
    health = after(opened(1)._replace(probe="a"), OutcomeKind.THROTTLED)
    assert health.probe == ""
    assert health.open_until
    assert health.cool_until == START + SMALL.cooldown_s


def test_throttling_and_rejected_requests_are_no_failures():
    for kind in (OutcomeKind.THROTTLED, OutcomeKind.REJECTED, OutcomeKind.UNUSED, OutcomeKind.UNKNOWN):
        assert after(Health(failures=1), kind).failures == 1


def test_a_shorter_pause_does_not_end_a_longer_one():
    cooling = after(Health(), OutcomeKind.THROTTLED_DAILY)
    assert after(cooling, OutcomeKind.THROTTLED).cool_until == START + SMALL.daily_cooldown_s


def test_a_retired_model_is_dead_for_hours_and_says_why():
    health = after(Health(), OutcomeKind.GONE, limits=replace(SMALL, dead_s=3600.0))
    assert (health.dead_until, health.dead_reason) == (START + 3600.0, "gone")
