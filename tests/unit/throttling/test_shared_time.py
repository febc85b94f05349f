"""Date headers with a resolution of a second give the time to milliseconds after some answers."""

import math
import random

import pytest
from structlog.testing import capture_logs

from core.clock import ScriptedClock
from core.throttling.shared_time import SharedTime, bounds_from, narrowed
from tests.unit.throttling.builders import START


def hear(time, clock, *, ahead_s, answers=1, takes_s=0.01, seed=1):
    """The server's clock is `ahead_s` before ours; answers come at any time."""
    chance = random.Random(seed)
    for _ in range(answers):
        clock.at += chance.uniform(0.05, 0.9)
        sent_at = clock.at
        clock.at += takes_s
        time.observe(math.floor(sent_at + takes_s / 2 + ahead_s), took_s=takes_s)


def test_without_an_answer_this_machines_clock_is_taken_as_right():
    time = SharedTime(ScriptedClock(START))
    assert (time.now(), time.offset_s, time.skew_s) == (START, 0.0, 0.0)


def test_one_answer_bounds_the_difference_to_about_a_second():
    bounds = bounds_from(START + 7, took_s=0.04, heard_at=START + 6.35)
    assert bounds.low_s < 0.69 < 1.6 < bounds.high_s
    assert bounds.high_s - bounds.low_s < 1.1


def test_many_answers_find_a_clock_that_is_wrong_by_most_of_a_second():
    clock = ScriptedClock(START)
    time = SharedTime(clock)
    hear(time, clock, ahead_s=0.83, answers=80)
    assert abs(time.offset_s - 0.83) < 0.05
    assert time.skew_s < 0.1
    assert abs(time.offset_s - 0.83) <= time.skew_s, "what is not known is admitted"


def test_what_was_known_long_ago_is_less_certain_now():
    clock = ScriptedClock(START)
    time = SharedTime(clock)
    hear(time, clock, ahead_s=0.2, answers=80)
    before = time.skew_s
    clock.at += 1800
    assert time.skew_s > before + 0.1


def test_who_sets_the_machines_clock_changes_nothing():
    clock, steady = ScriptedClock(START), ScriptedClock(500.0)
    time = SharedTime(clock, steady=steady.now)
    for _ in range(60):
        steady.at += 0.37
        time.observe(math.floor(START + steady.at - 500.0), took_s=0.0)
    for hours in (-1, 5):
        clock.at = START + 3600 * hours
        assert abs(time.now() - (START + steady.at - 500.0)) < 0.1


def test_a_server_whose_clock_was_set_is_believed_anew():
    clock = ScriptedClock(START)
    time = SharedTime(clock)
    hear(time, clock, ahead_s=0.0, answers=20)
    hear(time, clock, ahead_s=30.0, answers=20)
    assert abs(time.offset_s - 30.0) < 0.5


def test_two_processes_of_a_machine_know_more_together():
    clock = ScriptedClock(START)
    one, other = SharedTime(clock), SharedTime(clock)
    hear(one, clock, ahead_s=0.4, answers=15, seed=1)
    hear(other, clock, ahead_s=0.4, answers=15, seed=2)
    together = narrowed(one.bounds, other.bounds)
    assert together.high_s - together.low_s <= min(one.skew_s, other.skew_s) + 0.01


@pytest.mark.parametrize(("ahead_s", "takes_s", "alarms"), [(0.3, 5.0, 0), (4.0, 0.01, 1), (4.0, 5.0, 0)])
def test_a_clock_is_called_wrong_only_where_that_is_certain(ahead_s, takes_s, alarms):
    clock = ScriptedClock(START)
    with capture_logs() as logs:
        hear(SharedTime(clock), clock, ahead_s=ahead_s, takes_s=takes_s)
    assert [log["event"] for log in logs] == ["clock_wrong"] * alarms
