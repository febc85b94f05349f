"""Graceful shutdown: what is released at once, what is handed back, and in which order."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from billiard.pool import Pool
from kombu.transport import SQS
from structlog.testing import capture_logs

from core.queueing.heartbeat import HeldMessage, delivery_id
from core.queueing.lifecycle import Delivery, TaskContext
from core.queueing.shutdown import GracefulShutdown
from core.queueing.transitions import Execution
from tests.support.queueing import BODY, TASK, Room

QUEUE = "https://queue/aiprism-analysis"
RUNNING = HeldMessage(TASK, QUEUE, "running", running_since=1.0)
FETCHED = HeldMessage("33333333-3333-4333-8333-333333333333", QUEUE, "fetched")


@dataclass
class Stage:
    """A worker's last moments; `steps` is what it did, in order."""

    room: Room = field(default_factory=Room)
    steps: list[str] = field(default_factory=list)
    not_extended: list[HeldMessage] = field(default_factory=list)

    def shutdown(self, held: Sequence[HeldMessage]) -> GracefulShutdown:
        return GracefulShutdown(
            lambda: self.room.queueing,
            held=lambda: held,
            kill=lambda: self.steps.append("killed"),
            remove_record=lambda: self.steps.append("record removed"),
            stop_extending=self.not_extended.extend,
            grace_s=0.01,
            clock=self.room.clock,
            end=lambda: self.steps.append("ended"),
        )

    def shown(self) -> list[tuple[list[str], int]]:
        return [(handles, seconds) for _url, handles, seconds in self.room.queues.visibility]


class Stopped(BaseException):
    """The worker is told to stop inside a model call."""


@pytest.fixture
def stage() -> Stage:
    """A worker that runs one task, inside its work."""
    stage = Stage()
    stage.room.submit()
    delivery = Delivery(stage.room.publisher.sent[-1], Execution("w1", delivery_id("running")), BODY)

    def stop(_context: TaskContext) -> dict[str, Any]:
        raise Stopped

    with pytest.raises(Stopped):
        stage.room.run(stop, delivery)
    return stage


def test_a_running_task_is_handed_back_at_no_cost_to_it(stage: Stage) -> None:
    stage.shutdown([RUNNING]).hand_back_all()
    record = stage.room.record()
    assert (record.status, record.starts, record.retries) == ("PENDING", 0, 0)
    assert record.waiting_for == "another worker"
    assert stage.shown() == [(["running"], 0)]
    assert stage.steps == ["killed", "record removed", "ended"]


def test_unstarted_messages_are_released_before_running_tasks_have_ended(stage: Stage) -> None:
    stage.shutdown([RUNNING, FETCHED]).drain()
    assert stage.shown()[0] == (["fetched"], 0)
    assert stage.not_extended == [FETCHED]


def test_a_task_that_ended_meanwhile_stays_ended(stage: Stage) -> None:
    stage.room.run(lambda _context: {"feedback": []}, stage.room.delivery())
    stage.shutdown([RUNNING]).hand_back_all()
    assert stage.room.record().status == "SUCCESS"


def test_a_task_that_another_worker_runs_is_left_to_it(stage: Stage) -> None:
    other = HeldMessage(TASK, QUEUE, "an older delivery", running_since=1.0)
    stage.shutdown([other]).hand_back_all()
    assert stage.room.record().status == "STARTED"


def test_an_outage_of_storage_does_not_keep_messages_hidden(stage: Stage) -> None:
    shutdown = stage.shutdown([RUNNING])
    stage.room.steps.outage = True
    with capture_logs():
        shutdown.drain()
    assert stage.shown() == [(["running"], 0)]
    assert stage.steps[-1] == "ended"


def test_whatever_goes_wrong_the_worker_ends(stage: Stage) -> None:
    def broken() -> list[HeldMessage]:
        raise RuntimeError("kombu has changed")

    shutdown = stage.shutdown([])
    shutdown._held = broken
    with capture_logs() as logs:
        shutdown.hand_back_all()
    assert (stage.steps[-1], logs[-1]["event"]) == ("ended", "shutdown_step_failed")


def test_kombu_and_billiard_still_have_what_the_shutdown_relies_on() -> None:
    assert "VisibilityTimeout=self.wait_time_seconds" in inspect.getsource(SQS.Channel._put)
    assert "self._pool.append(w)" in inspect.getsource(Pool._create_worker_process)
