"""A crowd of workers at the limiter in virtual time: how long it takes, and what S3 is asked for it.

Everything is real but time, S3 and the model: tasks come back from a queue as SQS delays them, in whole seconds.
"""

import heapq
import itertools
import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from core.aws.object_store import MemoryObjectStore, StoredObject, to_json
from core.errors import Throttled
from core.models.registry import ModelRegistry
from core.throttling.constraints import SlotRequest
from core.throttling.flushing import IDLE_S, Flush
from core.throttling.host_file import HostFile
from core.throttling.limiter import Limiter
from core.throttling.limits import Limits
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.slot_waiting import SlotWaiter
from core.throttling.state import LimiterState
from core.throttling.store import STATE_KEY, S3StateStore
from tests.support.virtual_time import VirtualTime

_STORE_S, _ASK_S, _CALL_S = 0.008, 0.002, (0.055, 0.075)
_FALLBACK_S = 5.0


class CountedStore(MemoryObjectStore):
    """Each request takes a while; a refused write is followed by a read, as in S3."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time
        self.reads = self.writes = 0

    def get(self, key: str) -> StoredObject | None:
        self.reads += 1
        self._time.sleep(_STORE_S)
        return super().get(key)

    def swap(self, key: str, body: bytes, *, etag: str) -> StoredObject | None:
        self.writes += 1
        self._time.sleep(_STORE_S / 2)
        present = super().get(key)
        won = (present.etag if present else "") == etag
        if won:
            etag = self.put(key, body)
        self._time.sleep(_STORE_S / 2)
        return StoredObject(body, etag) if won else self.get(key)


@dataclass
class Flusher:
    """The flusher's thread in virtual time."""

    time: VirtualTime
    due_at: float = math.inf

    def soon(self, flush: Flush) -> None:
        if self.due_at == math.inf:
            self.time.start(lambda: self._run(flush))
        self.due_at = min(self.due_at, self.time.now() + IDLE_S)

    def _run(self, flush: Flush) -> None:
        while self.time.now() < self.due_at:
            self.time.sleep(self.due_at - self.time.now())
        self.due_at = math.inf
        if not flush():
            self.soon(flush)


@dataclass
class Service:
    """Admits `rpm` calls of each model in any window of 60 s. outside: calls that others make of each, evenly."""

    rpm: int
    outside: int = 0
    since: float = math.inf
    stamps: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ticks: Counter[str] = field(default_factory=Counter)

    def admits(self, model_id: str, at: float) -> bool:
        self.since = min(self.since, at)
        while self.outside and (tick_at := self.since + self.ticks[model_id] * 60 / self.outside) <= at:
            self.ticks[model_id] += 1
            self._taken(self.stamps[model_id], tick_at)
        return self._taken(self.stamps[model_id], at)

    def _taken(self, stamps: list[float], at: float) -> bool:
        free = sum(stamp > at - 60 for stamp in stamps) < self.rpm
        if free:
            stamps.append(at)
        return free


@dataclass
class Crowd:
    """hosts: machines that the workers are spread over. calls: as the service saw them, each with its model."""

    limits: Limits
    registry: ModelRegistry
    directory: Path
    workers: int
    hosts: int = 1
    service: Service = field(default_factory=lambda: Service(10_000))
    time: VirtualTime = field(default_factory=lambda: VirtualTime(1_800_000_000.0))
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.objects = CountedStore(self.time)
        learnt = LimiterState(typical_call_s=fmean(_CALL_S))
        self.objects.put(STATE_KEY, to_json(learnt.to_dict()))
        self._tasks: list[tuple[float, int]] = []
        self._left = 0
        self._claims = Counter[int]()
        self._executions = itertools.count()

    @property
    def requests(self) -> int:
        """That S3 got."""
        return self.objects.reads + self.objects.writes

    def work_off(self, tasks: int) -> float:
        """Seconds it took."""
        started_at, self._left = self.time.now(), tasks
        self._tasks = [(started_at, number) for number in range(tasks)]
        for number in range(self.workers):
            self.time.start(lambda number=number: self._work(number))  # type: ignore[misc]
        self.time.run(timeout_s=100)
        return max(call["ended_at"] for call in self.calls) - started_at

    def _work(self, number: int) -> None:
        limiter = self._limiter(number)
        slots = SlotWaiter(limiter, self.time, window_s=self.limits.window_s)
        while self._left:
            if not self._tasks or self._tasks[0][0] > self.time.now():
                self.time.sleep(0.05)
                continue
            _, task = heapq.heappop(self._tasks)
            self.time.sleep(_ASK_S)
            try:
                self._answer(task, limiter, slots, f"w{number}")
            except Throttled as error:
                back_at = self.time.now() + math.ceil(error.retry_after_s or 0)
                heapq.heappush(self._tasks, (back_at, task))

    def _answer(self, task: int, limiter: Limiter, slots: SlotWaiter, name: str) -> None:
        """As the pipeline does: after a refusal the next model, after a while."""
        tried: frozenset[str] = frozenset()
        while True:
            ticket = f"t{task}-{self._claims[task]}"
            ask = SlotRequest(
                f"{name}-{next(self._executions)}", "work", 700, 400, tried=tried, ticket=ticket
            )
            granted, _ = slots.wait_for_slot(ask, deadline_at=math.inf)
            self._claims[task] += 1
            sent_at = self.time.now()
            admitted = self.service.admits(granted.model_id, sent_at)
            self.time.sleep(random.uniform(*_CALL_S))
            self.calls.append(
                {
                    "model": granted.model_id,
                    "arrived_at": sent_at,
                    "ended_at": self.time.now(),
                    "admitted": admitted,
                }
            )
            kind = OutcomeKind.ANSWERED if admitted else OutcomeKind.THROTTLED
            limiter.settle(granted.lease_id, Outcome(kind, charged_tokens=1700 * admitted, sent_at=sent_at))
            if admitted:
                self._left -= 1
                return
            tried |= {granted.model_id}
            self.time.sleep(_FALLBACK_S)

    def _limiter(self, number: int) -> Limiter:
        host = self.directory / f"host-{number % self.hosts}"
        host.mkdir(exist_ok=True)
        return Limiter(
            store=S3StateStore(self.objects, self.time, host=HostFile(host, "state", clock=self.time)),
            clock=self.time,
            limits=self.limits,
            registry=self.registry,
            flusher=Flusher(self.time),
        )
