"""What is wrong with a worker's machine: its clock, its disk, its memory, and a task that kills it."""

import resource
from pathlib import Path

import pytest

from tests.chaos.invariants import Watch, check
from tests.chaos.system import System, children_of, told_to_stop
from tests.support.queue_bench import Bench
from tests.support.waiting import wait_until

SHIFTED_CLOCK = Path(__file__).parents[1] / "support" / "shifted_clock"


@pytest.mark.parametrize("hours", [2, pytest.param(-2, marks=pytest.mark.long)])
def test_a_worker_whose_clock_is_hours_off(system: System, watch: Watch, hours: int) -> None:
    for right in system.workers[1:]:
        told_to_stop(right)
    wrong = system.start_worker(PYTHONPATH=str(SHIFTED_CLOCK), CLOCK_SHIFT_S=str(3600 * hours))
    system.model_takes(1.0)
    watch.follow(system.accept(sections=8))
    check(system, watch)
    assert "task_succeeded" in wrong.output()
    wrong.stop()


def test_a_worker_that_can_write_no_file_goes_on(system: System, watch: Watch) -> None:
    """Its log too: the limit holds for every write to a regular file."""
    full = system.start_worker()
    for other in system.workers[:-1]:
        told_to_stop(other)
    wait_until(lambda: not any(other.alive() for other in system.workers[:-1]), timeout_s=15)
    for pid in [full.process.pid, *children_of(full)]:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))
    written = len(full.output())

    watch.follow(system.accept())
    check(system, watch)
    assert full.alive()
    assert len(full.output()) == written
    full.stop()


def test_a_task_that_kills_every_child_ends_after_three_starts(bench: Bench) -> None:
    bench.script(s1="die", s2="succeed", s3="use up memory", s4="succeed")
    worker = bench.worker(WORKER_CONCURRENCY="1")
    poison, good, large, after = bench.submit("s1", "s2", "s3", "s4")

    record = wait_until(lambda: bench.ended(poison, timeout_s=90), timeout_s=1)
    assert (record.status, record.error["code"]) == ("FAILURE", "task/crashed")
    assert bench.marks("run", poison) == 3
    assert bench.ended(large).error["code"] == "task/unexpected"
    assert {bench.ended(task_id).status for task_id in (good, after)} == {"SUCCESS"}
    wait_until(lambda: bench.space.queue_depth("analysis-dlq") == 2, timeout_s=10)
    wait_until(lambda: bench.space.queue_depth("analysis") == 0, timeout_s=20)
    assert worker.alive()
