import json
from dataclasses import replace

import pytest

from core.clock import ScriptedClock
from core.errors import Permanent, Throttled, Transient
from core.throttling.decision import Denied
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.state import LimiterState
from core.throttling.store import CachedState, MemoryStateStore
from core.throttling.windows import WaitingFor
from tests.unit.throttling.builders import SMALL, START, asks, limiter_of

ANSWERED = Outcome(OutcomeKind.ANSWERED, charged_tokens=40)


class ShakyStore(MemoryStateStore):
    """Cannot be reached while `error` is set; does what it is asked and never says so while `lost` is."""

    def __init__(self, error=None):
        super().__init__()
        self.error = error
        self.lost = None
        self.writes = 0

    def transact(self, change, batch=bytes, *, linger_s=0.0):
        if self.error:
            raise self.error
        before = self.body
        try:
            result = super().transact(change)
        finally:
            self.writes += self.body is not before
        if self.lost:
            raise self.lost
        return result

    def read(self):
        if self.error:
            raise self.error
        return super().read()

    def cached(self):
        return CachedState(None) if self.error else super().cached()


class Announced:
    """Instead of the thread: remembers that there is something to tell."""

    def __init__(self):
        self.times = 0

    def soon(self, flush):
        self.times += 1


def test_two_processes_share_one_document():
    store = MemoryStateStore()
    limits = replace(SMALL, concurrent=1)
    one, other = (limiter_of(store, limits=limits) for _ in range(2))
    assert one.acquire(asks("a")).at <= START
    assert other.acquire(asks("b")).at > START
    one.settle("a", ANSWERED)
    one.flush()
    other.settle("b", Outcome(OutcomeKind.UNUSED))
    assert other.acquire(asks("c")).at <= START


def test_a_settle_rides_on_the_next_acquire():
    store = ShakyStore()
    limiter = limiter_of(store)
    for number in range(3):
        limiter.acquire(asks(f"l{number}"))
        limiter.settle(f"l{number}", ANSWERED)
    assert store.writes == 3
    assert limiter.flush()
    assert store.writes == 4
    assert limiter.flush()
    assert store.writes == 4, "idle means no writes"


def test_a_settle_that_nobody_carries_is_announced_to_be_told_later():
    flusher = Announced()
    limiter = limiter_of(flusher=flusher)
    limiter.acquire(asks("a"))
    assert flusher.times == 0
    limiter.settle("a", ANSWERED)
    assert flusher.times == 1


@pytest.mark.parametrize("kind", [OutcomeKind.THROTTLED, OutcomeKind.FAILED, OutcomeKind.TIMEOUT])
def test_what_others_are_about_to_meet_too_is_told_at_once(kind):
    store = MemoryStateStore()
    one, other = limiter_of(store), limiter_of(store)
    one.acquire(asks("a"))
    one.settle("a", Outcome(kind))
    assert (other.status().slots, store.read()["leases"]) == (0, {})


def test_the_status_includes_updates_that_are_not_written_yet():
    limiter = limiter_of()
    limiter.acquire(asks("a"))
    limiter.settle("a", ANSWERED)
    assert (limiter.status().slots, limiter.status().tokens) == (0, 40)


def test_a_second_settle_writes_nothing():
    store = ShakyStore()
    limiter = limiter_of(store)
    limiter.acquire(asks("a"))
    for _ in range(2):
        limiter.settle("a", ANSWERED)
        limiter.flush()
    assert store.writes == 2


def test_no_slot_inside_one_window_writes_nothing():
    store = ShakyStore()
    limiter = limiter_of(store, limits=replace(SMALL, requests=1))
    for lease_id in ("a", "b"):
        limiter.acquire(asks(lease_id))
    assert isinstance(limiter.acquire(asks("c")), Denied)
    assert store.writes == 2


def test_a_refusal_writes_nothing_of_what_is_to_be_told_either():
    store, flusher = ShakyStore(), Announced()
    limiter = limiter_of(store, limits=replace(SMALL, requests=1), flusher=flusher)
    for lease_id in ("a", "b"):
        limiter.acquire(asks(lease_id))
    limiter.settle("a", ANSWERED)
    assert isinstance(limiter.acquire(asks("c")), Denied)
    assert store.writes == 2
    assert limiter.flush()
    assert store.writes == 3


def test_asking_again_for_a_reserved_slot_writes_nothing():
    store, clock = ShakyStore(), ScriptedClock(START)
    limiter = limiter_of(store, clock=clock, limits=replace(SMALL, requests=1))
    limiter.acquire(asks("a"))
    limiter.settle("a", ANSWERED)
    slot = limiter.acquire(asks("b"))
    clock.at = slot.at
    assert limiter.acquire(replace(asks("b"), again=True)) == replace(
        slot, waiting_for=WaitingFor.TURN, due=True
    )
    assert store.writes == 2


