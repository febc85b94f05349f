"""A step that takes too long ends, wherever it is; the alarm that guards the process rings all the same."""

import re
import signal
import time

import pytest

from core.documents.child_side import time_left_s
from core.documents.time_limit import TimeIsUp, time_limit
from tests.support.waiting import wait_until


def test_a_search_that_would_take_years_ends():
    started = time.monotonic()
    with pytest.raises(TimeIsUp), time_limit(0.05):
        re.search(r"(a|aa)+$", "a" * 200 + "b")
    assert time.monotonic() - started < 20


def test_a_step_in_time_is_left_alone_and_so_is_what_follows():
    handler = signal.getsignal(signal.SIGALRM)
    with time_limit(60):
        done = True

    assert done
    assert signal.getsignal(signal.SIGALRM) is handler


def test_no_time_is_up_at_once():
    with pytest.raises(TimeIsUp), time_limit(0):
        pytest.fail("was begun")


def test_the_alarm_set_before_still_rings():
    rung: list[bool] = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with time_limit(30):
            pass
        assert wait_until(lambda: rung, timeout_s=5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)


def test_the_child_knows_how_long_its_parent_waits():
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        assert time_left_s() == float("inf")
        signal.setitimer(signal.ITIMER_REAL, 60)
        assert 50 < time_left_s() < 59
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)
