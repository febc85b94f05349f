"""SQS beside Celery: dead letters, depths, and the visibility of messages that a worker holds."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from core.aws.errors import error_code, queue_errors
from core.errors import Permanent

_BATCH = 10
_GONE = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}


@dataclass(frozen=True)
class QueueDepth:
    """SQS's own approximate counts."""

    waiting: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        return self.waiting + self.in_flight + self.delayed


@dataclass(frozen=True)
class ReceivedMessage:
    """A received message. attributes: our own message attributes as text. sent_at: epoch seconds, by SQS's clock."""

    message_id: str
    handle: str
    body: str
    sent_at: float
    attributes: dict[str, str]


class SqsQueues:
    """SQS queues by name.

    Errors: Transient queue/unavailable; Permanent queue/unavailable without access, or if there is no such queue.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._urls: dict[str, str] = {}
        self._lock = threading.Lock()

    def url(self, name: str) -> str:
        with self._lock:
            known = self._urls.get(name)
        if known is None:
            known = self._look_up(name)
            with self._lock:
                self._urls[name] = known
        return known

    def depth(self, name: str) -> QueueDepth:
        names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
        url = self.url(name)
        with queue_errors():
            found = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return QueueDepth(*(int(found.get(attribute, 0)) for attribute in names))

    def send(self, name: str, body: str, *, attributes: dict[str, str]) -> str:
        """Sends a message and returns the id that SQS gave it.

        Attribute values are cut at 1,000 characters; an empty one, which SQS refuses, becomes "-".
        """
        typed = {
            key: {"DataType": "String", "StringValue": value[:1000] or "-"}
            for key, value in attributes.items()
        }
        url = self.url(name)
        with queue_errors():
            answer = self._client.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=typed)
        return str(answer["MessageId"])

    def receive(self, name: str, *, lease_s: int, wait_s: int = 0) -> list[ReceivedMessage]:
        """Receives up to ten messages and hides them from everybody else for `lease_s`.

        wait_s: how long to wait for one. With 0 SQS asks only some of its servers, so that no message does not
        mean an empty queue.
        """
        url = self.url(name)
        with queue_errors():
            answer = self._client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=lease_s,
                WaitTimeSeconds=wait_s,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
            )
        return [_received(message) for message in answer.get("Messages", [])]

    def delete(self, url: str, handle: str) -> None:
        """Deletes a received message for good."""
        with queue_errors():
            self._client.delete_message(QueueUrl=url, ReceiptHandle=handle)

    def delete_many(self, url: str, handles: Sequence[str]) -> list[str]:
        """Deletes received messages for good. Returns the handles that SQS does not know any more."""
        lost: list[str] = []
        for start in range(0, len(handles), _BATCH):
            batch = handles[start : start + _BATCH]
            entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(batch)]
            with queue_errors():
                answer = self._client.delete_message_batch(QueueUrl=url, Entries=entries)
            lost += [batch[int(failed["Id"])] for failed in answer.get("Failed", [])]
        return lost

    def set_visibility(self, url: str, handles: Sequence[str], *, seconds: int) -> list[str]:
        """Hides messages for `seconds` from now; 0 shows them.

        Returns the handles that SQS does not know any more.
        """
        lost: list[str] = []
        for start in range(0, len(handles), _BATCH):
            batch = handles[start : start + _BATCH]
            entries = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                for number, handle in enumerate(batch)
            ]
            with queue_errors():
                answer = self._client.change_message_visibility_batch(QueueUrl=url, Entries=entries)
            lost += [batch[int(failed["Id"])] for failed in answer.get("Failed", [])]
        return lost

    def _look_up(self, name: str) -> str:
        with queue_errors():
            try:
                return str(self._client.get_queue_url(QueueName=name)["QueueUrl"])
            except ClientError as error:
                if error_code(error) in _GONE:
                    raise Permanent("queue/unavailable", f"There is no queue named {name}.") from error
                raise


def _received(message: dict[str, Any]) -> ReceivedMessage:
    own = message.get("MessageAttributes", {})
    return ReceivedMessage(
        message_id=message["MessageId"],
        handle=message["ReceiptHandle"],
        body=message["Body"],
        sent_at=int(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000,
        attributes={name: str(value.get("StringValue", "")) for name, value in own.items()},
    )