class BehindStore(ShakyStore):
    """What this machine knows is not the latest."""

    def cached(self):
        return CachedState(json.loads(self.seen))


def test_the_last_slots_are_not_given_by_what_may_be_old():
    store, clock = BehindStore(), ScriptedClock(START)
    store.seen = "null"
    limiter = limiter_of(store, clock=clock, limits=replace(SMALL, concurrent=2))
    waits = [limiter.acquire(asks(lease_id)) for lease_id in ("a", "b", "c")][-1]
    clock.at = waits.at
    known = store.read()
    del known["leases"]["b"]
    store.seen = json.dumps(known)
    assert limiter.acquire(replace(asks("c"), again=True)).at > clock.at, "b runs on"


def test_whoever_comes_for_a_ticket_takes_it_up_in_the_write_that_tells_the_rest():
    store, clock = ShakyStore(), ScriptedClock(START)
    limiter = limiter_of(store, clock=clock, limits=replace(SMALL, requests=1))
    limiter.acquire(asks("a"))
    slot = limiter.acquire(asks("b", ticket="task"))
    assert slot.ticket
    limiter.settle("a", Outcome(OutcomeKind.REJECTED))
    clock.at = slot.at
    assert limiter.acquire(asks("c", ticket="task")).lease_id == "c"
    assert store.writes == 2
    assert list(store.read()["leases"]) == ["c"]


def test_a_ticket_is_promised_at_once_and_reserved_with_what_else_is_told():
    store, flusher = ShakyStore(), Announced()
    limiter = limiter_of(store, limits=replace(SMALL, requests=1), flusher=flusher)
    limiter.acquire(asks("a"))
    slots = [limiter.acquire(asks(name, ticket=f"t-{name}")) for name in ("b", "c")]
    assert slots[0].ticket
    assert isinstance(slots[1], Denied), "it knows its own promise"
    assert (store.writes, flusher.times) == (1, 1)
    assert limiter.flush()
    assert (store.writes, "t-b" in store.read()["leases"]) == (2, True)
    assert limiter.flush()
    assert store.writes == 2


def test_where_a_model_pauses_tickets_are_reserved_at_once():
    store = ShakyStore()
    limiter = limiter_of(store, limits=replace(SMALL, requests=2))
    limiter.acquire(asks("a"))
    limiter.settle("a", Outcome(OutcomeKind.THROTTLED))
    limiter.acquire(asks("b"))
    before = store.writes
    assert limiter.acquire(asks("c", ticket="t-c")).ticket
    assert store.writes == before + 1


def test_a_promise_that_could_not_be_told_is_dropped():
    store = ShakyStore()
    limiter = limiter_of(store, limits=replace(SMALL, requests=1))
    limiter.acquire(asks("a"))
    assert limiter.acquire(asks("b", ticket="t-b")).ticket
    store.error = Transient("storage/unavailable")
    assert not limiter.flush()
    store.error = None
    assert limiter.flush()
    assert "t-b" not in store.read()["leases"]


def test_who_went_in_silence_and_was_killed_before_it_told_is_counted_as_late_as_it_may_have_been():
    store, limiter = with_a_due_ticket()
    clock = ScriptedClock(limiter.now() + ONE_AT_ONCE.unreported_delay_s)
    due_at = store.read()["leases"]["task"][0]
    limiter.settle("a", ANSWERED)
    limiter.acquire(asks("c", ticket="task"))
    other = limiter_of(store, clock=clock, limits=ONE_AT_ONCE)
    clock.at += ONE_AT_ONCE.ticket_grace_s
    slot = other.acquire(asks("d", patience_s=100.0))
    assert slot.at >= due_at + ONE_AT_ONCE.unreported_delay_s + ONE_AT_ONCE.window_s


def test_who_goes_much_later_than_planned_says_so_before():
    store, clock = ShakyStore(), ScriptedClock(START)
    limiter = limiter_of(store, clock=clock, limits=replace(SMALL, requests=1))
    limiter.acquire(asks("a"))
    limiter.settle("a", ANSWERED)
    slot = limiter.acquire(asks("b", patience_s=100.0))
    clock.at = slot.at + SMALL.unreported_delay_s + 0.1
    before = store.writes
    assert limiter.acquire(replace(asks("b"), again=True)).due
    assert store.writes == before + 1
    assert [item[0] for item in store.read()["requests"] if item[-1] == "b"] == [
        pytest.approx(clock.at, abs=0.001)
    ]


