"""Whatever happens in whatever order, no limit is passed and nothing is lost for ever.

The machine plays three processes whose clocks differ by up to a second. They ask, sleep, hand tasks back and come
back for them, call, are late, tell the others late what happened, and are killed between any two of these. It
keeps its own book of what was really sent and when, and holds the limits to that; the document goes through JSON
at every step, as it does in S3.
"""

import json
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted, acquire
from core.throttling.limits import Limits
from core.throttling.outcome import REFUSED, Outcome, OutcomeKind
from core.throttling.state import LimiterState
from core.throttling.updates import Settled, StartedLate, Update, applied
from tests.unit.throttling.builders import SMALL, START, THREE, asks, assert_rate, model

CLOCKS = (-0.5, 0.0, 0.5)
LIMITS = replace(SMALL, skew_s=1.0)
JUMPS_S = (2.0, 60.0, 7200.0)
ONE = (model("only"),)
_TOLD_WITHIN_S = 1.0


@dataclass
class Call:
    """What the service sees of one call. at: true time of its arrival."""

    lease_id: str
    process: int
    at: float
    model_id: str
    queue: str
    tokens: int
    running: bool = True


@dataclass
class Waiting:
    """Somebody with a slot in the future: a sleeping worker, or a task in the queue (process: of the asker)."""

    request: SlotRequest
    process: int
    slot: Granted


@dataclass
class Process:
    """notes: (true time, what is yet to be told)."""

    notes: list[tuple[float, Update]] = field(default_factory=list)


class LimiterMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = LimiterState()
        self.now = START
        self.numbers = 0
        self.calls: list[Call] = []
        self.waiting: list[Waiting] = []
        self.processes = [Process() for _ in CLOCKS]
        self.closed_until: dict[str, float] = {}

    # -- what can happen

    @rule(
        queue=st.sampled_from(["analysis", "chat", "other"]),
        tokens=st.integers(10, 400),
        process=st.integers(0, 2),
        patience_s=st.sampled_from([0.0, 2.0, 30.0]),
    )
    def someone_asks(self, queue: str, tokens: int, process: int, patience_s: float) -> None:
        self.numbers += 1
        ticket = f"task-{self.numbers}"
        self._ask(
            asks(f"lease-{self.numbers}", queue=queue, tokens=tokens, ticket=ticket, patience_s=patience_s),
            process,
        )

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), late_s=st.sampled_from([0.0, 0.0, 0.01, 0.3, 0.9, 4.0, 30.0]))
    def a_slots_time_comes(self, data: st.DataObject, late_s: float) -> None:
        waiting = self._drawn_waiting(data)
        self._pass(waiting.slot.at - CLOCKS[waiting.process] + late_s - self.now)
        self._come_back(waiting)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def somebody_asks_before_the_time(self, data: st.DataObject) -> None:
        self._come_back(self._drawn_waiting(data))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def somebody_is_killed_while_waiting(self, data: st.DataObject) -> None:
        self._drawn_waiting(data)

    @precondition(lambda self: any(waiting.slot.ticket for waiting in self.waiting))
    @rule(data=st.data(), process=st.integers(0, 2))
    def a_task_is_delivered_twice(self, data: st.DataObject, process: int) -> None:
        """The copy comes for the ticket too, at its time, and gets another slot if it comes second."""
        waiting = data.draw(st.sampled_from([waiting for waiting in self.waiting if waiting.slot.ticket]))
        self.numbers += 1
        copy = replace(waiting.request, lease_id=f"lease-{self.numbers}")
        self.waiting.append(Waiting(copy, process, waiting.slot))

    @precondition(lambda self: self._running())
    @rule(data=st.data(), kind=st.sampled_from(list(OutcomeKind)), charged=st.integers(0, 600))
    def a_call_ends(self, data: st.DataObject, kind: OutcomeKind, charged: int) -> None:
        call = data.draw(st.sampled_from(self._running()))
        call.running = False
        unused = kind is OutcomeKind.UNUSED
        local = self.now + CLOCKS[call.process]
        sent_at = None if unused else call.at + CLOCKS[call.process]
        outcome = Outcome(kind, charged_tokens=charged, sent_at=sent_at)
        self.processes[call.process].notes.append((self.now, Settled(call.lease_id, outcome, local)))
        if unused:
            self.calls.remove(call)

    @rule(process=st.integers(0, 2))
    def a_process_tells_what_it_knows(self, process: int) -> None:
        self._tell(process, until=self.now)

    @rule(process=st.integers(0, 2))
    def a_process_is_killed(self, process: int) -> None:
        """What it had not told is lost. Its calls are over; tasks in the queue go on elsewhere."""
        self.processes[process] = Process()
        self.waiting = [item for item in self.waiting if item.process != process or item.slot.ticket]
        for call in self.calls:
            call.running = call.running and call.process != process

    @rule(seconds=st.floats(0, 3))
    def time_passes(self, seconds: float) -> None:
        self._pass(seconds)

    @rule(seconds=st.floats(3, 30))
    def a_long_time_passes(self, seconds: float) -> None:
        self._pass(seconds)

    @precondition(lambda self: any(process.notes for process in self.processes))
    @rule(data=st.data(), seconds=st.sampled_from(JUMPS_S))
    def a_clock_runs_ahead_for_a_moment(self, data: st.DataObject, seconds: float) -> None:
        number = data.draw(st.sampled_from([n for n, process in enumerate(self.processes) if process.notes]))
        notes = self.processes[number].notes
        self.processes[number].notes = [(at, _ahead(note, seconds)) for at, note in notes]
        self._tell(number, until=self.now)

    # -- what must hold

    @invariant()
    def every_window_is_within_its_limits(self) -> None:
        assert_rate([call.at for call in self.calls], LIMITS.requests, window_s=LIMITS.window_s)
        for queue, rate in LIMITS.queue_rates.items():
            assert_rate(
                [call.at for call in self.calls if call.queue == queue], rate, window_s=LIMITS.window_s
            )
        assert_rate(
            [call.at for call in self.calls if call.model_id == "second"], 2, window_s=LIMITS.window_s
        )

    @invariant()
    def nothing_is_reserved_farther_than_one_window_ahead(self) -> None:
        assert all(lease.at <= self.state.at + LIMITS.span_s + 0.01 for lease in self.state.leases.values())

    def teardown(self) -> None:
        """No permanent jam and no lost slot: when all has passed, as many may call the first model at once as at
        the beginning, whatever happened."""
        state = self.state
        later = self.now + max(JUMPS_S) + LIMITS.dead_s + LIMITS.lease_s + 2 * LIMITS.span_s
        for lease_id, queue in (("one", "analysis"), ("two", "analysis"), ("three", "chat")):
            # Few tokens: it may have been learnt that calls cost several times what is held back for them.
            request = asks(lease_id, queue=queue, tokens=10)
            state, answer = acquire(state, request, limits=LIMITS, models=THREE, now=later)
            assert isinstance(answer, Granted)
            assert answer.at <= later + 0.01
            assert lease_id != "one" or (answer.model_id, answer.lease_id) == ("first", "one")

    # -- the processes

    def _ask(self, request: SlotRequest, process: int) -> None:
        """As Limiter and SlotWaiter do: pending updates are written along; a due call starts, any other waits."""
        local = self.now + CLOCKS[process]
        self._tell(process, until=self.now)
        before = self.state
        after, answer = acquire(before, request, limits=LIMITS, models=THREE, now=local)
        self.state = before if after is before else _through_json(after)
        if isinstance(answer, Denied):
            assert answer.until > local - 1.0
            return
        assert answer.lease_id in self.state.leases
        if answer.at > local:
            self.waiting.append(Waiting(request, process, answer))
            return
        self._call(request, process, answer)

    def _call(self, request: SlotRequest, process: int, slot: Granted) -> None:
        assert not slot.ticket, "nobody calls at a slot that others find too"
        local = self.now + CLOCKS[process]
        assert self.closed_until.get(slot.model_id, 0.0) <= max(self.now, self.state.at) + 1.0
        if local - slot.at > LIMITS.tolerated_delay_s:
            self.processes[process].notes.append((self.now, StartedLate(slot.lease_id, local)))
        health = self.state.health_of(slot.model_id)
        assert not health.open_until or health.probe == slot.lease_id, "a half-open model has one probe"
        tokens = self.state.leases[slot.lease_id].reserved
        call = Call(slot.lease_id, process, self.now, slot.model_id, request.queue, tokens)
        self.calls.append(call)
        assert len(self._running()) <= LIMITS.concurrent, "never more at once than there are slots"
        self._assert_tokens()

    def _come_back(self, waiting: Waiting) -> None:
        """The same worker after its sleep, or with a ticket the task's next delivery, which has another lease id."""
        request = waiting.request
        if waiting.slot.ticket:
            self.numbers += 1
            request = replace(request, lease_id=f"lease-{self.numbers}", patience_s=5.0)
        self._ask(request, waiting.process)

    def _tell(self, process: int, *, until: float) -> None:
        """Everything this process knew by then."""
        notes = self.processes[process].notes
        for at, note in [item for item in notes if item[0] <= until]:
            notes.remove((at, note))
            before = self.state
            after = applied(before, [note], limits=LIMITS)
            self.state = before if after is before else _through_json(after)
            if isinstance(note, Settled):
                self._settled(before, note)
            assert applied(self.state, [note], limits=LIMITS) is self.state or isinstance(note, StartedLate)

    def _settled(self, before: LimiterState, note: Settled) -> None:
        lease = before.leases.get(note.lease_id)
        if lease is None:
            return
        charged, kind = _charged(note.outcome, lease.reserved), note.outcome.kind
        held = any(item.lease_id == note.lease_id for item in before.requests)
        returned = _tokens(before) - _tokens(self.state)
        assert returned == lease.reserved - charged or not held, "reserved = returned + charged"
        for call in self.calls:
            if call.lease_id == note.lease_id:
                call.tokens = min(call.tokens, charged)
        if (pause_s := _pause_s(kind)) and abs(note.ended_at - self.now) < 2:
            until = note.ended_at + pause_s
            self.closed_until[lease.model_id] = max(self.closed_until.get(lease.model_id, 0.0), until - 2.0)

    def _pass(self, seconds: float) -> None:
        """Nobody keeps what it knows to itself for long."""
        self.now += max(0.0, seconds)
        for process in range(len(CLOCKS)):
            self._tell(process, until=self.now - _TOLD_WITHIN_S)

    def _running(self) -> list[Call]:
        """Its slot is certain for the length of a lease; a call ends before that, by its read time-out."""
        return [call for call in self.calls if call.running and self.now - call.at < LIMITS.lease_s - 2.0]

    def _drawn_waiting(self, data: st.DataObject) -> Waiting:
        number = data.draw(st.integers(0, len(self.waiting) - 1))
        return self.waiting.pop(number)

    def _assert_tokens(self) -> None:
        for model_id, limit in ((None, LIMITS.tokens), ("third", 400)):
            inside = [
                call.tokens
                for call in self.calls
                if model_id in (None, call.model_id) and call.at > self.now - LIMITS.window_s
            ]
            assert sum(inside) <= limit


