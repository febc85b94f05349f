"""How long an answer takes: fixed, uniform, or lognormal as services' latencies are; per model where wanted."""

import math
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.bedrock.catalogue import base_id

_P95 = 1.6448536269514722
"""95 % of a normal distribution lie below this many standard deviations."""


@dataclass(frozen=True)
class Latency:
    """Uniform from low_s to high_s; lognormal by median and 95th percentile where p95_s is above 0."""

    low_s: float
    high_s: float
    median_s: float = 0.0
    p95_s: float = 0.0

    def draw(self, chance: random.Random) -> float:
        if self.p95_s:
            return chance.lognormvariate(math.log(self.median_s), math.log(self.p95_s / self.median_s) / _P95)
        return chance.uniform(self.low_s, self.high_s)


def read_latency(data: Mapping[str, Any]) -> Latency:
    """{fixed_s} | {min_s, max_s} | {median_s, p95_s}. Raises ValueError, TypeError for anything else."""
    given = {name: float(value) for name, value in data.items()}
    if any(value < 0 for value in given.values()):
        raise ValueError("a latency is at least 0")
    if set(given) == {"fixed_s"}:
        return Latency(given["fixed_s"], given["fixed_s"])
    if set(given) == {"min_s", "max_s"}:
        return Latency(given["min_s"], given["max_s"])
    if set(given) == {"median_s", "p95_s"}:
        if not 0 < given["median_s"] <= given["p95_s"]:
            raise ValueError("a lognormal latency needs 0 < median_s <= p95_s")
        return Latency(0.0, 0.0, median_s=given["median_s"], p95_s=given["p95_s"])
    raise ValueError("latency is {fixed_s}, {min_s, max_s} or {median_s, p95_s}")


@dataclass
class LatencyPlan:
    """Shared by all request threads. by_model: foundation model id -> latency, before `usual`."""

    usual: Latency
    by_model: Mapping[str, Latency] = field(default_factory=dict)
    seed: int | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._chance = random.Random(None if self.seed is None else f"{self.seed} latency")  # noqa: S311 - no secret

    def draw(self, model_id: str) -> float:
        """Seconds of the next answer of this model."""
        latency = self.by_model.get(base_id(model_id), self.usual)
        with self._lock:
            return latency.draw(self._chance)


def read_plan(data: Mapping[str, Any], *, seed: int | None = None) -> LatencyPlan:
    """A latency, and under "models" those of single models: {"min_s", "max_s", "models": {id: {"fixed_s"}}}."""
    usual = read_latency({name: value for name, value in data.items() if name != "models"})
    by_model = {base_id(model): read_latency(given) for model, given in data.get("models", {}).items()}
    return LatencyPlan(usual, by_model, seed)
