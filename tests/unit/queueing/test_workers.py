"""Liveness of workers: a fresh record that does not contradict the holder."""

from core.clock import iso
from core.queueing.workers import HeldDelivery, Holder, WorkerIdentity, new_identity
from tests.support.queueing import TASK, Room

IDENTITY = WorkerIdentity("w1", "host", 1, "2027-01-15T08:00:00.000Z")


def holder(room: Room, *, age_s: float = 0) -> Holder:
    return Holder("w1", TASK, "d1", iso(room.clock.now() - age_s))


def test_without_a_record_nobody_lives() -> None:
    room = Room()
    assert not room.queueing.workers.is_alive(holder(room))


def test_a_listed_delivery_is_alive_until_its_workers_record_is_stale() -> None:
    room = Room()
    room.queueing.workers.renew(IDENTITY, [HeldDelivery(TASK, "d1")])
    taken = holder(room, age_s=100)
    room.clock.sleep(40)
    assert room.queueing.workers.is_alive(taken)
    room.clock.sleep(1)
    assert not room.queueing.workers.is_alive(taken)


def test_a_delivery_the_record_no_longer_lists_is_dead() -> None:
    room = Room()
    room.queueing.workers.renew(IDENTITY, [HeldDelivery(TASK, "another delivery")])
    assert not room.queueing.workers.is_alive(holder(room, age_s=1))


def test_a_delivery_taken_after_the_record_was_written_lives() -> None:
    room = Room()
    room.queueing.workers.renew(IDENTITY, [])
    room.clock.sleep(10)
    assert room.queueing.workers.is_alive(holder(room))


def test_a_worker_that_leaves_takes_its_record_with_it() -> None:
    room = Room()
    room.queueing.workers.renew(IDENTITY, [])
    assert [record.worker_id for record in room.queueing.workers.running()] == ["w1"]
    room.queueing.workers.leave(IDENTITY)
    assert room.queueing.workers.running() == []


def test_records_of_killed_workers_are_forgotten_after_an_hour() -> None:
    room = Room()
    room.queueing.workers.renew(IDENTITY, [])
    room.clock.sleep(3600)
    assert room.queueing.workers.forget_dead() == 0
    room.clock.sleep(1)
    assert room.queueing.workers.forget_dead() == 1
    assert list(room.store.list("workers/")) == []


def test_every_start_is_another_worker() -> None:
    clock = Room().clock
    assert new_identity(clock).worker_id != new_identity(clock).worker_id
