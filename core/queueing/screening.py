"""Checks every message before kombu and Celery see it.

Both trust whatever a queue holds: a wrong type in an envelope ends the worker or stops it from polling, and a
message that Celery cannot place is logged in full and deleted. So a message is handed over only if every part that
they rely on has the right shape, and it has a valid signature. Any other goes to the dead-letter queue unchanged,
with the reason as an attribute.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.aws.sqs import SqsQueues
from core.observability.logs import get_logger
from core.queueing.keys import is_uuid
from core.queueing.letter import CODE_ATTRIBUTE, UNREADABLE_ATTRIBUTE
from core.queueing.message import Envelope, UnreadableMessage, open_envelope, read_message
from core.queueing.signing import Signer
from core.queueing.topology import MONITOR_HEALTH, QUEUES, dead_letter_name

_log = get_logger(__name__)
_TASKS = tuple(name for spec in QUEUES for name in spec.task_names)
_AS_KOMBU_WRITES = ("application/json", "utf-8", "base64")
_MOST_LIMIT_S = 86_400


def check(body: str, *, signer: Signer) -> None:
    """Checks that kombu and Celery can take `body`, that it is for a task of the topology, and that it is signed.

    Raises UnreadableMessage for a wrong shape, ForgedMessage without a valid signature.
    """
    envelope = open_envelope(body)
    headers = envelope.headers
    shapes = {
        "content": envelope.content == _AS_KOMBU_WRITES,
        "delivery_info": isinstance(envelope.properties.get("delivery_info", {}), dict),
        "id": is_uuid(headers.get("id")),
        "task": headers.get("task") in _TASKS,
        "compression": headers.get("compression") is None,
        "shadow": headers.get("shadow") is None,
        "eta": headers.get("eta") is None,
        "expires": _is_time_or_none(headers.get("expires")),
        "timelimit": _are_limits(headers.get("timelimit")),
        "payload": _is_payload(envelope.payload),
    }
    if wrong := [name for name, fits in shapes.items() if not fits]:
        raise UnreadableMessage("wrong shape: " + ", ".join(wrong))
    _check_arguments(envelope)
    signer.verify(envelope)


def put_aside(
    queues: SqsQueues, received: Mapping[str, Any], *, names: tuple[str, str], error: UnreadableMessage
) -> None:
    """Moves a message to the dead-letter queue.

    received: as ReceiveMessage answers. names: (prefix, topology key) of the queue it was received from. Killed
    between the two steps, the message is delivered again and moved again. Raises Transient or Permanent
    queue/unavailable, after which SQS delivers it again.
    """
    prefix, key = names
    body, attributes = received["Body"], {UNREADABLE_ATTRIBUTE: str(error), CODE_ATTRIBUTE: error.code}
    letter_id = queues.send(dead_letter_name(prefix, key), body, attributes=attributes)
    queues.delete(queues.url(prefix + key), received["ReceiptHandle"])
    about = {"message_id": received.get("MessageId"), "dead_letter_id": letter_id, "chars": len(body)}
    _log.error("message_put_aside", queue=key, code=error.code, why=str(error), **about)


def _check_arguments(envelope: Envelope) -> None:
    _positional, arguments, _celerys = envelope.payload
    if envelope.headers["task"] == MONITOR_HEALTH:
        expected: dict[str, Any] = {}
    else:
        expected = read_message(envelope.headers, arguments).arguments
    if arguments != expected:
        raise UnreadableMessage("wrong shape: arguments")


def _is_payload(payload: list[Any]) -> bool:
    return len(payload) == 3 and payload[0] == [] and all(isinstance(part, dict) for part in payload[1:])


def _are_limits(value: object) -> bool:
    """Celery gives what a task sends the limits of the task itself: so a retry has some, a first message none."""
    return value is None or (isinstance(value, list) and len(value) == 2 and all(map(_is_limit, value)))


def _is_limit(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and 0 < value < _MOST_LIMIT_S)


def _is_time_or_none(value: object) -> bool:
    try:
        return value is None or (isinstance(value, str) and bool(datetime.fromisoformat(value)))
    except ValueError:
        return False