ONE_AT_ONCE = replace(SMALL, requests=1, concurrent=1, lease_s=100.0)


def with_a_due_ticket():
    """A process whose call runs while the slot of another task has come."""
    store, clock = ShakyStore(), ScriptedClock(START)
    limiter = limiter_of(store, clock=clock, limits=ONE_AT_ONCE)
    limiter.acquire(asks("a"))
    slot = limiter.acquire(asks("b", ticket="task"))
    limiter.flush()
    store.writes, clock.at = 0, slot.at
    return store, limiter


def test_a_process_goes_on_at_the_next_ticket_in_the_place_of_a_call_that_has_ended_and_tells_both_later():
    store, limiter = with_a_due_ticket()
    limiter.settle("a", ANSWERED)
    slot = limiter.acquire(asks("c", ticket="task"))
    assert (slot.lease_id, slot.at) == ("c", limiter.now())
    assert (store.writes, "a" in store.read()["leases"]) == (0, True), "for the others a still runs"
    assert limiter.flush()
    assert (store.writes, list(store.read()["leases"])) == (1, ["c"])


@pytest.mark.parametrize("kind", [kind for kind in OutcomeKind if kind is not OutcomeKind.ANSWERED])
def test_nobody_goes_on_in_silence_after_a_call_that_was_not_answered(kind):
    """Others must know first: the model may have to pause."""
    store, limiter = with_a_due_ticket()
    limiter.settle("a", Outcome(kind))
    limiter.acquire(asks("c", ticket="task"))
    assert store.writes > 0


def test_nobody_goes_on_in_a_place_that_may_have_been_told_to_be_free():
    store, limiter = with_a_due_ticket()
    limiter.settle("a", ANSWERED)
    store.error = Transient("storage/unavailable")
    limiter.flush()
    store.error, store.writes = None, 0
    limiter.acquire(asks("c", ticket="task"))
    assert store.writes == 1


@pytest.mark.parametrize("error", [Transient("storage/unavailable"), Permanent("storage/denied")])
def test_without_its_store_nobody_may_call_a_model_and_it_recovers_by_itself(error):
    store, flusher = ShakyStore(), Announced()
    limiter = limiter_of(store, flusher=flusher)
    limiter.acquire(asks("a"))
    store.error = error
    for use in (lambda: limiter.acquire(asks("b")), limiter.status, limiter.probe):
        with pytest.raises(Throttled) as caught:
            use()
        assert caught.value.code == "limiter/unavailable"
        assert caught.value.retry_after_s > 0
    limiter.settle("a", Outcome(OutcomeKind.FAILED))
    assert not limiter.flush()
    assert flusher.times > 1, "it is announced again"
    store.error = None
    assert limiter.flush()
    limiter.probe()
    assert (limiter.status().slots, limiter.status().models[0].failures) == (0, 1)


def test_a_slot_whose_grant_was_never_heard_of_is_given_back():
    store = ShakyStore()
    limiter = limiter_of(store)

    store.lost = Transient("storage/unavailable")
    with pytest.raises(Throttled):
        limiter.acquire(asks("a"))
    store.lost = None
    assert "a" in store.read()["leases"]
    assert limiter.flush()
    assert store.read()["leases"] == {}


def document(**changes):
    return {**LimiterState(at=START).to_dict(), "names": ["first", "analysis"], **changes}


@pytest.mark.parametrize(
    "unreadable",
    [
        {"v": "something else"},
        document(requests=[["noon", 0, 1, 10, "a"]]),
        document(requests=[[START, 0, 1, None, "a"]]),
        document(requests=[[START, 0, 1]]),
        document(requests=[[10**400, 0, 1, 10, "a"]]),
        document(leases={"a": [START, float("inf"), 0, 1, 10, False]}),
        document(health={"first": {"dead_until": float("inf")}}),
        document(health={"first": {"open_until": "never"}}),
        document(health={"first": {"unheard": "of"}}),
    ],
)
def test_an_unreadable_document_closes_the_limiter_for_one_window_and_no_longer(unreadable):
    store, clock = MemoryStateStore(), ScriptedClock(START)
    store.body = json.dumps(unreadable).encode()
    limiter = limiter_of(store, clock=clock)
    assert limiter.acquire(asks("a")).at == pytest.approx(START + SMALL.span_s, abs=0.002)
    clock.at = START + SMALL.span_s + 0.01
    assert limiter.acquire(asks("b")).at <= clock.at
