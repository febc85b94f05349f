"""Who has a place goes on at its next ticket: the others hear of it later, in one write with what went before."""

from dataclasses import replace

import pytest

from core.clock import ScriptedClock
from core.errors import Throttled, Transient
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.said import Said
from tests.unit.throttling.builders import SMALL, START, asks
from tests.unit.throttling.test_limiter import ShakyStore, make

ANSWERED = Outcome(OutcomeKind.ANSWERED, charged_tokens=40)


class LeavingStore(ShakyStore):
    """On a machine with a place for words; None: nothing lies there."""

    left = None
    keeps = True

    def leave(self, said):
        self.left = said if self.keeps else None
        return self.keeps

    def take_back(self):
        self.left = None


class Worker:
    """Has called at a slot, and comes for a ticket of the next window."""

    def __init__(self, *, late_s=0.0, store=None):
        self.store, self.clock = store or LeavingStore(), ScriptedClock(START)
        self.limits = replace(SMALL, requests=1, concurrent=1, queue_rates={}, lease_s=150.0)
        self.limiter = self.process()
        self.limiter.acquire(asks("first"))
        slot = self.limiter.acquire(asks("x", ticket="task"))
        assert slot.ticket
        self.clock.at = slot.at - 0.1
        self.limiter.begins(replace(slot, lease_id="first", at=self.clock.at))
        self.limiter.settle("first", ANSWERED)
        self.clock.at = slot.at + late_s
        self.writes = self.store.writes

    def process(self):
        return make(self.store, clock=self.clock, limits=self.limits)

    def goes_on(self, lease_id="second"):
        return self.limiter.acquire(asks(lease_id, ticket="task"))

    @property
    def written(self):
        return self.store.writes - self.writes


def test_the_next_ticket_is_taken_up_without_a_write_and_all_is_told_in_one():
    worker = Worker()
    slot = worker.goes_on()
    assert (slot.lease_id, slot.at, worker.written) == ("second", worker.clock.at, 0)
    worker.limiter.settle("second", ANSWERED)
    assert worker.limiter.flush()
    assert (worker.written, worker.store.read()["leases"], worker.store.left) == (1, {}, None)


def test_meanwhile_the_others_see_as_many_calls_as_run():
    worker = Worker()
    worker.goes_on()
    other = worker.process()
    assert other.status().slots == 1
    assert worker.limiter.flush()
    assert (other.status().slots, other.status().requests) == (1, 1)


def test_whoever_writes_next_on_the_machine_tells_what_a_killed_process_left():
    worker = Worker()
    worker.goes_on()
    said = Said.from_bytes(worker.store.left)
    survivor = worker.process()
    survivor._notes.extend(said.notes)
    assert survivor.flush()
    assert list(worker.store.read()["leases"]) == ["second"]


@pytest.mark.parametrize("late_s", [2.0, 4.0])
def test_who_comes_later_than_others_reckon_with_tells_them_first(late_s):
    worker = Worker(late_s=late_s)
    worker.goes_on()
    assert worker.written == 1


def test_where_no_word_can_be_left_the_others_are_told_first():
    worker = Worker()
    worker.store.keeps = False
    worker.goes_on()
    assert (worker.written, list(worker.store.read()["leases"])) == (1, ["second"])


def test_a_place_that_may_have_been_given_away_is_not_passed_on():
    worker = Worker()
    worker.store.lost = Transient("storage/unavailable")
    assert not worker.limiter.flush()
    worker.store.lost = None
    worker.writes = worker.store.writes
    worker.goes_on()
    assert worker.written == 1


def test_nobody_keeps_what_it_knows_to_itself_for_long():
    worker = Worker()
    worker.clock.at += 1.1
    worker.goes_on()
    assert worker.written == 1


def test_a_late_start_is_left_word_of_before_the_call():
    worker = Worker()
    slot = worker.goes_on()
    worker.clock.at += SMALL.untold_s + 0.01
    worker.limiter.begins(slot)
    assert f"{worker.clock.at}" in worker.store.left.decode()
    worker.store.keeps = False
    worker.clock.at += 1
    worker.limiter.begins(slot)
    stamps = [entry[0] for entry in worker.store.read()["requests"]]
    assert stamps[-1] == pytest.approx(worker.clock.at), "told at once where no word can be left"


def test_without_the_store_a_ticket_that_is_known_is_not_taken_up():
    worker = Worker()
    worker.store.error = Transient("storage/unavailable")
    with pytest.raises(Throttled):
        worker.goes_on()
