import json

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.errors import Throttled, Transient
from core.pipeline.single_flight import HELD_S, SingleFlight

KEY = "cache/flights/aa/one.json"


class House:
    def __init__(self, store=None):
        self.store, self.clock = store or MemoryObjectStore(), ScriptedClock()
        self.flights = SingleFlight(self.store, self.clock)

    def hold(self, holder="t1"):
        return self.flights.holding(KEY, holder=holder)


def refused(house, holder):
    with pytest.raises(Throttled) as error, house.hold(holder):
        raise AssertionError("it was let in")
    return error.value


def test_the_first_is_let_in_and_the_second_handed_back():
    house = House()
    with house.hold("t1") as flight:
        assert not flight.held_before
        error = refused(house, "t2")
    assert (error.code, error.waiting_for) == ("task/same-question", "the same section, already being asked")
    assert 0 < error.retry_after_s <= 20


def test_after_the_first_the_next_is_let_in_and_told_to_look_for_an_answer():
    house = House()
    with house.hold("t1"):
        pass
    with house.hold("t2") as flight:
        assert flight.held_before


def test_an_answer_in_the_cache_saves_the_write_that_releases():
    house = House()
    with house.hold("t1") as flight:
        written = house.store.get(KEY)
        flight.answered = True
    assert house.store.get(KEY) == written


def test_an_error_releases_it_too():
    house = House()
    with pytest.raises(Transient), house.hold("t1"):
        raise Transient("model/unavailable")
    with house.hold("t2"):
        pass


def test_a_dead_holders_place_is_taken_when_its_time_is_over():
    house = House()
    dead = house.hold("t1")
    dead.__enter__()
    house.clock.at += HELD_S - 1
    refused(house, "t2")
    house.clock.at += 2
    with house.hold("t2") as flight:
        assert flight.held_before
        refused(house, "t3")


def test_who_was_given_up_for_dead_does_not_release_another():
    house = House()
    slow = house.hold("t1")
    slow.__enter__()
    house.clock.at += HELD_S + 1
    with house.hold("t2"):
        slow.__exit__(None, None, None)
        assert json.loads(house.store.get(KEY).body)["holder"] == "t2"
        refused(house, "t3")


def test_a_redelivery_of_the_same_task_need_not_wait_for_itself():
    house = House()
    house.hold("t1").__enter__()
    with house.hold("t1") as flight:
        assert flight.held_before


def test_of_two_that_take_over_at_once_one_wins():
    """The other finds that the version it read has changed."""
    house = House()
    with house.hold("t0"):
        pass
    real, kept = house.store.replace, []

    def raced(key, body, *, etag):
        house.store.replace = real
        kept.append(house.hold("winner"))
        kept[0].__enter__()
        return real(key, body, etag=etag)

    house.store.replace = raced
    refused(house, "loser")
    assert len(kept) == 1


def test_storage_that_fails_stops_no_review():
    class Broken(MemoryObjectStore):
        def create(self, key, body, **_):
            raise Transient("storage/unavailable")

    with House(Broken()).hold() as flight:
        assert not flight.held_before


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"{}", b'{"holder": "t9", "until": "soon"}'])
def test_a_record_that_cannot_be_read_is_void(body):
    house = House()
    house.store.put(KEY, body)
    with house.hold("t1"):
        assert refused(house, "t2").code == "task/same-question"
