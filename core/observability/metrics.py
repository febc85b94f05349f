"""Metrics as CloudWatch reads them out of log lines (embedded metric format): no API call in anybody's way.

Price per name and set of dimensions, so both are closed lists: Env and Queue, never a task, a user or a model.
"""

import json
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

NAMESPACE = "AIPrism"


class Metric(StrEnum):
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


_MILLISECONDS = {Metric.MODEL_LATENCY, Metric.RATE_LIMITER_WAIT}
_NO_UNIT = {Metric.ESTIMATED_COST_USD}


def unit_of(metric: Metric) -> str:
    """CloudWatch's word for it; times are in milliseconds."""
    if metric in _MILLISECONDS:
        return "Milliseconds"
    return "None" if metric in _NO_UNIT else "Count"


class Metrics(Protocol):
    def put(self, queue: str, values: Mapping[Metric, float]) -> None:
        """Values that belong together. queue: a key of the queue table."""
        ...


class NullMetrics:
    def put(self, queue: str, values: Mapping[Metric, float]) -> None: ...


class EmfMetrics:
    """One line per put. env: the deployment's name. now: epoch seconds. write: default standard output."""

    def __init__(
        self, *, env: str, now: Callable[[], float], write: Callable[[str], Any] | None = None
    ) -> None:
        self._env = env
        self._now = now
        self._write = write or _print

    def put(self, queue: str, values: Mapping[Metric, float]) -> None:
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [["Env", "Queue"]],
            "Metrics": [{"Name": str(metric), "Unit": unit_of(metric)} for metric in values],
        }
        line = {
            "_aws": {"Timestamp": round(self._now() * 1000), "CloudWatchMetrics": [directive]},
            "Env": self._env,
            "Queue": queue,
            **{str(metric): value for metric, value in values.items()},
        }
        self._write(json.dumps(line, separators=(",", ":")))


def _print(line: str) -> None:
    """To the real standard output: Celery turns what is written to sys.stdout into log lines."""
    out = sys.__stdout__ or sys.stdout
    out.write(line + "\n")
    out.flush()