def _ahead(note: Update, seconds: float) -> Update:
    return replace(note, ended_at=note.ended_at + seconds) if isinstance(note, Settled) else note


def _charged(outcome: Outcome, reserved: int) -> int:
    if outcome.kind in REFUSED or outcome.kind is OutcomeKind.UNUSED:
        return 0
    return outcome.charged_tokens if outcome.kind is OutcomeKind.ANSWERED else reserved


def _tokens(state: LimiterState) -> int:
    return sum(item.tokens for item in state.requests) + sum(item.tokens for item in state.debts)


def _pause_s(kind: OutcomeKind) -> float:
    if kind in {OutcomeKind.GONE, OutcomeKind.DENIED}:
        return LIMITS.dead_s
    return {
        OutcomeKind.THROTTLED: LIMITS.cooldown_s,
        OutcomeKind.THROTTLED_DAILY: LIMITS.daily_cooldown_s,
    }.get(kind, 0.0)


def _through_json(state: LimiterState) -> LimiterState:
    return LimiterState.from_dict(json.loads(json.dumps(state.to_dict())))


class Section(NamedTuple):
    """One of a crowd: it asks so long after the one before, and its calls take so long."""

    after_s: float
    tokens: int
    patience_s: float
    takes_s: float


@given(
    sections=st.lists(
        st.builds(
            Section,
            after_s=st.sampled_from([0.0, 0.01, 1.0]),
            tokens=st.integers(100, 30_000),
            patience_s=st.sampled_from([0.0, 10.0]),
            takes_s=st.sampled_from([1.0, 30.0, 100.0]),
        ),
        min_size=200,
        max_size=200,
    ),
    typical_call_s=st.floats(0.5, 60),
)
@settings(max_examples=25, phases=[Phase.generate])
def test_chat_never_waits_behind_two_hundred_sections(sections: list[Section], typical_call_s: float) -> None:
    """Its share of slots, requests and tokens is free whenever it comes, whoever of the others runs, sleeps or has
    a ticket. At most it looks a second time at calls that are overdue."""
    crowd = Crowd(LimiterState(typical_call_s=typical_call_s))
    for number, section in enumerate(sections):
        crowd.pass_to(crowd.now + section.after_s)
        crowd.ask(f"l{number}", section)
    soon = crowd.now + 1.1
    for number in range(CROWDED.concurrent // CROWDED.guaranteed):
        request = asks(f"chat-{number}", queue="chat", tokens=10_000)
        slot = crowd.acquired(request)
        while isinstance(slot, Granted) and slot.at > crowd.now:
            assert slot.at <= soon
            crowd.pass_to(slot.at)
            slot = crowd.acquired(request)
        assert isinstance(slot, Granted)


CROWDED = Limits(queue_rates={"analysis": 60, "chat": 30})


@dataclass
class Crowd:
    """Sections of one queue, with as many workers as want to wait. todo: when somebody wakes up or is done."""

    state: LimiterState
    now: float = START
    todo: list[tuple[float, str, Section | Update]] = field(default_factory=list)

    def acquired(self, request: SlotRequest) -> Granted | Denied:
        self.state, answer = acquire(self.state, request, limits=CROWDED, models=ONE, now=self.now)
        return answer

    def ask(self, lease_id: str, section: Section) -> None:
        """Who may go calls, who may not soon sleeps or leaves a ticket that nobody comes for."""
        tokens, patience_s = section.tokens, section.patience_s
        slot = self.acquired(asks(lease_id, tokens=tokens, ticket=f"t-{lease_id}", patience_s=patience_s))
        if isinstance(slot, Denied) or slot.ticket:
            return
        if slot.at > self.now:
            self.todo.append((slot.at, lease_id, section))
            return
        ends_at = self.now + section.takes_s
        outcome = Outcome(OutcomeKind.ANSWERED, charged_tokens=50, sent_at=self.now)
        self.todo.append((ends_at, lease_id, Settled(lease_id, outcome, ends_at)))

    def pass_to(self, until: float) -> None:
        while due := [item for item in self.todo if item[0] <= until]:
            self.now, lease_id, then = item = min(due, key=lambda item: item[:2])
            self.todo.remove(item)
            if isinstance(then, Section):
                self.ask(lease_id, then)
            else:
                self.state = applied(self.state, [then], limits=CROWDED)
        self.now = until


TestLimiter = LimiterMachine.TestCase
TestLimiter.settings = settings(
    max_examples=250, stateful_step_count=40, deadline=None, phases=[Phase.explicit, Phase.generate]
)
