"""Counts of many processes add up exactly, whatever is written, folded, lost or killed in which order."""

import json
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock, iso
from core.errors import Transient
from core.statistics.recorder import StoredRecorder
from core.statistics.rollups import Rollups

NAME = "tasks|analysis|SUCCESS"
MINUTES = 60.0


class Store(MemoryObjectStore):
    """Counts writes; does not answer while `down`; says the same twice where `lost`: applied, the reply is gone."""

    def __init__(self):
        super().__init__()
        self.puts, self.down, self.lost = [], False, False

    def put(self, key, body, *, content_type="application/json"):
        if self.down:
            raise Transient("storage/unavailable")
        self.puts.append(key)
        etag = super().put(key, body)
        if self.lost:
            raise Transient("storage/unavailable")
        return etag


@dataclass
class House:
    store: Store = field(default_factory=Store)
    clock: ScriptedClock = field(default_factory=ScriptedClock)
    due: list = field(default_factory=list)

    def process(self):
        def later(delay_s, action):
            self.due.append((delay_s, action))

        return StoredRecorder(self.store, self.clock, every_s=30.0, later=later)

    @property
    def rollups(self):
        return Rollups(self.store, self.clock)

    def total(self, days=2):
        found = Counter()
        for _day, tally in self.rollups.read(days).days:
            found.update(tally.total())
        return found[NAME]

    def keys(self, prefix):
        return [key for key in self.store.objects if key.startswith(prefix)]


def test_a_count_is_written_once_its_time_has_come_and_never_without_one():
    house = House()
    process = house.process()
    assert house.due == []
    process.count("u1", {NAME: 1})
    process.count("u1", {NAME: 2})
    ((delay_s, write),) = house.due
    assert (delay_s, house.store.puts) == (30.0, [])
    assert write()
    assert house.total() == 3
    assert process.flush()
    assert len(house.store.puts) == 1, "nothing new, nothing written"


def test_what_is_counted_again_makes_the_next_write_due():
    house = House()
    process = house.process()
    for _ in range(2):
        process.count("u1", {NAME: 1})
        house.due.pop()[1]()
    assert house.total() == 2
    assert len(house.keys("metrics/hours/")) == 1, "one object of this process and hour"


def test_storage_that_fails_loses_nothing_and_is_asked_again():
    house = House()
    process = house.process()
    process.count("u1", {NAME: 1})
    house.store.down = True
    assert not house.due.pop()[1]()
    process.count("u1", {NAME: 1})
    house.store.down = False
    assert len(house.due) == 1
    assert house.due.pop()[1]()
    assert house.total() == 2


def test_a_write_whose_reply_is_lost_counts_once():
    house = House()
    process = house.process()
    process.count("u1", {NAME: 1})
    house.store.lost = True
    process.flush()
    house.store.lost = False
    process.flush()
    assert house.total() == 1


def test_a_count_belongs_to_its_hour_also_when_it_is_written_in_the_next():
    house = House()
    process = house.process()
    process.count("u1", {NAME: 1})
    house.clock.sleep(60 * MINUTES)
    process.flush()
    process.count("u1", {NAME: 1})
    process.flush()
    hours = [key.split("/")[2] for key in house.keys("metrics/hours/")]
    assert hours == ["2027-01-15T08", "2027-01-15T09"]
    assert house.total() == 2


def test_what_comes_long_after_its_hour_counts_in_the_present_one():
    """By then the hour may be folded, and its object deleted."""
    house = House()
    process = house.process()
    process.count("u1", {NAME: 1})
    house.store.down = True
    process.flush()
    house.clock.sleep(70 * MINUTES)
    house.store.down = False
    house.rollups.fold()
    process.flush()
    house.clock.sleep(75 * MINUTES)
    house.rollups.fold()
    assert house.total() == 1


def test_hours_that_are_over_become_part_of_their_day():
    house = House()
    processes = [house.process() for _ in range(3)]
    for process in processes:
        process.count("u1", {NAME: 1})
        process.record_duration("whole|analysis", 2.0)
        process.flush()
    assert house.rollups.fold() == 0, "the hour is not over"
    house.clock.sleep(75 * MINUTES)
    assert house.rollups.fold() == 3
    assert house.keys("metrics/hours/") == []
    assert len(house.keys("metrics/days/")) == 1
    assert house.total() == 3


