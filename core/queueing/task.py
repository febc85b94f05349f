"""The base class of every task. Here an unexpected error becomes a failure that a person can read."""

from collections.abc import Callable
from typing import Any

from celery import Task
from celery.exceptions import Reject, SoftTimeLimitExceeded
from structlog.contextvars import bound_contextvars

from core.errors import AppError, Permanent, Transient
from core.observability.correlation import correlated
from core.observability.logs import get_logger
from core.queueing.heartbeat import delivery_id
from core.queueing.lifecycle import Delivery, TaskContext, Work
from core.queueing.message import HEADER, TaskMessage, UnreadableMessage, read_message
from core.queueing.service import Queueing
from core.queueing.transitions import Execution

_log = get_logger(__name__)


class QueuedTask(Task):
    """Base class of the tasks.

    acks_late: a message is deleted only after its task has ended, or has been sent anew.
    """

    abstract = True
    Request = "core.queueing.celery_request:QueuedRequest"
    acks_late = True
    reject_on_worker_lost = True
    ignore_result = True

    def deliver(self, work: Work) -> None:
        """Runs `work` for the delivery that this process has just been given."""
        try:
            delivery = self._delivery()
        except UnreadableMessage as error:
            # Left to SQS: after too many receives it moves it to the dead letters, where the sweep finds it.
            _log.error("message_unreadable", why=str(error))
            raise Reject(str(error), requeue=True) from error
        message = delivery.message
        about = {"task_id": message.task_id, "session_id": message.session_id, "queue": message.queue}
        user = message.entry.user_hash
        with correlated(message.correlation_id, user=user), bound_contextvars(**about):
            self._run(self.app.queueing(), delivery, work)

    def guarded(self, action: Callable[[], Any]) -> None:
        """Runs a periodic action and logs any error; the next beat tries again."""
        try:
            action()
        except Exception:  # noqa: BLE001 - one of the four doors: the task base
            _log.exception("periodic_task_failed", task=self.name)

    def _run(self, queueing: Queueing, delivery: Delivery, work: Work) -> None:
        try:
            queueing.runner.run(delivery, _expected(work))
        except AppError as error:
            _log.warning("delivery_put_off", code=error.code, detail=error.detail)
            self._put_off(queueing, delivery.message)

    def _put_off(self, queueing: Queueing, message: TaskMessage) -> None:
        """Storage or queue failed around the work. A new message, because each further receive of the old one
        brings it nearer to the dead letters."""
        try:
            queueing.runner.put_off(message)
        except AppError as error:
            raise Reject(error.code, requeue=True) from error

    def _delivery(self) -> Delivery:
        request = self.request
        headers = {"id": request.id, "task": self.name, HEADER: request.get(HEADER)}
        message = read_message(headers, request.kwargs or {})
        received = request.properties["delivery_info"]["sqs_message"]
        execution = Execution(self.app.identity.worker_id, delivery_id(received["ReceiptHandle"]))
        return Delivery(message, execution, received["Body"])


def _expected(work: Work) -> Work:
    """`work` that raises errors of the catalogue only."""

    def run(context: TaskContext) -> dict[str, Any]:
        try:
            return work(context)
        except AppError:
            raise
        except SoftTimeLimitExceeded as error:
            raise Transient("task/deadline", "One try took longer than a task may run.") from error
        except Exception as error:
            _log.exception("task_met_the_unexpected", error=type(error).__name__)
            raise Permanent("task/unexpected") from error

    return run
