"""Several machines, each with what it knew of late, processes that keep to themselves what they did: no limit is passed.

The machine drives real limiters. S3 is one document; what a host knows of it is as old as its last look. Calls end
and the next one begins before anybody is told; processes are killed in between, cannot reach S3 for a while, or
never hear that their write was done; a task is delivered twice. The book of what was really sent is kept here.
"""

import json
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.clock import ScriptedClock
from core.errors import Throttled, Transient
from core.models.registry import ModelRegistry
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.flushing import IDLE_S
from core.throttling.limiter import Limiter
from core.throttling.limits import Limits
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.store import Glimpse
from tests.unit.throttling.builders import START, asks, model

LIMITS = Limits(
    requests=5,
    concurrent=2,
    tokens=5_000,
    window_s=20.0,
    skew_s=0.5,
    cooldown_s=8.0,
    breaker_failures=2,
    breaker_open_s=8.0,
    ticket_grace_s=7.0,
    lease_s=60.0,
)
MODELS = (model("first", priority=1, rpm=4), model("second", priority=2))
HOSTS = 3
CLOCKS = (-0.25, 0.25, 0.0, 0.0, 0.25)
"""One process each; the last ones share their host with the first."""
_READ_TIMEOUT_S = 0.8 * LIMITS.lease_s
_LINGER_S, _RETRY_S, _FRESH_S, _LATEST_S = 0.2, 5.0, 2.0, 0.05


@dataclass
class World:
    now: float = START
    body: str = "null"
    seen: dict[int, tuple[str, float]] = field(default_factory=dict)


@dataclass
class HostStore:
    """What one process sees of the shared document through its host. fault: of the next write."""

    world: World
    host: int
    cut: bool = False
    loses_answer: bool = False

    def transact(self, change, say=bytes, *, linger_s=0.0) -> Any:
        if self.cut:
            raise Transient("storage/unavailable")
        result, changed = change(json.loads(self.world.body), list)
        if changed is not None:
            self.world.body = json.dumps(changed)
            if self.loses_answer:
                self.loses_answer = False
                raise Transient("storage/unavailable")
        self.world.seen[self.host] = (self.world.body, self.world.now)
        return result

    def read(self) -> Any:
        return json.loads(self.world.body)

    def glance(self) -> Glimpse:
        body, at = self.world.seen.get(self.host, ("null", -inf))
        age_s = self.world.now - at
        return Glimpse(json.loads(body), fresh=age_s <= _FRESH_S, latest=age_s <= _LATEST_S)


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
    running: bool = True


@dataclass
class Sleeper:
    task: Task
    request: SlotRequest
    at: float


class Process:
    """A worker's limiter and its flusher's thread."""

    def __init__(self, world: World, number: int) -> None:
        self.shift_s = CLOCKS[number]
        self.store = HostStore(world, number % HOSTS)
        self.clock = ScriptedClock(world.now + self.shift_s)
        self.limiter = Limiter(
            store=self.store,
            clock=self.clock,
            limits=LIMITS,
            registry=ModelRegistry(MODELS),
            flusher=self,
        )
        self.flush_at = inf
        self.calls: list[Call] = []
        self.sleepers: list[Sleeper] = []

    def soon(self, flush) -> None:
        self.flush_at = min(self.flush_at, self.clock.at - self.shift_s + IDLE_S + _LINGER_S)

    def flush(self, now: float) -> None:
        self.flush_at = inf
        if not self.limiter.flush():
            self.flush_at = now + _RETRY_S


class LimitersMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.processes = [Process(self.world, number) for number in range(len(CLOCKS))]
        self.queue: list[tuple[float, Task]] = []
        self.calls: list[Call] = []
        self.numbers = 0

    # -- what can happen

    @rule(process=st.integers(0, len(CLOCKS) - 1), tasks=st.integers(1, 4))
    def tasks_come(self, process: int, tasks: int) -> None:
        for _ in range(tasks):
            self.numbers += 1
            self._ask(self.processes[process], Task(self.numbers))

    @precondition(lambda self: self.queue)
    @rule(
        process=st.integers(0, len(CLOCKS) - 1), late_s=st.sampled_from([-3.0, -0.1, 0.0, 0.1, 0.3, 1.0, 9.0])
    )
    def the_next_task_comes_back(self, process: int, late_s: float) -> None:
        at, task = min(self.queue, key=lambda item: item[0])
        self._pass_to(at + late_s)
        self.queue.remove((at, task))
        self._ask(self.processes[process], task)

    @precondition(lambda self: self.queue)
    @rule(process=st.integers(0, len(CLOCKS) - 1))
    def a_task_is_delivered_twice(self, process: int) -> None:
        _, task = min(self.queue, key=lambda item: item[0])
        self._ask(self.processes[process], task)

    @precondition(lambda self: any(process.sleepers for process in self.processes))
    @rule()
    def somebody_wakes_up(self) -> None:
        process = min(self._with_sleepers(), key=lambda process: process.sleepers[0].at - process.shift_s)
        sleeper = process.sleepers[0]
        self._pass_to(sleeper.at - process.shift_s)
        if sleeper in process.sleepers:
            process.sleepers.remove(sleeper)
            self._asked(process, sleeper.task, replace(sleeper.request, again=True))

    @precondition(lambda self: self._running())
    @rule(data=st.data(), kind=st.sampled_from([OutcomeKind.ANSWERED] * 6 + list(OutcomeKind)))
    def a_call_ends(self, data: st.DataObject, kind: OutcomeKind) -> None:
        self._end(data.draw(st.sampled_from(self._running())), kind)

    @precondition(lambda self: self._running() and self.queue)
    @rule(data=st.data(), late_s=st.sampled_from([-0.1, 0.0, 0.1, 0.3]))
    def a_call_ends_and_its_worker_goes_on_with_the_next_task(
        self, data: st.DataObject, late_s: float
    ) -> None:
        at, task = min(self.queue, key=lambda item: item[0])
        self._pass_to(at + late_s)
        if not (running := self._running()) or (at, task) not in self.queue:
            return
        call = data.draw(st.sampled_from(running))
        process = self._process_of(call)
        self._end(call, OutcomeKind.ANSWERED)
        self.queue.remove((at, task))
        self._ask(process, task)

    @rule(number=st.integers(0, len(CLOCKS) - 1))
    def a_process_is_killed(self, number: int) -> None:
        """What it had not told is lost; its tasks come back some time later."""
        for call in self.processes[number].calls:
            call.running = False
            self.queue.append((self.world.now + 10, call.task))
        self.processes[number] = Process(self.world, number)

    @rule(number=st.integers(0, len(CLOCKS) - 1))
    def a_process_loses_or_finds_s3(self, number: int) -> None:
        store = self.processes[number].store
        store.cut = not store.cut

    @rule(number=st.integers(0, len(CLOCKS) - 1))
    def the_answer_to_a_write_will_be_lost(self, number: int) -> None:
        self.processes[number].store.loses_answer = True

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.3, 1.0, 3.0, 15.0]))
    def time_passes(self, seconds: float) -> None:
        self._pass_to(self.world.now + seconds)

    # -- what must hold

    @invariant()
    def no_window_is_over_its_limit(self) -> None:
        self._assert_rate([call.at for call in self.calls], LIMITS.requests)
        self._assert_rate([call.at for call in self.calls if call.model_id == "first"], 4)

    @invariant()
    def never_more_at_once_than_there_are_slots(self) -> None:
        assert len(self._running()) <= LIMITS.concurrent

    def teardown(self) -> None:
        """No lost slot and no jam: when all has passed, as many may call at once as at the beginning."""
        self.world.now += LIMITS.dead_s + LIMITS.lease_s + 2 * LIMITS.span_s + LIMITS.breaker_open_most_s
        fresh = Process(self.world, 0)
        answers = [fresh.limiter.acquire(asks(name)) for name in ("one", "two")]
        assert all(isinstance(answer, Granted) and answer.due for answer in answers)

    # -- the processes

    def _ask(self, process: Process, task: Task) -> None:
        self.numbers += 1
        request = asks(f"l{self.numbers}", ticket=f"t{task.number}-{task.calls}", patience_s=2.0)
        self._asked(process, task, request)

    def _asked(self, process: Process, task: Task, request: SlotRequest) -> None:
        """As Turns and the pipeline do."""
        process.clock.at = self.world.now + process.shift_s
        try:
            answer = process.limiter.acquire(request)
        except Throttled:
            self.queue.append((self.world.now + 5, task))
            return
        if isinstance(answer, Denied):
            return
        if answer.ticket:
            self.queue.append((answer.at - process.shift_s, task))
        elif not answer.due:
            process.sleepers.append(Sleeper(task, request, max(answer.at, process.clock.at)))
        elif request.ticket != f"t{task.number}-{task.calls}":
            # Another delivery has claimed this call. It may have gone at the same ticket.
            process.limiter.settle(answer.lease_id, Outcome(OutcomeKind.UNKNOWN))
        else:
            self._call(process, task, answer)

    def _call(self, process: Process, task: Task, slot: Granted) -> None:
        task.calls += 1
        call = Call(slot.lease_id, self.world.now, slot.model_id, task)
        self.calls.append(call)
        process.calls.append(call)

    def _end(self, call: Call, kind: OutcomeKind) -> None:
        process = self._process_of(call)
        call.running = False
        process.calls.remove(call)
        unused = kind is OutcomeKind.UNUSED
        if unused:
            self.calls.remove(call)
        process.clock.at = self.world.now + process.shift_s
        outcome = Outcome(kind, charged_tokens=100, sent_at=None if unused else call.at + process.shift_s)
        process.limiter.settle(call.lease_id, outcome)

    def _pass_to(self, at: float) -> None:
        """Whose flusher is due tells; a call ends at the latest by its read time-out."""
        while True:
            due = min(self.processes, key=lambda process: process.flush_at)
            ends = min(self._running(), key=lambda call: call.at, default=None)
            ends_at = inf if ends is None else ends.at + _READ_TIMEOUT_S
            if min(due.flush_at, ends_at) > at:
                break
            self.world.now = max(self.world.now, min(due.flush_at, ends_at))
            for process in self.processes:
                process.clock.at = self.world.now + process.shift_s
            if ends is not None and ends_at <= due.flush_at:
                self._end(ends, OutcomeKind.TIMEOUT)
            else:
                due.flush(self.world.now)
        self.world.now = max(self.world.now, at)

    def _running(self) -> list[Call]:
        return [call for call in self.calls if call.running]

    def _with_sleepers(self) -> list[Process]:
        return [process for process in self.processes if process.sleepers]

    def _process_of(self, call: Call) -> Process:
        return next(process for process in self.processes if call in process.calls)

    def _assert_rate(self, stamps: list[float], limit: int) -> None:
        stamps = sorted(stamps)
        for early, late in zip(stamps, stamps[limit:], strict=False):
            assert late - early >= LIMITS.window_s


TestLimiters = LimitersMachine.TestCase
TestLimiters.settings = settings(
    max_examples=300, stateful_step_count=40, deadline=None, phases=[Phase.explicit, Phase.generate]
)
