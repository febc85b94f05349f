"""The message of a task: ids only, never text; the same in the outbox, on the queue and when it is sent again."""

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any

from core.clock import epoch
from core.observability.correlation import accepted
from core.queueing.keys import EntryName, is_queue_key, is_section_id, is_uuid, milliseconds, user_hash
from core.queueing.results import TaskRecord
from core.queueing.topology import PROCESS_CHAT

HEADER = "aiprism"
"""Header of the Celery message for values that are not arguments: owner, accepted_at, correlation_id, queue."""


_MOST_GENERATIONS = 999_999


class UnreadableMessage(Exception):
    """The body is not an envelope of AI-Prism.

    The text says what is wrong and quotes nothing, so it may be logged.
    """

    code = "task/unreadable"


class ForgedMessage(UnreadableMessage):
    """An envelope of the right shape without a valid signature by one of our keys."""

    code = "task/forged"


@dataclass(frozen=True)
class Envelope:
    """The parts of a raw SQS body.

    payload: [positional arguments, keyword arguments, Celery's own part]. content: (type, encoding, body encoding)
    that the envelope declares.
    """

    headers: dict[str, Any]
    properties: dict[str, Any]
    payload: list[Any]
    content: tuple[object, object, object]


@dataclass(frozen=True)
class TaskMessage:
    """A task's message. task: the Celery name. queue: a topology key. accepted_at: ISO UTC.

    section_id: "" if the task is about no section: a chat question is identified by the task's own id.
    """

    task_id: str
    task: str
    queue: str
    owner: str
    session_id: str
    section_id: str
    generation: int
    accepted_at: str
    correlation_id: str = ""

    @property
    def arguments(self) -> dict[str, Any]:
        about = {"message_id": self.task_id} if _is_chat(self.task) else {"section_id": self.section_id}
        return {"session_id": self.session_id, **about, "generation": self.generation}

    @property
    def headers(self) -> dict[str, Any]:
        return {
            HEADER: {
                "owner": self.owner,
                "accepted_at": self.accepted_at,
                "correlation_id": self.correlation_id,
                "queue": self.queue,
            }
        }

    @property
    def entry(self) -> EntryName:
        owner, at = user_hash(self.owner), milliseconds(self.accepted_at)
        return EntryName(owner, at, self.task_id, self.generation)

    @property
    def queue_and_user(self) -> tuple[str, str]:
        """The queue and the user's hash: each user has places of their own in each queue."""
        return self.queue, self.entry.user_hash

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def message_of(record: TaskRecord) -> TaskMessage:
    """Returns the message that runs `record` in its present generation."""
    return TaskMessage(
        task_id=record.task_id,
        task=record.task,
        queue=record.queue,
        owner=record.owner,
        session_id=record.session_id,
        section_id=record.section_id,
        generation=record.generation,
        accepted_at=record.accepted_at,
        correlation_id=record.correlation_id,
    )


def queued_record(message: TaskMessage) -> TaskRecord:
    """Returns the record of a task that was accepted and has not run."""
    return TaskRecord(**message.to_dict())


def read_message(headers: dict[str, Any], arguments: dict[str, Any]) -> TaskMessage:
    """Returns the task's message from the headers and keyword arguments of a Celery message.

    Raises UnreadableMessage if a value has the wrong shape.
    """
    own = headers.get(HEADER)
    own = own if isinstance(own, dict) else {}
    chat = _is_chat(headers.get("task"))
    shapes = {
        "task_id": is_uuid(headers.get("id")),
        "task": isinstance(headers.get("task"), str),
        "queue": is_queue_key(own.get("queue")),
        "owner": _is_text(own.get("owner")),
        "accepted_at": _is_time(own.get("accepted_at")),
        "correlation_id": isinstance(own.get("correlation_id", ""), str),
        "session_id": is_uuid(arguments.get("session_id")),
        "subject": _names_its_question(headers, arguments) if chat else _names_a_section(arguments),
        "generation": _is_generation(arguments.get("generation")),
    }
    if wrong := [name for name, fits in shapes.items() if not fits]:
        raise UnreadableMessage("wrong shape: " + ", ".join(wrong))
    return TaskMessage(
        task_id=headers["id"],
        task=headers["task"],
        queue=own["queue"],
        owner=own["owner"],
        accepted_at=own["accepted_at"],
        correlation_id=accepted(own.get("correlation_id")),
        session_id=arguments["session_id"],
        section_id="" if chat else arguments["section_id"],
        generation=arguments["generation"],
    )


def _is_chat(task: object) -> bool:
    return task == PROCESS_CHAT


def _names_its_question(headers: dict[str, Any], arguments: dict[str, Any]) -> bool:
    return is_uuid(headers.get("id")) and arguments.get("message_id") == headers["id"]


def _names_a_section(arguments: dict[str, Any]) -> bool:
    return is_section_id(arguments.get("section_id"))


def _is_text(value: object) -> bool:
    """Text that can be stored: JSON can also hold half a character."""
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and epoch(value) > 0
    except (ValueError, OverflowError):
        return False


def _is_generation(value: object) -> bool:
    return type(value) is int and 1 <= value <= _MOST_GENERATIONS


def open_envelope(body: str) -> Envelope:
    """Parses the raw body of an SQS message as kombu writes it (JSON, base64 or plain).

    Raises UnreadableMessage for anything else.
    """
    try:
        written = json.loads(body if body.lstrip().startswith("{") else _unwrapped(body))
        payload = json.loads(base64.b64decode(written["body"], validate=True))
        headers, properties = written["headers"], written["properties"]
        content = (written["content-type"], written["content-encoding"], properties["body_encoding"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableMessage("not an envelope (not as kombu writes JSON)") from error
    if not (isinstance(headers, dict) and isinstance(payload, list) and isinstance(properties, dict)):
        raise UnreadableMessage("not an envelope (wrong types)")
    return Envelope(headers, properties, payload, content)


def read_body(body: str) -> TaskMessage:
    """Returns the task's message from the raw body of an SQS message. Raises UnreadableMessage for anything else."""
    envelope = open_envelope(body)
    if len(envelope.payload) < 2 or not isinstance(envelope.payload[1], dict):
        raise UnreadableMessage("not an envelope (no arguments)")
    return read_message(envelope.headers, envelope.payload[1])


def _unwrapped(body: str) -> str:
    """kombu takes base64 for it only where it is written in the one usual way."""
    raw = base64.b64decode(body, validate=True)
    if base64.b64encode(raw).decode() != body:
        raise ValueError
    return raw.decode()
