"""Meters every model call: as metrics, in the statistics, and against the daily cost."""

from core.models.exchange import ModelAnswer
from core.observability.correlation import user_served
from core.observability.metrics import Metric, Metrics
from core.pipeline.daily_cost import DailyCost
from core.statistics.recorder import NullRecorder, Recorder
from core.statistics.tally import NANO, CountKind, DurationKind, named


class PipelineMeter:
    """The pipeline's CallMeter."""

    def __init__(self, metrics: Metrics, cost: DailyCost, recorder: Recorder | None = None) -> None:
        self._metrics = metrics
        self._cost = cost
        self._recorder = recorder or NullRecorder()

    def waited(self, queue: str, seconds: float) -> None:
        if seconds > 0:
            self._metrics.put(queue, {Metric.RATE_LIMITER_WAIT: round(seconds * 1000)})
            self._recorder.record_duration(named(DurationKind.LIMITER, queue), seconds)

    def answered(self, queue: str, answer: ModelAnswer) -> None:
        self._cost.charge(answer.cost_usd)
        self._record(answer)
        usage = answer.usage
        self._metrics.put(
            queue,
            {
                Metric.MODEL_CALLS: 1,
                Metric.MODEL_FALLBACKS: 1 if answer.tried else 0,
                Metric.MODEL_LATENCY: round(answer.latency_s * 1000),
                Metric.INPUT_TOKENS: usage.input + usage.cache_write,
                Metric.OUTPUT_TOKENS: usage.output,
                Metric.CACHED_TOKENS: usage.cache_read,
                Metric.QUOTA_TOKENS: answer.quota_tokens,
                Metric.ESTIMATED_COST_USD: _paid_usd(answer),
            },
        )

    def failed(self, queue: str, model_id: str, code: str, *, throttled: bool) -> None:
        """Why is in the log: as a dimension it would cost by the model."""
        kind = Metric.MODEL_THROTTLED if throttled else Metric.MODEL_FAILED
        self._metrics.put(queue, {Metric.MODEL_CALLS: 1, kind: 1})
        what = "throttled" if throttled else "failed"
        self._recorder.count(user_served(), {named(CountKind.CALLS, model_id, "", what): 1})

    def from_cache(self, queue: str) -> None:
        self._metrics.put(queue, {Metric.ANSWER_CACHE_HITS: 1})
        self._recorder.count(user_served(), {named(CountKind.CACHE_HITS, queue): 1})

    def _record(self, answer: ModelAnswer) -> None:
        who, usage = (answer.model_id, answer.brain), answer.usage
        self._recorder.record_duration(named(DurationKind.CALL, *who), answer.latency_s)
        self._recorder.count(
            user_served(),
            {
                named(CountKind.CALLS, *who, "answered"): 1,
                named(CountKind.CALLS, *who, "fallback"): 1 if answer.tried else 0,
                named(CountKind.TOKENS, *who, "input"): usage.input,
                named(CountKind.TOKENS, *who, "output"): usage.output,
                named(CountKind.TOKENS, *who, "cache_read"): usage.cache_read,
                named(CountKind.TOKENS, *who, "cache_write"): usage.cache_write,
                named(CountKind.TOKENS, *who, "quota"): answer.quota_tokens,
                named(CountKind.COST, answer.model_id): round(_paid_usd(answer) * NANO),
            },
        )


def _paid_usd(answer: ModelAnswer) -> float:
    """Nobody sends a bill for what a stand-in answered."""
    return 0.0 if answer.brain else answer.cost_usd
