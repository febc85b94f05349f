"""Publishes messages through Celery, so that each of them is signed by its one publish hook."""

import threading

from celery import Celery
from kombu.exceptions import OperationalError

from core.aws.errors import queue_errors
from core.errors import Transient
from core.queueing.message import TaskMessage


class CeleryPublisher:
    """Sends task messages with a Celery app."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._sizing = threading.Lock()

    def send(self, message: TaskMessage, *, delay_s: float = 0) -> None:
        """Sends the message.

        delay_s: at most 900, rounded down to whole seconds. Raises Transient queue/unavailable.
        """
        # DelaySeconds instead of Celery's countdown: a countdown is held in a worker's memory under a running
        # visibility clock and ran tasks three times over.
        options = {"DelaySeconds": int(delay_s)} if delay_s >= 1 else {}
        with self._sizing:
            # Celery makes its pool at the first use and then gives it its size, which fails where another thread
            # uses it already (1 first "review all" in 60, measured with eight threads).
            _ = self._app.amqp.producer_pool
        with queue_errors():
            try:
                self._app.send_task(
                    message.task,
                    kwargs=message.arguments,
                    task_id=message.task_id,
                    queue=message.queue,
                    headers=message.headers,
                    **options,
                )
            except OperationalError as error:
                raise Transient("queue/unavailable", "The queue did not answer.") from error
