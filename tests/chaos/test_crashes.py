"""Processes die in the middle of their work, or are replaced: every accepted task still ends, once."""

import os
import signal

import pytest

from tests.chaos.invariants import Watch, check
from tests.chaos.system import System, children_of, told_to_stop
from tests.support.fault_proxy import Fault
from tests.support.waiting import wait_until


def test_children_are_killed_inside_their_calls(system: System, watch: Watch) -> None:
    system.model_takes(1.0)
    accepted = watch.follow(system.accept(sections=6))
    system.wait_called(accepted, 4)

    victims = children_of(system.workers[0])
    for pid in victims:
        os.kill(pid, signal.SIGKILL)

    records = check(system, watch, crashes=len(victims))
    assert system.workers[0].alive()
    assert {record.starts for record in records} <= {1, 2}


def test_all_workers_are_killed_at_once(system: System, watch: Watch) -> None:
    system.model_takes(1.0)
    accepted = watch.follow(system.accept(sections=6))
    system.wait_called(accepted, 4)

    main_alone, whole = system.workers
    os.kill(main_alone.process.pid, signal.SIGKILL)
    whole.kill()
    system.start_worker()
    check(system, watch, crashes=6)
    # Its children end by themselves, or with the test.
    main_alone.kill()


def test_a_rolling_deployment_under_load_repeats_nothing(system: System, watch: Watch) -> None:
    system.model_takes(0.8)
    accepted = watch.follow(system.accept(sections=14))
    for old in list(system.workers):
        system.wait_called(accepted, 2)
        system.start_worker()
        told_to_stop(old)

    records = check(system, watch, crashes=0)
    wait_until(lambda: not any(worker.alive() for worker in system.workers[:2]), timeout_s=10)
    assert {worker.process.returncode for worker in system.workers[:2]} == {0}
    assert {(record.status, record.starts, record.retries) for record in records} == {("SUCCESS", 1, 0)}


@pytest.mark.parametrize(
    "step",
    [
        "/outbox/analysis/waiting/",
        pytest.param("/celery-results/", marks=pytest.mark.long),
        "/outbox/analysis/sent/",
    ],
)
def test_web_is_killed_between_its_writes(system: System, watch: Watch, step: str) -> None:
    session_id, words = system.upload(sections=3)
    watch.web_down = True
    system.s3.faults = [Fault("lost", method="PUT", path=step, count=1, then=system.web.kill)]
    with pytest.raises(OSError, match=r".*"):
        system.client.post("/analyze_all", {"session_id": session_id})
    system.start_web()
    watch.web_down = False

    watch.follow(system.ask(session_id, words))
    check(system, watch)
