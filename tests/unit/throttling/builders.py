"""Small limits and models, so that every limit is met within a few steps."""

from collections.abc import Iterable

from core.clock import ScriptedClock
from core.models.model import Model, Prices, StructuredOutput
from core.models.registry import ModelRegistry
from core.throttling.constraints import SlotRequest
from core.throttling.limiter import Limiter
from core.throttling.limits import Limits
from core.throttling.store import MemoryStateStore

FREE = Prices(0, 0, 0, 0)
START = 1_800_000_000.0

SMALL = Limits(
    requests=5,
    concurrent=3,
    tokens=1_000,
    window_s=10.0,
    cooldown_s=6.0,
    daily_cooldown_s=40.0,
    breaker_failures=2,
    breaker_open_s=4.0,
    breaker_open_most_s=20.0,
    dead_s=60.0,
    lease_s=15.0,
    ticket_grace_s=3.0,
    queue_rates={"analysis": 3, "chat": 4},
)


def model(name: str, *, priority: int = 1, rpm: int | None = None, tpm: int | None = None) -> Model:
    return Model(
        id=name,
        name=name.title(),
        priority=priority,
        max_tokens=500,
        structured_output=StructuredOutput.TOOL,
        prices=FREE,
        rpm=rpm,
        tpm=tpm,
    )


THREE = (model("first", priority=1), model("second", priority=2, rpm=2), model("third", priority=3, tpm=400))
REGISTRY = ModelRegistry(THREE)


def asks(
    lease_id: str,
    *,
    queue: str = "analysis",
    tokens: int = 100,
    tried: frozenset[str] = frozenset(),
    ticket: str = "",
    patience_s: float = 1.0,
) -> SlotRequest:
    """Reserves `tokens`, nine tenths of it as input."""
    room = tokens // 10
    return SlotRequest(
        lease_id, queue, tokens - room, room, tried=tried, ticket=ticket, patience_s=patience_s
    )


def limiter_of(store=None, *, clock=None, limits=SMALL, flusher=None):
    return Limiter(
        store=store or MemoryStateStore(),
        clock=clock or ScriptedClock(START),
        limits=limits,
        registry=REGISTRY,
        flusher=flusher,
    )


def assert_rate(stamps: Iterable[float], limit: int, *, window_s: float) -> None:
    """No window of that length holds more than `limit` of the times."""
    ordered = sorted(stamps)
    for early, late in zip(ordered, ordered[limit:], strict=False):
        assert late - early >= window_s
