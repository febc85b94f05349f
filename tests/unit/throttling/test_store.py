import threading

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock, SystemClock
from core.errors import Transient
from core.throttling.host_file import HostFile
from core.throttling.store import STATE_KEY, MemoryStateStore, S3StateStore
from tests.support.waiting import wait_until


def count_up(document, _others):
    value = (document or {"value": 0})["value"] + 1
    return value, {"value": value}


def look(document, _others):
    return document, None


class RacingStore(MemoryObjectStore):
    """Another process writes between our read and our write, `races` times."""

    def __init__(self, races):
        super().__init__()
        self.races = races
        self.reads = 0
        self.writes = 0

    def get(self, key):
        found = super().get(key)
        self.reads += 1
        if self.races:
            self.races -= 1
            value = 100 + self.races
            self.objects[key] = f'{{"value":{value}}}'.encode()
        return found

    def swap(self, key, body, *, etag):
        self.writes += 1
        reads = self.reads
        present = MemoryObjectStore.swap(self, key, body, etag=etag)
        self.reads = reads
        return present


@pytest.fixture(params=["s3", "memory"])
def store(request):
    return S3StateStore(MemoryObjectStore(), ScriptedClock()) if request.param == "s3" else MemoryStateStore()


def test_each_change_sees_the_one_before(store):
    assert [store.transact(count_up) for _ in range(3)] == [1, 2, 3]
    assert store.read()["value"] == 3


def test_a_change_may_leave_the_document_as_it_is(store):
    assert store.transact(look) is None
    assert store.read() is None


def test_a_change_that_leaves_the_document_costs_no_write():
    objects = RacingStore(races=0)
    S3StateStore(objects, ScriptedClock()).transact(look)
    assert (objects.reads, objects.writes) == (1, 0)


def test_a_lost_race_is_decided_anew_on_what_the_winner_wrote():
    objects = RacingStore(races=2)
    store = S3StateStore(objects, ScriptedClock())
    assert store.transact(count_up) == 101
    assert store.read()["value"] == 101
    assert objects.reads <= 3, "the refusal says what is there: nobody reads it again"


@pytest.fixture
def on_one_host(tmp_path):
    """Two processes of one machine."""
    objects, clock = RacingStore(races=0), ScriptedClock()
    hosts = [HostFile(tmp_path, "x", clock=clock) for _ in range(2)]
    return objects, clock, [S3StateStore(objects, clock, host=host) for host in hosts]


def test_on_one_host_a_change_costs_one_write_and_no_read(on_one_host):
    objects, _, (one, other) = on_one_host
    one.transact(count_up)
    objects.reads = objects.writes = 0
    assert [store.transact(count_up) for store in (other, one, other)] == [2, 3, 4]
    assert (objects.reads, objects.writes) == (0, 3)


def test_what_another_host_wrote_is_found_by_the_refused_write(on_one_host):
    objects, clock, (one, _) = on_one_host
    one.transact(count_up)
    S3StateStore(objects, clock).transact(count_up)
    assert one.transact(count_up) == 3


def test_where_another_host_writes_too_a_look_comes_first_until_nobody_else_does(on_one_host):
    objects, clock, (one, _) = on_one_host
    elsewhere = S3StateStore(objects, clock)
    one.transact(count_up)
    for _ in range(2):
        elsewhere.transact(count_up)
        one.transact(count_up)
    clock.at += 1
    costs = []
    for others_write in (True, False, False):
        if others_write:
            elsewhere.transact(count_up)
        objects.reads = objects.writes = 0
        one.transact(count_up)
        costs.append((objects.reads, objects.writes))
        clock.at += 1
    assert costs == [(1, 1), (1, 1), (0, 1)]


def test_a_change_that_leaves_the_document_reads_only_what_is_not_known_of_late(on_one_host):
    objects, clock, (one, other) = on_one_host
    one.transact(count_up)
    objects.reads = 0
    assert other.transact(lambda document, _others: (document["value"], None)) == 1
    assert (objects.reads, other.cached().document["value"]) == (0, 1)
    clock.at += 3
    assert not other.cached().fresh
    assert other.transact(lambda document, _others: (document["value"], None)) == 1
    assert objects.reads == 1


def test_where_another_host_writes_too_what_is_known_is_soon_not_the_latest(on_one_host):
    objects, clock, (one, _) = on_one_host
    one.transact(count_up)
    clock.at += 1
    assert one.cached().latest
    S3StateStore(objects, clock).transact(count_up)
    one.transact(count_up)
    assert one.cached().latest
    clock.at += 0.1
    assert not one.cached().latest


def test_who_writes_hears_what_the_others_of_this_machine_wait_to_say(tmp_path):
    objects, clock = MemoryObjectStore(), SystemClock()
    one, other = (S3StateStore(objects, clock, host=HostFile(tmp_path, "x", clock=clock)) for _ in range(2))
    waiter = threading.Thread(target=lambda: other.transact(count_up, lambda: b"slip"))

    def change(_document, others):
        waiter.start()
        return wait_until(lambda: [slip for slip in others() if slip], timeout_s=2), None

    assert one.transact(change) == [b"slip"]
    waiter.join()
    assert one.transact(lambda _document, others: (others(), None)) == [], "nothing is left of it"


def test_what_a_gone_emulator_left_on_the_host_does_no_harm(on_one_host):
    objects, _, (one, _) = on_one_host
    one.transact(count_up)
    objects.objects.clear()
    assert one.transact(count_up) == 1


def test_races_without_end_are_an_outage_and_not_an_endless_loop():
    clock = ScriptedClock()
    store = S3StateStore(RacingStore(races=10_000), clock)
    with pytest.raises(Transient) as error:
        store.transact(count_up)
    assert error.value.code == "storage/unavailable"
    assert clock.slept


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]"])
def test_an_unreadable_object_is_there_but_empty(body):
    objects = MemoryObjectStore()
    objects.put(STATE_KEY, body)
    assert S3StateStore(objects, ScriptedClock()).transact(look) == {}


def test_threads_do_not_lose_each_others_changes():
    store = MemoryStateStore()

    def work():
        for _ in range(100):
            store.transact(count_up)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read() == {"value": 400}
