"""Metrics as CloudWatch reads them out of log lines (embedded metric format): no API call in anybody's way.

CloudWatch has a price per name and set of dimensions ($0.30 a month each, aws.amazon.com/cloudwatch/pricing, read
2026-11), so both are closed lists: `ABOUT` names every series there can be. Never a task, a user or a model.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from core.observability.load import Load
from core.observability.logs import get_logger

_log = get_logger(__name__)

NAMESPACE = "AIPrism"
EVERYWHERE = ""
"""Instead of a queue: what is of the whole deployment has the dimension Env alone."""
WEB = "web"
"""Instead of a queue: what is of the web tier."""


class Metric(StrEnum):
    """Names of metrics, as CloudWatch shows them."""

    TASKS_SUCCEEDED = "TasksSucceeded"
    TASKS_FAILED = "TasksFailed"
    TASK_DURATION = "TaskDuration"
    QUEUE_WAIT = "QueueWait"
    MODEL_CALLS = "ModelCalls"
    MODEL_THROTTLED = "ModelThrottled"
    MODEL_FAILED = "ModelFailed"
    MODEL_LATENCY = "ModelLatency"
    MODEL_FALLBACKS = "ModelFallbacks"
    INPUT_TOKENS = "InputTokens"
    OUTPUT_TOKENS = "OutputTokens"
    CACHED_TOKENS = "CachedTokens"
    QUOTA_TOKENS = "QuotaTokens"
    ESTIMATED_COST_USD = "EstimatedCostUsd"
    RATE_LIMITER_WAIT = "RateLimiterWait"
    ANSWER_CACHE_HITS = "AnswerCacheHits"
    QUEUE_DEPTH = "QueueDepth"
    OLDEST_AGE = "OldestAge"
    DLQ_DEPTH = "DlqDepth"
    DLQ_REPLAYED = "DlqReplayed"
    CPU_PERCENT = "CpuPercent"
    MEMORY_PERCENT = "MemoryPercent"
    STORAGE_UNREACHABLE = "StorageUnreachable"


@dataclass(frozen=True)
class About:
    """Describes a metric. unit: CloudWatch's word. of: the values that the dimension Queue can have with it."""

    unit: str
    of: tuple[str, ...]
    meaning: str


_TASKS = ("analysis", "chat")
_QUEUES = (*_TASKS, "monitoring")
_PROCESSES = (*_TASKS, WEB)

ABOUT: Mapping[Metric, About] = {
    Metric.TASKS_SUCCEEDED: About("Count", _TASKS, "Tasks that ended with a result"),
    Metric.TASKS_FAILED: About("Count", _TASKS, "Tasks that failed for good; cancelled ones are in neither"),
    Metric.TASK_DURATION: About("Milliseconds", _TASKS, "From a task's first start to its end"),
    Metric.QUEUE_WAIT: About("Milliseconds", _TASKS, "From acceptance to the first start"),
    Metric.MODEL_CALLS: About("Count", _TASKS, "Model calls that were sent, with and without an answer"),
    Metric.MODEL_THROTTLED: About("Count", _TASKS, "Of these, refused for a quota"),
    Metric.MODEL_FAILED: About("Count", _TASKS, "Of these, without an answer for any other reason"),
    Metric.MODEL_LATENCY: About("Milliseconds", _TASKS, "One call that was answered"),
    Metric.MODEL_FALLBACKS: About("Count", _TASKS, "Answers that are not of the first model asked"),
    Metric.INPUT_TOKENS: About("Count", _TASKS, "Tokens sent, those written into the prompt cache included"),
    Metric.OUTPUT_TOKENS: About("Count", _TASKS, "Tokens answered"),
    Metric.CACHED_TOKENS: About("Count", _TASKS, "Tokens read from the prompt cache"),
    Metric.QUOTA_TOKENS: About("Count", _TASKS, "Tokens as the service counts them against the quota"),
    Metric.ESTIMATED_COST_USD: About(
        "None", _TASKS, "US dollars at list price; 0 where a stand-in answered for the model"
    ),
    Metric.RATE_LIMITER_WAIT: About(
        "Milliseconds", _TASKS, "One wait for a slot: slept before a call, or in the queue until then"
    ),
    Metric.ANSWER_CACHE_HITS: About("Count", ("analysis",), "Answers taken from storage, without a call"),
    Metric.QUEUE_DEPTH: About("Count", _QUEUES, "Accepted and not begun, once a minute"),
    Metric.OLDEST_AGE: About(
        "Seconds", _TASKS, "Since the oldest unfinished task was accepted, once a minute"
    ),
    Metric.DLQ_DEPTH: About(
        "Count",
        _QUEUES,
        "Letters to look at, once a minute: in the index, or messages in the dead-letter queue",
    ),
    Metric.DLQ_REPLAYED: About(
        "Count", _TASKS, "Dead letters that were run again by the web tier or a worker"
    ),
    Metric.CPU_PERCENT: About(
        "Percent", _PROCESSES, "Of the processors that a worker or web process may use"
    ),
    Metric.MEMORY_PERCENT: About("Percent", _PROCESSES, "Of the memory that a worker or web process may use"),
    Metric.STORAGE_UNREACHABLE: About(
        "Count", (EVERYWHERE,), "1 from a process that could not reach S3; 0 once a minute while it can be"
    ),
}


