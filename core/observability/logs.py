"""Structured logs: one JSON object a line on stderr, constant event names, ids only, never document text."""

import logging
import sys
import threading
from typing import Any

from core.observability.correlation import correlation_id, user_served

_late: list[str] = []
"""The level of a process that configures its logs with its first line."""
_configuring = threading.Lock()


def configure_logging(level: str) -> None:
    """Sends structlog and the standard library through one JSON renderer."""
    import structlog

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _add_correlation,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(noisy).setLevel("WARNING")
    _late.clear()


def configure_late(level: str) -> None:
    """As configure_logging, but only when there is a line to write: most commands write none, and end sooner so."""
    _late[:] = [level]
    root = logging.getLogger()
    root.handlers[:] = [_FirstLine()]
    root.setLevel(level)


def get_logger(name: str) -> Any:
    return _Logger(name)


class _FirstLine(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _configure_now()
        logging.getLogger().handle(record)


class _Logger:
    """A logger of structlog, made when it has something to say."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        import structlog

        _configure_now()
        return getattr(structlog.stdlib.get_logger(self._name), attribute)


def _configure_now() -> None:
    """Does what configure_late has put off. Other threads wait: their lines belong on stderr too."""
    if _late:
        with _configuring:
            if _late:
                configure_logging(_late[0])


def _add_correlation(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for name, present in (("correlation_id", correlation_id()), ("user", user_served())):
        if present and name not in event:
            event[name] = present
    return event
