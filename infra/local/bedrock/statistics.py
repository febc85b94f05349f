"""What reached the local Bedrock, call by call: the outside view that tests hold the limiter to."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from infra.local.bedrock.windows import most_in_window

COUNT_TOKENS = "count-tokens"
KEPT_CALLS = 50_000
_MOST_MODELS = 100
_OTHERS = "(others)"


@dataclass(slots=True)
class CallRecord:
    """Times in seconds since the epoch. started_at: let in by the quotas; 0 = never. ended_at: 0 = still running.

    reserved, settled: quota tokens; settled is what the call counts with now. outcome: "" while it runs, "ok",
    an error's code, "ConnectionReset", "ClientGone" where the client left in the middle of a stream, "Crashed"
    for a fault of the local Bedrock itself. metadata: the request's requestMetadata.
    """

    number: int
    model: str
    operation: str
    arrived_at: float
    started_at: float = 0.0
    ended_at: float = 0.0
    reserved: int = 0
    settled: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    outcome: str = ""
    brain: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Count:
    calls: int = 0
    ok: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    running: int = 0
    max_concurrent: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {
            **vars(self),
            "errors": dict(self.errors),
            "throttled": self.errors.get("ThrottlingException", 0),
        }


class Ledger:
    """Counts since it was made, and the last calls themselves. clock: seconds since the epoch, never back.

    Calls of CountTokens are recorded and counted apart: no limit of a model is about them.
    """

    def __init__(self, *, clock: Callable[[], float], kept: int = KEPT_CALLS) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._records: deque[CallRecord] = deque(maxlen=kept)
        self._total = _Count()
        self._models: dict[str, _Count] = {}
        self._number = 0
        self._counted = 0

    def arrived(self, model_id: str, operation: str) -> CallRecord:
        with self._lock:
            self._number += 1
            known = model_id in self._models or len(self._models) < _MOST_MODELS
            record = CallRecord(self._number, model_id if known else _OTHERS, operation, self._clock())
            self._records.append(record)
            if operation == COUNT_TOKENS:
                self._counted += 1
                return record
            for count in self._counts(record):
                count.calls += 1
                count.running += 1
                count.max_concurrent = max(count.max_concurrent, count.running)
            return record

    def ended(self, record: CallRecord, outcome: str) -> None:
        with self._lock:
            record.ended_at, record.outcome = self._clock(), outcome
            if record.operation == COUNT_TOKENS:
                return
            for count in self._counts(record):
                count.running -= 1
                if outcome == "ok":
                    count.ok += 1
                else:
                    count.errors[outcome] += 1
                count.input_tokens += record.input_tokens
                count.output_tokens += record.output_tokens

    def calls(self, *, since: int = 0) -> list[dict[str, Any]]:
        """Calls with a number above `since`, the oldest first."""
        with self._lock:
            return [asdict(record) for record in self._records if record.number > since]

    def summary(self, *, window_s: float) -> dict[str, Any]:
        """Counts in all and by model, with the most that any window of this length holds of the kept calls."""
        with self._lock:
            records = [record for record in self._records if record.operation != COUNT_TOKENS]
            by_model: dict[str, list[CallRecord]] = {model: [] for model in self._models}
            for record in records:
                by_model[record.model].append(record)
            models = {model: count.to_dict() for model, count in self._models.items()}
            found = {**self._total.to_dict(), "count_tokens": self._counted, "kept_calls": len(self._records)}
            found |= {"dropped_calls": self._number - len(self._records), "window_s": window_s}
            tuples = {model: [_points(record) for record in kept] for model, kept in by_model.items()}
        for model, points in tuples.items():
            models[model] |= _windows(points, window_s)
        everything = [point for points in tuples.values() for point in points]
        return {**found, **_windows(everything, window_s), "models": models}

    def _counts(self, record: CallRecord) -> Iterator[_Count]:
        yield self._total
        yield self._models.setdefault(record.model, _Count())


def _points(record: CallRecord) -> tuple[float, float, int]:
    return record.arrived_at, record.started_at, record.settled


def _windows(points: Iterable[tuple[float, float, int]], window_s: float) -> dict[str, Any]:
    """max_requests counts everything that arrived, refused or not; max_admitted and max_tokens what was let in."""
    listed = sorted(points)
    started = [(start, tokens) for _, start, tokens in listed if start]
    return {
        "stamps": [arrived for arrived, _, _ in listed],
        "max_in_window": {
            "requests": most_in_window(((arrived, 1) for arrived, _, _ in listed), length_s=window_s),
            "admitted": most_in_window(((start, 1) for start, _ in started), length_s=window_s),
            "quota_tokens": most_in_window(started, length_s=window_s),
        },
    }