def series() -> list[tuple[Metric, str]]:
    """Every pair of name and Queue that CloudWatch charges for."""
    return [(metric, of) for metric, about in ABOUT.items() for of in about.of]


class Metrics(Protocol):
    """A sink of metrics. Must not raise: metrics must not make work fail."""

    def put(self, queue: str, values: Mapping[Metric, float]) -> None:
        """Values that belong to one moment. queue: a key of the queue table, WEB or EVERYWHERE."""
        ...


class NullMetrics:
    """Drops all metrics."""

    def put(self, queue: str, values: Mapping[Metric, float]) -> None: ...


class EmfMetrics:
    """Writes a line per put. env: the deployment's name. now: epoch seconds. write: standard output by default."""

    def __init__(
        self, *, env: str, now: Callable[[], float], write: Callable[[str], Any] | None = None
    ) -> None:
        self._env = env
        self._now = now
        self._write = write or _print

    def put(self, queue: str, values: Mapping[Metric, float]) -> None:
        known = {metric: value for metric, value in values.items() if queue in ABOUT[metric].of}
        if len(known) < len(values):
            # Each new series has a price: a slip must show in the log, not on the bill.
            _log.error("metric_without_series", queue=queue, metrics=sorted(values.keys() - known.keys()))
        if not known:
            return
        dimensions = {"Env": self._env} | ({"Queue": queue} if queue else {})
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [[*dimensions]],
            "Metrics": [{"Name": str(metric), "Unit": ABOUT[metric].unit} for metric in known],
        }
        line = {
            "_aws": {"Timestamp": round(self._now() * 1000), "CloudWatchMetrics": [directive]},
            **dimensions,
            **{str(metric): value for metric, value in known.items()},
        }
        self._write(json.dumps(line, separators=(",", ":")))


def put_load(metrics: Metrics, queues: Iterable[str], load: Load) -> None:
    """Puts as much of a load as is known.

    queues: of a worker, whose load counts with the first that has such series; or WEB.
    """
    known = {Metric.CPU_PERCENT: load.cpu_percent, Metric.MEMORY_PERCENT: load.memory_percent}
    for queue in [queue for queue in queues if queue in _PROCESSES][:1]:
        metrics.put(queue, {metric: value for metric, value in known.items() if value is not None})


def _print(line: str) -> None:
    """To the real standard output: Celery turns what is written to sys.stdout into log lines."""
    out = sys.__stdout__ or sys.stdout
    out.write(line + "\n")
    out.flush()