def test_a_fold_that_was_killed_before_it_deleted_counts_nothing_twice():
    house = House()
    process = house.process()
    process.count("u1", {NAME: 1})
    process.flush()
    house.clock.sleep(75 * MINUTES)
    left = dict(house.store.objects)
    house.rollups.fold()
    house.store.objects.update({key: body for key, body in left.items() if "/hours/" in key})
    assert house.total() == 1
    assert house.rollups.fold() == 1
    assert house.total() == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("count"), st.integers(0, 3)),
        st.tuples(st.just("flush"), st.integers(0, 3)),
        st.tuples(st.just("kill"), st.integers(0, 3)),
        st.tuples(st.just("wait"), st.sampled_from([20, 1_000, 4_000])),
        st.tuples(st.just("fold"), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS)
def test_every_written_count_is_in_the_sum_once(steps):
    """A killed process loses exactly what it had counted since its last write."""
    house = House()
    processes = [house.process() for _ in range(4)]
    unwritten, written = Counter(), 0
    for what, which in steps:
        if what == "count":
            processes[which].count(f"u{which}", {NAME: 1})
            unwritten[which] += 1
        elif what == "flush":
            assert processes[which].flush()
            written += unwritten.pop(which, 0)
        elif what == "kill":
            processes[which] = house.process()
            unwritten.pop(which, 0)
        elif what == "wait":
            house.clock.sleep(which)
        else:
            house.rollups.fold()
        assert house.total(days=4) == written


def test_an_object_says_whose_it_is():
    house = House()
    process = StoredRecorder(
        house.store, house.clock, every_s=1, about=lambda: {"role": "web"}, later=lambda *_: None
    )
    process.count("", {NAME: 1})
    process.flush()
    (key,) = house.keys("metrics/hours/")
    stored = json.loads(house.store.objects[key])
    assert (stored["role"], stored["users"]) == ("web", {"": {NAME: 1}})
    assert stored["pid"] > 0


def test_a_write_whose_reply_was_lost_counts_once_though_its_hour_is_over():
    house = House()
    process = house.process()
    process.count("u1", {NAME: 1})
    process.flush()
    process.count("u1", {NAME: 2})
    process.record_duration("run|analysis", 3.0)
    house.store.lost = True
    assert not process.flush()
    house.store.lost, house.store.down = False, True
    house.clock.sleep(70 * MINUTES)
    assert not process.flush()
    house.store.down = False
    process.count("u2", {NAME: 5})
    assert process.flush()
    assert house.total() == 8
    spreads = [tally.spreads.get("run|analysis", Counter()) for _day, tally in house.rollups.read(2).days]
    assert sum(sum(one.values()) for one in spreads) == 1


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"users": {}, "spreads": {}}'])
def test_a_day_that_cannot_be_read_is_named_and_hides_no_other_and_stops_no_folding(body):
    house = House()
    broken = iso(house.clock.now())[:10]
    house.store.objects[f"metrics/days/{broken}.json"] = body
    process = house.process()
    process.count("u1", {NAME: 1})
    process.flush()
    house.clock.sleep(2 * 86_400)
    process.count("u1", {NAME: 4})
    process.flush()
    house.clock.sleep(2 * 3600)
    period = house.rollups.read(7)

    assert list(period.damaged) == [broken]
    assert f"metrics/days/{broken}.json" in period.damaged[broken].detail
    assert house.total(days=7) == 5, "the hours of that day can be read"
    assert house.rollups.fold() == 1
    assert [key[14:24] for key in house.keys("metrics/hours/")] == [broken], "kept for the day's record"
    assert house.total(days=7) == 5

    del house.store.objects[f"metrics/days/{broken}.json"]
    assert house.rollups.fold() == 1
    assert (house.rollups.read(7).damaged, house.total(days=7)) == ({}, 5)


def test_a_damaged_day_of_which_nothing_is_left_is_no_row_of_zeros():
    house = House()
    broken = iso(house.clock.now())[:10]
    house.store.objects[f"metrics/days/{broken}.json"] = b"{"
    house.clock.sleep(86_400)

    period = house.rollups.read(2)

    assert [day for day, _tally in period.days] == [iso(house.clock.now())[:10]]
    assert [day for day, _tally in period.counted] == [broken, iso(house.clock.now())[:10]]
