"""The worker's main process: ends a task whose child was killed or ran into the hard time limit."""

from typing import Any

from billiard.einfo import ExceptionWithTraceback
from celery.exceptions import TimeLimitExceeded, WorkerLostError
from celery.worker.request import Request

from core.errors import AppError, Permanent
from core.observability.correlation import correlated
from core.observability.logs import get_logger
from core.queueing.lifecycle import MOST_CRASHES
from core.queueing.message import TaskMessage, UnreadableMessage, read_message

_log = get_logger(__name__)


class QueuedRequest(Request):
    """Celery's request with our handling of failures that the child could not report itself."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - Celery's signature
        """Called for every exception; those that the child raised itself are settled already."""
        cause = _cause(exc_info)
        if isinstance(cause, TimeLimitExceeded):
            self._end(Permanent("task/deadline", "It ran into its time limit and was stopped."))
        elif isinstance(cause, WorkerLostError | SystemExit) and self._crashed_for_good():
            self._end(Permanent("task/crashed"))
        # Acknowledged or rejected above: the rest of Celery's own handling then leaves the message alone.
        super().on_failure(exc_info, send_failed_event, return_ok)
        # Other workers must not wait for a child that is gone: stop listing it in the record now.
        self._app.liveness.soon()

    def _end(self, error: Permanent) -> None:
        try:
            message = self._own_message()
            body = self.message.delivery_info["sqs_message"]["Body"]
            with correlated(message.correlation_id, user=message.entry.user_hash):
                self._app.queueing().failures.final(message, error, body=body)
            self.acknowledge()
        except UnreadableMessage:
            _log.warning("periodic_task_ended", task=self.name, code=error.code)
        except AppError as trouble:
            _log.warning("failure_not_recorded", task_id=self.id, code=trouble.code)
            self.reject(requeue=True)

    def _crashed_for_good(self) -> bool:
        try:
            message = self._own_message()
            record = self._app.queueing().results.get(message.task_id)
        except (UnreadableMessage, AppError):
            return False
        return record is not None and record.starts >= MOST_CRASHES

    def _own_message(self) -> TaskMessage:
        return read_message({**self.request_dict, "id": self.id, "task": self.name}, self.kwargs or {})


def _cause(exc_info: Any) -> BaseException:
    cause = exc_info.exception
    return cause.exc if isinstance(cause, ExceptionWithTraceback) else cause  # type: ignore[no-any-return]
