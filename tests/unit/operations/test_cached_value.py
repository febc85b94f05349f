"""A cached value: one read for all callers, never older than promised, errors only for callers who wait."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from core.clock import ScriptedClock
from core.errors import Transient
from core.operations.cached_value import CachedValue, in_background


class Source:
    def __init__(self, clock: ScriptedClock) -> None:
        self.clock = clock
        self.reads = 0
        self.takes_s = 0.0
        self.error: Exception | None = None

    def __call__(self) -> int:
        self.reads += 1
        self.clock.at += self.takes_s
        if self.error is not None:
            raise self.error
        return self.reads


class Deferred:
    """Steps that run when the test says so."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], None]] = []

    def __call__(self, step: Callable[[], None]) -> None:
        self.steps.append(step)

    def run(self) -> None:
        while self.steps:
            self.steps.pop(0)()


def made() -> tuple[ScriptedClock, Source, Deferred, CachedValue[int]]:
    clock, deferred = ScriptedClock(), Deferred()
    source = Source(clock)
    return clock, source, deferred, CachedValue(source, clock=clock, later=deferred)


def test_what_is_fresh_is_read_once() -> None:
    clock, source, deferred, value = made()
    assert [value() for _ in range(5)] == [1] * 5
    clock.at += 1.9
    assert (value(), source.reads, deferred.steps) == (1, 1, [])


def test_what_is_stale_is_handed_out_and_read_anew_once_meanwhile() -> None:
    clock, source, deferred, value = made()
    value()
    clock.at += 3
    assert [value() for _ in range(5)] == [1] * 5
    assert len(deferred.steps) == 1
    deferred.run()
    assert (value(), source.reads) == (2, 2)


def test_what_is_too_old_is_waited_for() -> None:
    clock, _source, deferred, value = made()
    value()
    clock.at += 60
    assert (value(), deferred.steps) == (2, [])


def test_what_takes_long_to_read_is_read_less_often() -> None:
    clock, source, deferred, value = made()
    source.takes_s = 3.0
    value()
    clock.at += 20
    assert (value(), deferred.steps) == (1, [])
    clock.at += 10
    value()
    assert len(deferred.steps) == 1


def test_an_error_reaches_those_who_wait_and_nobody_else() -> None:
    clock, source, deferred, value = made()
    value()
    source.error = Transient("storage/unavailable")
    clock.at += 3
    assert value() == 1
    deferred.run()
    clock.at += 60
    with pytest.raises(Transient):
        value()
    source.error = None
    assert (value(), source.reads) == (4, 4)


def test_what_was_forgotten_while_it_was_being_read_is_not_kept() -> None:
    reads: list[int] = []

    def read() -> int:
        reads.append(1)
        if len(reads) == 1:
            value.forget()
        return len(reads)

    value = CachedValue(read, clock=ScriptedClock())
    assert [value() for _ in range(3)] == [1, 2, 2]


def test_values_that_are_read_from_each_other_do_not_wait_for_each_other() -> None:
    clock = ScriptedClock()
    inner = CachedValue(clock.now, clock=clock, later=in_background)
    outer = CachedValue(inner, clock=clock, later=in_background)
    outer()
    clock.at += 5
    inner()
    outer()
    clock.at += 100
    assert outer() >= clock.at - 100


def test_many_threads_at_once_cost_one_read() -> None:
    clock, together, go = ScriptedClock(), Barrier(8), Event()
    reads: list[int] = []

    def read() -> int:
        reads.append(1)
        go.wait(5)
        return len(reads)

    value = CachedValue(read, clock=clock)

    def ask(number: int) -> int:
        together.wait(5)
        if number == 0:
            go.set()
        return value()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [1] * 8
    assert len(reads) == 1
