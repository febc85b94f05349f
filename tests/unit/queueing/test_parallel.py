"""Parallel calls keep order and errors; background steps run in order and survive errors."""

import subprocess
import sys
import threading

import pytest

from core.queueing.parallel import BackgroundSteps, in_parallel
from tests.support.waiting import wait_until


def test_answers_come_in_the_order_of_the_items() -> None:
    assert in_parallel(lambda number: number * 2, range(50)) == list(range(0, 100, 2))


def test_the_first_error_comes_after_all_have_ended() -> None:
    done = []

    def work(number: int) -> None:
        done.append(number)
        if number == 0:
            raise ValueError("the first")

    with pytest.raises(ValueError, match="the first"):
        in_parallel(work, range(10))
    assert sorted(done) == list(range(10))


def test_steps_run_in_order_in_another_thread_and_survive_errors() -> None:
    later, ran = BackgroundSteps(), []

    def fail() -> None:
        raise RuntimeError("storage is down")

    later(fail)
    later(lambda: ran.append(threading.current_thread().name))
    later(lambda: ran.append("second"))
    wait_until(lambda: len(ran) == 2, timeout_s=5)
    assert ran == ["background-steps", "second"]


def test_a_process_that_ends_by_itself_waits_for_the_last_steps() -> None:
    code = """
import time
from core.queueing.parallel import BackgroundSteps
later = BackgroundSteps()
later(lambda: time.sleep(0.2))
later(lambda: print("the last step", flush=True))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    assert ended.stdout == "the last step\n"
