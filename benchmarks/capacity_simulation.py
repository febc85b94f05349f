"""A busy hour, event by event: the product's own decision about slots, a scripted clock, workers as places.

arrives --> waits for a child --> asks for a slot --> now: called
                 ^                              |---> soon: the child sleeps, asks again
                 |------ minus 3 s -------------|---> later: a ticket, the child is free
                 |------ when told -------------|---> none: the child is free
"""

import heapq
import itertools
import math
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.capacity_demand import CALLS
from core.config import LimitSettings
from core.models.registry import load_registry
from core.throttling import decision
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.limits import limits_from
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.state import LimiterState

_SOON_S, _LONGEST_WAIT_S, _EARLY_S = 10.0, 30.0, 3.0
"""As core/throttling/slot_waiting.py has them."""
_NEXT_S = 0.3
"""From one task to the next in a child: about six requests to S3 and SQS of 50 ms; assumed."""
_SPREAD = 0.35
"""Of the logarithm of a call's time: a long tail, as answers of different lengths have."""


@dataclass
class _Task:
    number: int
    queue: str
    arrived_at: float
    asked_since: float = 0.0


@dataclass
class Hour:
    """What came of it. waits_s: from arrival to the call. why: for what those waited who got no slot at once."""

    arrived: int = 0
    called: Counter[str] = field(default_factory=Counter)
    waits_s: dict[str, list[float]] = field(default_factory=lambda: {"analysis": [], "chat": []})
    why: Counter[str] = field(default_factory=Counter)
    left: int = 0

    def wait_s(self, queue: str, part: float) -> float | None:
        waits = sorted(self.waits_s[queue])
        return waits[min(len(waits) - 1, math.ceil(part * len(waits)) - 1)] if waits else None


class Simulation:
    """children: queue -> how many. rates: queue -> arrivals a minute."""

    def __init__(
        self, settings: LimitSettings, *, children: dict[str, int], rates: dict[str, float], seed: int = 7
    ) -> None:
        self._limits, self._models = limits_from(settings), load_registry(settings.models_file).models
        self._state, self._rates = LimiterState(), rates
        self._free = dict(children)
        self._ready: dict[str, deque[_Task]] = {queue: deque() for queue in children}
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = itertools.count()
        self._chance = random.Random(seed)
        self._seen = Hour()

    def run(self, minutes: float) -> Hour:
        self._end_at = 60.0 * minutes
        for queue in self._rates:
            self._arrive(queue, 0.0)
        while self._events and self._events[0][0] < self._end_at:
            at, _number, happens = heapq.heappop(self._events)
            happens(at)
        self._seen.left = self._seen.arrived - sum(self._seen.called.values())
        return self._seen

    def _at(self, at: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (at, next(self._numbers), happens))

    def _arrive(self, queue: str, now: float) -> None:
        if self._rates[queue] <= 0:
            return
        at = now + self._chance.expovariate(self._rates[queue] / 60)

        def arrives(at: float) -> None:
            self._seen.arrived += 1
            self._wait(_Task(self._seen.arrived, queue, at), at)
            self._arrive(queue, at)

        self._at(at, arrives)

    def _wait(self, task: _Task, now: float) -> None:
        self._ready[task.queue].append(task)
        self._hand_out(task.queue, now)

    def _hand_out(self, queue: str, now: float) -> None:
        while self._free[queue] and self._ready[queue]:
            self._free[queue] -= 1
            task = self._ready[queue].popleft()
            task.asked_since = now
            self._ask(task, now)

    def _let_go(self, task: _Task, now: float, *, back_at: float | None = None) -> None:
        """The child is free; the task comes back by itself."""
        if back_at is not None:
            self._at(max(back_at, now + 1.0), lambda at: self._wait(task, at))

        def free(at: float) -> None:
            self._free[task.queue] += 1
            self._hand_out(task.queue, at)

        self._at(now + _NEXT_S, free)

    def _ask(self, task: _Task, now: float) -> None:
        call, waited_s = CALLS[task.queue], now - task.asked_since
        asked = SlotRequest(
            lease_id=f"l{task.number}",
            queue=task.queue,
            input_tokens=call.input + call.cache_write,
            answer_tokens=call.output,
            ticket=f"t{task.number}",
            patience_s=min(_SOON_S, _LONGEST_WAIT_S - waited_s),
            again=waited_s > 0,
        )
        self._state, answer = decision.acquire(
            self._state, asked, limits=self._limits, models=self._models, now=now
        )
        if isinstance(answer, Denied):
            self._seen.why[str(answer.waiting_for)] += 1
            spread_s = self._chance.uniform(0, 0.5 * self._limits.window_s)
            self._let_go(task, now, back_at=answer.until + spread_s)
        elif answer.at <= now:
            self._call(task, answer, now)
        else:
            self._seen.why[str(answer.waiting_for)] += 1
            if answer.ticket:
                self._let_go(task, now, back_at=answer.at - _EARLY_S)
            else:
                self._at(answer.at, lambda at: self._ask(task, at))

    def _call(self, task: _Task, granted: Granted, now: float) -> None:
        self._seen.called[task.queue] += 1
        self._seen.waits_s[task.queue].append(now - task.arrived_at)
        call = CALLS[task.queue]
        takes_s = call.latency_s * self._chance.lognormvariate(0.0, _SPREAD)
        model = next(model for model in self._models if model.id == granted.model_id)
        held = call.input + call.cache_write + model.tokens_for(call.output)
        outcome = Outcome(
            OutcomeKind.ANSWERED, charged_tokens=call.quota_tokens, sent_at=now, held_tokens=held
        )

        def ends(at: float) -> None:
            self._state = decision.settle(
                self._state, granted.lease_id, outcome=outcome, limits=self._limits, now=at
            )
            self._let_go(task, at)

        self._at(now + takes_s, ends)


def simulated(settings: LimitSettings, *, minutes: float, **plan: Any) -> Hour:
    return Simulation(settings, **plan).run(minutes)
