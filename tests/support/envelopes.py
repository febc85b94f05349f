"""Messages as kombu writes them to SQS, signed as this product signs them."""

import base64
import json
from typing import Any

from core.clock import SystemClock
from core.config import QueueSettings, Settings
from core.queueing.celery_app import make_app
from core.queueing.message import TaskMessage
from core.queueing.signing import Signer

KEY = "the-key-of-the-unit-tests-messages"
SETTINGS = Settings(queues=QueueSettings(message_keys=KEY))
SIGNER = Signer((KEY,), SystemClock())


def envelope(message: TaskMessage, *, signer: Signer | None = SIGNER, **headers: object) -> str:
    """The raw SQS body that publishing `message` makes, without publishing it. headers: beside the usual ones."""
    app = make_app(SETTINGS)
    task = app.amqp.as_task_v2(message.task_id, message.task, kwargs=message.arguments)
    task.headers.update(message.headers, **headers)
    if signer is not None:
        signer.sign(task.headers, task.body)
    return written(task)


def written(task: Any) -> str:
    """task: headers, properties and body as Celery hands them to kombu."""
    body: Any = json.dumps(task.body).encode()
    wrapped = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": task.headers,
        "properties": {**task.properties, "body_encoding": "base64"},
    }
    return base64.b64encode(json.dumps(wrapped).encode()).decode()
