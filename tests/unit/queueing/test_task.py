"""The task base class turns every error into a failure, or into a message that is delivered again."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from billiard.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError
from celery.exceptions import Reject
from structlog.contextvars import get_contextvars

from core.config import Settings
from core.errors import Transient
from core.observability.correlation import correlated, correlation_id
from core.queueing.celery_app import make_app
from core.queueing.celery_request import QueuedRequest
from core.queueing.lifecycle import MOST_CRASHES, TaskContext
from core.queueing.message import TaskMessage
from core.queueing.results import TaskStatus
from core.queueing.task import QueuedTask
from core.queueing.topology import ANALYZE_SECTION
from tests.support.queueing import BODY, SESSION, TASK, Killed, Room, succeed


@pytest.fixture
def room() -> Room:
    made = Room()
    with correlated("browser-0001"):
        made.submit()
    return made


def task_of(room: Room) -> QueuedTask:
    app = make_app(Settings(), queueing=lambda: room.queueing)
    app.liveness = SimpleNamespace(soon=lambda: None)

    @app.task(name=ANALYZE_SECTION, bind=True, shared=False)
    def analyze(self: QueuedTask, *, session_id: str, section_id: str, generation: int) -> None:
        """Never called: the tests call `deliver`."""

    app.finalize()
    return app.tasks[ANALYZE_SECTION]


@contextmanager
def delivered(task: QueuedTask, message: TaskMessage, *, handle: str = "handle-1") -> Iterator[None]:
    sqs_message = {"ReceiptHandle": handle, "Body": BODY}
    task.push_request(
        id=message.task_id,
        kwargs=message.arguments,
        properties={"delivery_info": {"sqs_message": sqs_message}},
        **message.headers,
    )
    try:
        yield
    finally:
        task.pop_request()


def run(room: Room, work: Any) -> None:
    task = task_of(room)
    with delivered(task, room.publisher.sent[0]):
        task.deliver(work)


def test_work_runs_with_its_ids_in_every_log_line(room: Room) -> None:
    seen = []

    def work(_context: TaskContext) -> dict[str, object]:
        seen.append((get_contextvars(), correlation_id()))
        return {}

    run(room, work)
    assert seen == [({"task_id": TASK, "session_id": SESSION, "queue": "analysis"}, "browser-0001")]
    assert room.record().status is TaskStatus.SUCCESS
    assert get_contextvars() == {}


def test_the_unexpected_becomes_a_failure_with_words(room: Room) -> None:
    def work(_context: TaskContext) -> dict[str, object]:
        return {}["missing"]

    run(room, work)
    error = room.record().error or {}
    assert (error["code"], "missing" in error["detail"]) == ("task/unexpected", False)
    assert len(room.dead()) == 1


def test_the_soft_limit_is_one_try_and_not_the_end(room: Room) -> None:
    def work(_context: TaskContext) -> dict[str, object]:
        raise SoftTimeLimitExceeded

    run(room, work)
    assert room.record().status is TaskStatus.RETRY


def test_an_outage_around_the_work_sends_the_task_anew(room: Room) -> None:
    def outage(_key: str) -> None:
        raise Transient("storage/unavailable")

    object.__setattr__(room.store, "get", outage)
    run(room, succeed)
    assert room.publisher.delays == [0, 20]


def test_an_outage_of_everything_leaves_the_message_to_sqs(room: Room) -> None:
    room.steps.outage = True
    with pytest.raises(Reject) as rejected:
        run(room, succeed)
    assert rejected.value.requeue


def test_a_message_of_the_wrong_shape_is_left_to_the_dead_letters(room: Room) -> None:
    task = task_of(room)
    task.push_request(id=TASK, kwargs={"session_id": "../x", "section_id": "s1", "generation": 1})
    with pytest.raises(Reject) as rejected:
        task.deliver(succeed)
    # Refused without being given back, kombu deletes it.
    assert rejected.value.requeue


def test_a_periodic_action_never_fails_its_task(room: Room) -> None:
    def action() -> None:
        raise RuntimeError("no sweep today")

    task_of(room).guarded(action)


class Envelope(SimpleNamespace):
    """A received message as the worker's main process holds it."""

    @classmethod
    def of(cls, message: TaskMessage) -> "Envelope":
        headers = {"id": message.task_id, "task": message.task, **message.headers}
        info = {"sqs_message": {"ReceiptHandle": "handle-1", "Body": BODY}, "sqs_queue": "https://queue"}
        payload = [[], message.arguments, {}]
        return cls(
            headers=headers,
            body="",
            payload=payload,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_info=info,
            properties={},
        )


class MainProcess:
    """The request that the main process keeps while a child runs the task."""

    def __init__(self, room: Room) -> None:
        self.settled: list[str] = []
        task = task_of(room)
        self.request = QueuedRequest(
            Envelope.of(room.publisher.sent[0]),
            app=task.app,
            task=task,
            on_ack=lambda *_: self.settled.append("ack"),
            on_reject=lambda *_: self.settled.append("back to the queue"),
        )

    def meets(self, error: BaseException) -> list[str]:
        self.request.on_failure(SimpleNamespace(exception=error, traceback="", exc_info=None), return_ok=True)
        return self.settled


def crash(room: Room, times: int) -> None:
    def die(_context: TaskContext) -> dict[str, object]:
        raise Killed

    for _ in range(times):
        with pytest.raises(Killed):
            room.run(die)
        room.clock.sleep(60)


def test_the_hard_limit_ends_the_task_before_the_message_is_acknowledged(room: Room) -> None:
    crash(room, 1)
    assert MainProcess(room).meets(TimeLimitExceeded(300)) == ["ack"]
    assert (room.record().error or {})["code"] == "task/deadline"
    assert [message.body for message in room.dead()] == [BODY]


def test_a_lost_child_process_is_retried(room: Room) -> None:
    crash(room, 1)
    assert MainProcess(room).meets(WorkerLostError("signal 9")) == ["back to the queue"]
    assert room.record().status is TaskStatus.STARTED


def test_the_third_lost_child_is_the_end(room: Room) -> None:
    crash(room, MOST_CRASHES)
    assert MainProcess(room).meets(WorkerLostError("signal 9")) == ["ack"]
    assert (room.record().error or {})["code"] == "task/crashed"


def test_a_result_that_cannot_be_written_leaves_the_message_on_the_queue(room: Room) -> None:
    crash(room, 1)
    room.steps.outage = True
    assert MainProcess(room).meets(TimeLimitExceeded(300)) == ["back to the queue"]
