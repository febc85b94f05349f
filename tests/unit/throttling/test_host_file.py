"""The host file saves reads and writes, and never decides anything."""

import fcntl
import os
import threading

import pytest

from core.aws.object_store import StoredObject
from core.clock import SystemClock
from core.throttling.host_file import HostFile, NoHostFile, Snapshot
from core.throttling.shared_time import Bounds

KNOWN = Snapshot(StoredObject(b'{"a":1}\n2', '"etag"'), 5.0, Bounds(-0.5, 0.5, 4.0))


@pytest.fixture
def host(tmp_path):
    return HostFile(tmp_path, "bucket/key", clock=SystemClock())


def written(tmp_path):
    return next(tmp_path.glob("*.known"))


@pytest.mark.parametrize("known", [KNOWN, Snapshot(None, 7.0, None)])
def test_the_next_holder_finds_what_the_last_one_knew(host, known):
    with host.held(bytes) as seat:
        seat.write(known)
    with host.held(bytes) as seat:
        assert seat.read() == known
    assert host.snapshot() == known


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:40] + b"X" + b[41:]])
def test_a_torn_file_is_passed_over(host, tmp_path, damage):
    with host.held(bytes) as seat:
        seat.write(KNOWN)
    file = written(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    with host.held(bytes) as seat:
        assert seat.read() is None


def test_two_things_shared_on_one_machine_do_not_meet(tmp_path):
    one, other = (HostFile(tmp_path, name, clock=SystemClock()) for name in ("a", "b"))
    with one.held(bytes) as seat, other.held(bytes) as beside:
        seat.write(KNOWN)
        assert beside.read() is None


def test_threads_of_one_process_take_turns(host):
    inside, most, lock = 0, 0, threading.Lock()

    def work():
        nonlocal inside, most
        for _ in range(20):
            with host.held(bytes):
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_the_slip_of_a_killed_process_is_cleared_away(host, tmp_path):
    with host.held(bytes) as seat:
        seat.write(KNOWN)
        slip = written(tmp_path).with_name(f"{written(tmp_path).stem}-0000.slip")
        slip.write_bytes(b"said")
        assert seat.others() == [b"said"]
        os.utime(slip, (0, 0))
        assert seat.others() == []
    assert not slip.exists()


class Hasty(SystemClock):
    """Does not really wait."""

    def sleep(self, seconds):
        pass


def test_a_process_stopped_with_the_lock_does_not_stop_the_others(tmp_path):
    host = HostFile(tmp_path, "bucket/key", clock=Hasty())
    with host.held(bytes) as seat:
        seat.write(KNOWN)
    lock = os.open(next(tmp_path.glob("*.lock")), os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with host.held(bytes) as seat:
            assert seat.read() is None, "without the lock nothing is known"
    finally:
        os.close(lock)


def test_where_there_is_no_place_for_the_file_work_goes_on(tmp_path):
    for host in (HostFile(tmp_path / "missing", "x", clock=Hasty()), NoHostFile()):
        with host.held(bytes) as seat:
            seat.write(KNOWN)
            assert seat.read() is None
        assert host.snapshot() is None
