"""Messages as kombu writes them to SQS."""

import base64
import json
from typing import Any

from core.config import Settings
from core.queueing.celery_app import make_app
from core.queueing.message import TaskMessage


def envelope(message: TaskMessage) -> str:
    """The raw SQS body that publishing `message` makes, without publishing it."""
    app = make_app(Settings())
    task = app.amqp.as_task_v2(message.task_id, message.task, kwargs=message.arguments)
    body: Any = json.dumps(task.body).encode()
    wrapped = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {**task.headers, **message.headers},
        "properties": {**task.properties, "body_encoding": "base64"},
    }
    return base64.b64encode(json.dumps(wrapped).encode()).decode()
