"""SqsQueues: batches of ten, translated errors."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from core.aws.sqs import QueueDepth, SqsQueues
from core.errors import Permanent, Transient


class ScriptedSqs:
    """Answers from `answers`, or raises `error`; keeps what it was asked."""

    def __init__(self, error: Exception | None = None, **answers: Any) -> None:
        self.answers = answers
        self.error = error
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def get_queue_url(self, **wanted: str) -> dict[str, str]:
        self._take("get_queue_url", wanted)
        return {"QueueUrl": f"https://queue/{wanted['QueueName']}"}

    def __getattr__(self, operation: str) -> Any:
        return lambda **wanted: self._take(operation, wanted)

    def _take(self, operation: str, wanted: dict[str, Any]) -> Any:
        self.asked.append((operation, wanted))
        if self.error is not None:
            raise self.error
        return self.answers.get(operation, {})


def client_error(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")


def test_a_queue_is_looked_up_once() -> None:
    sqs = ScriptedSqs()
    queues = SqsQueues(sqs)
    assert queues.url("a") == queues.url("a") == "https://queue/a"
    assert len(sqs.asked) == 1


def test_a_missing_queue_is_named() -> None:
    queues = SqsQueues(ScriptedSqs(client_error("QueueDoesNotExist")))
    with pytest.raises(Permanent, match="no queue named aiprism-chat"):
        queues.url("aiprism-chat")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (client_error("InternalError", 503), Transient),
        (EndpointConnectionError(endpoint_url="http://x"), Transient),
        (client_error("AccessDenied", 403), Permanent),
    ],
)
def test_errors_of_aws_become_ours(error: Exception, expected: type[Exception]) -> None:
    queues = SqsQueues(ScriptedSqs(error))
    with pytest.raises(expected):
        queues.depth("a")


def test_depths_are_numbers() -> None:
    found = {
        "ApproximateNumberOfMessages": "3",
        "ApproximateNumberOfMessagesNotVisible": "2",
        "ApproximateNumberOfMessagesDelayed": "1",
    }
    depth = SqsQueues(ScriptedSqs(get_queue_attributes={"Attributes": found})).depth("a")
    assert (depth, depth.total) == (QueueDepth(3, 2, 1), 6)


def test_visibility_is_set_in_tens_and_lost_handles_are_told() -> None:
    sqs = ScriptedSqs(change_message_visibility_batch={"Failed": [{"Id": "0"}]})
    handles = [f"h{number}" for number in range(12)]
    assert SqsQueues(sqs).set_visibility("https://queue/a", handles, seconds=60) == ["h0", "h10"]
    assert [len(wanted["Entries"]) for _, wanted in sqs.asked] == [10, 2]


def test_attributes_fit_what_sqs_takes() -> None:
    sqs = ScriptedSqs(send_message={"MessageId": "m1"})
    assert SqsQueues(sqs).send("a", "body", attributes={"detail": "x" * 2000, "session_id": ""}) == "m1"
    sent = sqs.asked[-1][1]["MessageAttributes"]
    assert (len(sent["detail"]["StringValue"]), sent["session_id"]["StringValue"]) == (1000, "-")


def test_received_messages_carry_our_attributes_and_their_time() -> None:
    message = {
        "MessageId": "m1",
        "ReceiptHandle": "h1",
        "Body": "b",
        "Attributes": {"SentTimestamp": "1795270344512"},
        "MessageAttributes": {"task_id": {"StringValue": "t", "DataType": "String"}},
    }
    (received,) = SqsQueues(ScriptedSqs(receive_message={"Messages": [message]})).receive("a", lease_s=30)
    assert (received.sent_at, received.attributes) == (1795270344.512, {"task_id": "t"})
