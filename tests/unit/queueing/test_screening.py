"""No malformed message reaches kombu or Celery, and none is lost or quoted in a log."""

import base64
from typing import Any

import pytest
from celery.beat import Scheduler
from structlog.testing import capture_logs

from core.errors import Transient
from core.queueing import transport
from core.queueing.celery_app import make_app
from core.queueing.message import TaskMessage, UnreadableMessage
from core.queueing.publisher import CeleryPublisher
from core.queueing.screening import check, put_aside
from core.queueing.topology import ANALYZE_SECTION, MONITOR_HEALTH, PROCESS_CHAT
from tests.support.envelopes import SETTINGS, SIGNER, envelope, written
from tests.support.junk import JUNK, MESSAGE, SECRET_WORDS
from tests.support.queueing import TASK, ListQueues, Steps

DEAD = "aiprism-analysis-dlq"
NAMES = ("aiprism-", "analysis")
NOT_ONE = UnreadableMessage("not an envelope")


def of_beat(*arguments: str, **options: Any) -> str:
    app = make_app(SETTINGS)
    task = app.amqp.as_task_v2(TASK, MONITOR_HEALTH, args=arguments, **options)
    SIGNER.sign(task.headers, task.body)
    return written(task)


def test_what_this_product_writes_passes() -> None:
    chat = TaskMessage(**{**MESSAGE.to_dict(), "task": PROCESS_CHAT, "queue": "chat", "section_id": ""})
    check(envelope(MESSAGE), signer=SIGNER)
    check(base64.b64decode(envelope(MESSAGE)).decode(), signer=SIGNER)
    check(envelope(chat), signer=SIGNER)
    check(of_beat(expires=60.0), signer=SIGNER)


class Sqs:
    """The client that kombu publishes with."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def get_queue_url(self, **wanted: str) -> dict[str, str]:
        return {"QueueUrl": f"https://queue/{wanted['QueueName']}"}

    def get_queue_attributes(self, **_wanted: object) -> dict[str, object]:
        return {"Attributes": {"ApproximateNumberOfMessages": "0"}}

    def send_message(self, **message: Any) -> None:
        self.bodies.append(message["MessageBody"])


def test_what_beat_and_the_publisher_put_on_the_wire_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = Sqs()
    monkeypatch.setattr(transport, "shared_client", lambda _region: sqs)
    monkeypatch.setattr(transport, "_queue_urls", {})
    app = make_app(SETTINGS)

    @app.task(name=MONITOR_HEALTH, shared=False)
    def monitor() -> None:
        """Never runs."""

    app.finalize()
    beat = Scheduler(app)
    beat.apply_async(beat.schedule["monitoring"], advance=False)
    CeleryPublisher(app).send(MESSAGE, delay_s=7)
    for body in sqs.bodies:
        check(body, signer=SIGNER)
    assert len(sqs.bodies) == 2


def test_what_a_task_sends_has_that_tasks_time_limits_and_passes_too() -> None:
    check(envelope(MESSAGE, timelimit=[300, 280], root_id=TASK, parent_id=TASK), signer=SIGNER)


@pytest.mark.parametrize("kind", JUNK)
def test_junk_is_refused_without_being_quoted(kind: str) -> None:
    with pytest.raises(UnreadableMessage) as refused:
        check(JUNK[kind], signer=SIGNER)
    assert SECRET_WORDS not in str(refused.value)
    # By its shape: a signature says who wrote it, not that Celery can take it.
    assert type(refused.value) is UnreadableMessage
    assert str(refused.value)


def test_a_periodic_task_takes_no_arguments() -> None:
    with pytest.raises(UnreadableMessage, match="payload"):
        check(of_beat("rm -rf"), signer=SIGNER)


def test_the_malformed_messages_differ_from_a_valid_one_only_in_their_fault() -> None:
    check(envelope(MESSAGE), signer=SIGNER)
    assert MESSAGE.task == ANALYZE_SECTION


def received(body: str) -> dict[str, str]:
    return {"MessageId": "m-1", "ReceiptHandle": "handle-of-m-1", "Body": body}


def test_what_is_put_aside_lies_in_the_dead_letter_queue_as_it_came() -> None:
    queues = ListQueues(Steps())
    with capture_logs() as logs:
        put_aside(queues, received(SECRET_WORDS), names=NAMES, error=NOT_ONE)  # type: ignore[arg-type]
    (letter,) = queues.messages[DEAD]
    assert (letter.body, letter.attributes) == (
        SECRET_WORDS,
        {"unreadable": "not an envelope", "error_code": "task/unreadable"},
    )
    assert queues.deleted == [("https://queue/aiprism-analysis", "handle-of-m-1")]
    (line,) = logs
    assert (line["message_id"], line["chars"]) == ("m-1", len(SECRET_WORDS))
    assert SECRET_WORDS not in str(logs)


def test_what_could_not_be_kept_is_not_deleted() -> None:
    queues = ListQueues(Steps(outage=True))
    with pytest.raises(Transient):
        put_aside(queues, received("x"), names=NAMES, error=NOT_ONE)  # type: ignore[arg-type]
    assert queues.deleted == []
