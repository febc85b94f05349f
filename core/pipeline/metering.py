"""Every model call as metrics and as money spent today."""

from core.models.exchange import ModelAnswer
from core.observability.metrics import Metric, Metrics
from core.pipeline.daily_cost import DailyCost


class PipelineMeter:
    """The pipeline's CallMeter."""

    def __init__(self, metrics: Metrics, cost: DailyCost) -> None:
        self._metrics = metrics
        self._cost = cost

    def waited(self, queue: str, seconds: float) -> None:
        if seconds > 0:
            self._metrics.put(queue, {Metric.RATE_LIMITER_WAIT: round(seconds * 1000)})

    def answered(self, queue: str, answer: ModelAnswer) -> None:
        self._cost.charge(answer.cost_usd)
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
                Metric.ESTIMATED_COST_USD: answer.cost_usd,
            },
        )

    def failed(self, queue: str, model_id: str, code: str, *, throttled: bool) -> None:
        """Which model and why is in the log: as dimensions they would cost by the model."""
        kind = Metric.MODEL_THROTTLED if throttled else Metric.MODEL_FAILED
        self._metrics.put(queue, {Metric.MODEL_CALLS: 1, kind: 1})
