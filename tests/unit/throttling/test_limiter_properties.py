"""Several machines, each with what it knew of late, each process with what it has yet to tell: no limit is passed.

Real limiters work off tasks while time passes. S3 is one document; what a host knows of it is as old as its last
look. Calls end and the next one begins before anybody is told; processes are killed in between, cannot reach S3 for
a while, or never hear that their write was done; a task is delivered twice. The book of what was really sent is
kept here.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import ScriptedClock
from core.errors import Throttled, Transient
from core.models.registry import ModelRegistry
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.flushing import IDLE_S
from core.throttling.limiter import Limiter
from core.throttling.limits import Limits
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.store import CachedState
from tests.unit.throttling.builders import START, asks, assert_rate, model

LIMITS = Limits(
    requests=14,
    concurrent=2,
    tokens=20_000,
    window_s=20.0,
    skew_s=0.5,
    cooldown_s=8.0,
    breaker_failures=2,
    breaker_open_s=8.0,
    ticket_grace_s=7.0,
    lease_s=60.0,
)
MODELS = (model("first", priority=1, rpm=8), model("second", priority=2))
HOSTS = 3
CLOCKS = (-0.25, 0.25, 0.0, 0.0, 0.25)
"""One process each; the last ones share their host with the first."""
CALLS_S = (*[0.05, 0.1, 0.4, 0.8] * 8, 2.0, 11.0, 0.8 * LIMITS.lease_s)
"""The last one ends by its read time-out."""
KINDS = [OutcomeKind.ANSWERED] * 150 + list(OutcomeKind)
_LINGER_S, _RETRY_S, _FRESH_S, _LATEST_S = 0.2, 5.0, 2.0, 0.05


@dataclass
class World:
    """written: (when, body), the latest last. seen: of each host, when it looked and what it saw."""

    now: float = START
    written: list[tuple[float, str]] = field(default_factory=lambda: [(0.0, "null")])
    seen: dict[int, tuple[float, str]] = field(default_factory=dict)

    @property
    def body(self) -> str:
        return self.written[-1][1]

    def look(self, host: int, *, ago_s: float = 0.0) -> None:
        """Somebody of this host looked, so long ago, if nobody did later."""
        at = self.now - ago_s
        if at >= self.seen.get(host, (0.0, ""))[0]:
            self.seen[host] = (at, next(body for when, body in reversed(self.written) if when <= at))


@dataclass
class HostStore:
    """What one process sees of the shared document through its host."""

    world: World
    host: int
    cut_until: float = 0.0
    loses_answer: bool = False

    def transact(self, change, batch=bytes, *, linger_s=0.0) -> Any:
        if self.world.now < self.cut_until:
            raise Transient("storage/unavailable")
        result, changed = change(json.loads(self.world.body), list)
        if changed is not None:
            self.world.written.append((self.world.now, json.dumps(changed)))
            if self.loses_answer:
                self.loses_answer = False
                raise Transient("storage/unavailable")
        self.world.look(self.host)
        return result

    def read(self) -> Any:
        return json.loads(self.world.body)

    def cached(self) -> CachedState:
        at, body = self.world.seen.get(self.host, (-inf, "null"))
        age_s = self.world.now - at
        return CachedState(json.loads(body), fresh=age_s <= _FRESH_S, latest=age_s <= _LATEST_S)


@dataclass
class Task:
    """calls: claimed ones; each is made once, whoever holds a slot for it."""

    number: int
    calls: int = 0


@dataclass
class Call:
    lease_id: str
    at: float
    model_id: str
    task: Task
    ends_at: float
    running: bool = True


class Process:
    """A worker with one task at a time, its limiter, and its flusher's thread.

    sleeps: until when (true time) at which request of which task.
    """

    def __init__(self, world: World, number: int) -> None:
        self.shift_s = CLOCKS[number]
        self.world = world
        self.store = HostStore(world, number % HOSTS)
        self.clock = ScriptedClock(world.now + self.shift_s)
        self.limiter = Limiter(
            store=self.store, clock=self.clock, limits=LIMITS, registry=ModelRegistry(MODELS), flusher=self
        )
        self.flush_at = inf
        self.call: Call | None = None
        self.sleeps: tuple[float, SlotRequest, Task] | None = None

    @property
    def idle(self) -> bool:
        return self.call is None and self.sleeps is None

    def soon(self, flush: Callable[[], bool]) -> None:
        self.flush_at = min(self.flush_at, self.world.now + IDLE_S + _LINGER_S)

    def flush(self) -> None:
        self.flush_at = inf
        if not self.limiter.flush():
            self.flush_at = self.world.now + _RETRY_S


class Story:
    def __init__(self, chance: random.Random) -> None:
        self.random = chance
        self.world = World()
        self.processes = [Process(self.world, number) for number in range(len(CLOCKS))]
        self.queue: list[tuple[float, Task]] = []
        self.calls: list[Call] = []
        self.numbers = 0

    def happens(self) -> None:
        """Something out of the ordinary."""
        number, choose = self.random.randrange(len(CLOCKS)), self.random.choice
        choose(
            (
                self.a_task_is_delivered_twice,
                lambda: self.a_process_is_killed(number),
                lambda: self.a_process_cannot_reach_s3(number, choose((1.0, 9.0, 70.0))),
                lambda: self.the_answer_to_a_write_will_be_lost(number),
                lambda: self.world.look(number % HOSTS, ago_s=choose((0.0, 0.3, 1.9))),
            )
        )()

    # -- what can happen

    def tasks_come(self) -> None:
        for _ in range(self.random.randrange(1, 12)):
            self.numbers += 1
            self.queue.append((self.world.now, Task(self.numbers)))

    def a_task_is_delivered_twice(self) -> None:
        if self.queue:
            at, task = self.random.choice(self.queue)
            self.queue.append((at + self.random.choice([0.0, 0.05, 1.0]), task))

    def a_process_is_killed(self, number: int) -> None:
        """What it had not told is lost; its task comes back some time later."""
        process = self.processes[number]
        if process.call is not None:
            process.call.running = False
            self.queue.append((self.world.now + 10, process.call.task))
        self.processes[number] = Process(self.world, number)

    def a_process_cannot_reach_s3(self, number: int, seconds: float) -> None:
        self.processes[number].store.cut_until = self.world.now + seconds

    def the_answer_to_a_write_will_be_lost(self, number: int) -> None:
        self.processes[number].store.loses_answer = True

    def time_passes(self, seconds: float) -> None:
        """Whoever is due does what it has to; nobody looks later than at its time, but for tasks in the queue."""
        until = self.world.now + seconds
        while (happens := min(self._events(), key=lambda event: event[0], default=None)) is not None:
            if happens[0] > until:
                break
            self.world.now = max(self.world.now, happens[0])
            for process in self.processes:
                process.clock.at = self.world.now + process.shift_s
            happens[1]()
        self.world.now = until

    # -- what must hold

    def no_window_is_over_its_limit(self) -> None:
        assert_rate([call.at for call in self.calls], LIMITS.requests, window_s=LIMITS.window_s)
        assert_rate([call.at for call in self.calls if call.model_id == "first"], 8, window_s=LIMITS.window_s)

    def ends(self) -> None:
        """No lost slot and no jam: when all has passed, as many may call at once as at the beginning."""
        self.world.now += LIMITS.dead_s + LIMITS.lease_s + 2 * LIMITS.span_s + LIMITS.breaker_open_most_s
        fresh = Process(self.world, 0)
        for name in ("first", "second"):
            fresh.limiter.acquire(asks(name))
        for name in ("first", "second"):
            fresh.limiter.settle(name, Outcome(OutcomeKind.ANSWERED))
        answers = [fresh.limiter.acquire(asks(name)) for name in ("one", "two")]
        assert all(isinstance(answer, Granted) and answer.due for answer in answers)

    # -- the processes

    def _events(self) -> list[tuple[float, Callable[[], None]]]:
        events: list[tuple[float, Callable[[], None]]] = []
        for process in self.processes:
            events.append((process.flush_at, process.flush))
            if process.call is not None:
                events.append((process.call.ends_at, lambda process=process: self._end(process)))
            if process.sleeps is not None:
                events.append((process.sleeps[0], lambda process=process: self._wake(process)))
        if self.queue and any(process.idle for process in self.processes):
            events.append((min(at for at, _ in self.queue), self._deliver))
        return events

    def _deliver(self) -> None:
        """To a worker that has just ended a call rather than to another; or everybody works."""
        item = min(self.queue, key=lambda item: item[0])
        self.queue.remove(item)
        idle = [process for process in self.processes if process.idle]
        busy = [process for process in idle if process.flush_at < inf]
        process = self.random.choice(busy if busy and self.random.random() < 0.9 else idle)
        self.numbers += 1
        ticket = f"t{item[1].number}-{item[1].calls}"
        self._ask(process, item[1], asks(f"l{self.numbers}", ticket=ticket, patience_s=2.0))

    def _wake(self, process: Process) -> None:
        assert process.sleeps is not None
        _, request, task = process.sleeps
        process.sleeps = None
        self._ask(process, task, replace(request, again=True))

    def _ask(self, process: Process, task: Task, request: SlotRequest) -> None:
        """As SlotWaiter and the pipeline do."""
        try:
            answer = process.limiter.acquire(request)
        except Throttled:
            self.queue.append((self.world.now + 5, task))
            return
        if isinstance(answer, Denied):
            self.queue.append((self.world.now + 4, task))
        elif answer.ticket:
            early_s = self.random.choice([0.0, 0.0, 0.0, 0.0, -0.2, -1.0, 0.2, 4.0])
            self.queue.append((max(self.world.now + 1, answer.at - process.shift_s + early_s), task))
        elif not answer.due:
            process.sleeps = (max(answer.at - process.shift_s, self.world.now + 0.001), request, task)
        elif request.ticket != f"t{task.number}-{task.calls}":
            # Another delivery has claimed this call. It may have gone at the same ticket.
            process.limiter.settle(answer.lease_id, Outcome(OutcomeKind.UNKNOWN))
        else:
            self._call(process, task, answer)

    def _call(self, process: Process, task: Task, slot: Granted) -> None:
        task.calls += 1
        ends_at = self.world.now + self.random.choice(CALLS_S)
        process.call = Call(slot.lease_id, self.world.now, slot.model_id, task, ends_at)
        self.calls.append(process.call)
        assert sum(call.running for call in self.calls) <= LIMITS.concurrent

    def _end(self, process: Process) -> None:
        call, kind = process.call, self.random.choice(KINDS)
        assert call is not None
        call.running, process.call = False, None
        unused = kind is OutcomeKind.UNUSED
        if unused:
            self.calls.remove(call)
        outcome = Outcome(kind, charged_tokens=100, sent_at=None if unused else call.at + process.shift_s)
        process.limiter.settle(call.lease_id, outcome)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_no_limit_is_passed_and_no_slot_is_lost_whatever_is_not_told_yet(seed: int) -> None:
    story = Story(random.Random(seed))
    for _ in range(25):
        if story.random.random() < 0.4:
            story.tasks_come()
        if story.random.random() < 0.4:
            story.happens()
        story.time_passes(story.random.choice((0.1, 0.3, 1.0, 5.0, 20.0)))
        story.no_window_is_over_its_limit()
    story.ends()
