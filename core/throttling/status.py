"""The limiter's state for pages, statistics and readiness checks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.clock import iso
from core.models.model import Model
from core.throttling.limits import Limits
from core.throttling.state import Debt, Health, LimiterState, Request, present


class ModelState(StrEnum):
    """State of a model, in the word that pages show."""

    READY = "ready"
    COOLING = "cooling"
    OPEN = "open"
    HALF_OPEN = "half-open"
    DEAD = "dead"


@dataclass(frozen=True)
class ModelStatus:
    """State and use of one model.

    until: epoch seconds at which the state ends by itself, or None. why: "gone" or "denied". requests, tokens: in
    the present window, reserved ones included. slots: calls in flight.
    """

    model_id: str
    name: str
    state: ModelState
    until: float | None = None
    why: str = ""
    requests: int = 0
    failures: int = 0
    tokens: int = 0
    slots: int = 0


@dataclass(frozen=True)
class LimiterStatus:
    """State and use of the limiter.

    requests, tokens: in the present window. slots: calls in flight. queues: queue key -> requests. tickets: slots
    reserved for later, at most one window ahead. clock_offset_s: how far this machine's clock is behind.
    """

    requests: int
    tokens: int
    slots: int
    queues: dict[str, int]
    models: tuple[ModelStatus, ...]
    tickets: int = 0
    clock_offset_s: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether at least one model is not dead; one that is cooling recovers by itself."""
        return any(model.state is not ModelState.DEAD for model in self.models)

    def to_dict(self) -> dict[str, Any]:
        """Returns the status for JSON answers, with times in ISO UTC."""
        models = [
            {**asdict(model), "until": None if model.until is None else iso(model.until)}
            for model in self.models
        ]
        return {**asdict(self), "usable": self.usable, "models": models}


def describe(state: LimiterState, *, models: Sequence[Model], limits: Limits, now: float) -> LimiterStatus:
    state = present(state, limits=limits, now=now)
    begun = [item for item in state.requests if item.at <= state.at]
    queues = dict.fromkeys(limits.queue_rates, 0)
    for item in begun:
        queues[item.queue] = queues.get(item.queue, 0) + 1
    return LimiterStatus(
        requests=len(begun),
        tokens=sum(item.tokens for item in begun) + sum(item.tokens for item in state.debts),
        slots=sum(_runs(lease_id, state) for lease_id in state.leases),
        queues=queues,
        models=tuple(_model_status(state, model) for model in models),
        tickets=sum(not _runs(lease_id, state) for lease_id in state.leases),
    )


def _runs(lease_id: str, state: LimiterState) -> bool:
    return state.starts_at(lease_id) <= state.at and not state.leases[lease_id].ticket


def _model_status(state: LimiterState, model: Model) -> ModelStatus:
    health = state.health_of(model.id)
    charges: list[Request | Debt] = [*state.requests, *state.debts]
    condition, until = _condition(health, state.at)
    return ModelStatus(
        model.id,
        model.name,
        condition,
        until=until,
        why=health.dead_reason if condition is ModelState.DEAD else "",
        requests=sum(item.model_id == model.id for item in state.requests),
        failures=health.failures,
        tokens=sum(item.tokens for item in charges if item.model_id == model.id),
        slots=sum(
            _runs(lease_id, state) and lease.model_id == model.id for lease_id, lease in state.leases.items()
        ),
    )


def _condition(health: Health, now: float) -> tuple[ModelState, float | None]:
    if health.dead_until > now:
        return ModelState.DEAD, health.dead_until
    if health.open_until > now:
        return ModelState.OPEN, health.open_until
    if health.cool_until > now:
        return ModelState.COOLING, health.cool_until
    return (ModelState.HALF_OPEN, None) if health.open_until else (ModelState.READY, None)
