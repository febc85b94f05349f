"""Faults on demand: which calls fail, how, how often and when."""

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from infra.local.bedrock.catalogue import base_id
from infra.local.bedrock.errors import IN_STREAM, STATUS

RESET = "ConnectionReset"
HANG = "Hang"
CODES = frozenset(STATUS) | {RESET, HANG}
_AT_THE_DOOR = frozenset(
    {
        "AccessDeniedException",
        "ResourceNotFoundException",
        "ServiceQuotaExceededException",
        "ThrottlingException",
        "ValidationException",
    }
)
OPERATIONS = frozenset({"converse", "converse-stream", "invoke", "count-tokens"})


@dataclass(frozen=True)
class Fault:
    """model, operation: "" = every one. rate: share of calls, 0 to 1. count: most calls it hits; None = no end.

    from_s, until_s: seconds since it was configured. after_calls: calls of its model and operation that it lets
    pass first. after_events: breaks a stream after that many events; None = instead of an answer. delay_s: how
    long the call runs before. message: other words than the service's. original_status: of the model's own host.
    """

    code: str
    model: str = ""
    operation: str = ""
    rate: float = 1.0
    from_s: float = 0.0
    until_s: float = float("inf")
    count: int | None = None
    after_calls: int = 0
    after_events: int | None = None
    delay_s: float = 0.0
    message: str = ""
    original_status: int = 0

    @property
    def at_the_door(self) -> bool:
        """Refused before a quota is asked and a model works."""
        return self.code in _AT_THE_DOOR and self.after_events is None

    def concerns(self, model_id: str, operation: str) -> bool:
        of_model = not self.model or base_id(self.model) == base_id(model_id)
        of_operation = not self.operation or self.operation == operation
        streams = self.after_events is None or operation == "converse-stream"
        return of_model and of_operation and streams


def read_fault(data: Mapping[str, Any]) -> Fault:
    """Raises ValueError with words for the person who wrote the script."""
    unknown = set(data) - {item.name for item in fields(Fault)}
    if unknown:
        raise ValueError(f"a fault has no field {', '.join(sorted(unknown))}")
    if data.get("code") not in CODES:
        raise ValueError(f"fault code {data.get('code')!r} is not one of {', '.join(sorted(CODES))}")
    fault = Fault(**{name: value for name, value in data.items() if value is not None})
    if fault.operation and fault.operation not in OPERATIONS:
        raise ValueError(f"fault operation {fault.operation!r} is not one of {', '.join(sorted(OPERATIONS))}")
    if fault.after_events is not None:
        if fault.code not in IN_STREAM | {RESET, HANG}:
            raise ValueError(f"a fault inside a stream cannot be {fault.code}")
        if fault.after_events < 1:
            raise ValueError("a fault inside a stream has after_events of at least 1")
    return fault


@dataclass
class _Running:
    """A fault with what is left of it. Chance is its own, so that other calls do not change its course."""

    fault: Fault
    chance: random.Random
    hits_left: float
    seen: int = 0


class FaultPlan:
    """Shared by all request threads. The same seed and the same order of calls give the same faults."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[_Running] = []
        self._since = 0.0

    def load(self, faults: Iterable[Fault], *, now: float, seed: int | None = None) -> None:
        with self._lock:
            self._running = [_started(fault, seed, number) for number, fault in enumerate(faults)]
            self._since = now

    def next_for(self, model_id: str, *, now: float, operation: str = "converse") -> Fault | None:
        """The first fault that hits this call; its count goes down."""
        with self._lock:
            for running in self._running:
                if running.fault.concerns(model_id, operation) and _hits(running, now - self._since):
                    running.hits_left -= 1
                    return running.fault
        return None


def _started(fault: Fault, seed: int | None, number: int) -> _Running:
    chance = random.Random(None if seed is None else f"{seed} fault {number}")  # noqa: S311 - guards nothing
    return _Running(fault, chance, float("inf") if fault.count is None else fault.count)


def _hits(running: _Running, elapsed_s: float) -> bool:
    fault = running.fault
    if not fault.from_s <= elapsed_s < fault.until_s:
        return False
    running.seen += 1
    past = running.seen > fault.after_calls and running.hits_left > 0
    return past and running.chance.random() < fault.rate
