"""Structured logs: one JSON object a line on stderr, constant event names, ids only, never document text."""

import logging
import sys
from typing import Any

import structlog

from core.observability.correlation import correlation_id, user_served


def configure_logging(level: str) -> None:
    """Sends structlog and the standard library through one JSON renderer."""
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


def get_logger(name: str) -> Any:
    return structlog.stdlib.get_logger(name)


def _add_correlation(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for name, present in (("correlation_id", correlation_id()), ("user", user_served())):
        if present and name not in event:
            event[name] = present
    return event
