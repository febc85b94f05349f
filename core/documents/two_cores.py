"""Work that a copy of this process shares: for a child that reads a document, and has a second core beside it."""

import os
import pickle
import signal
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def alone(count: int, work: Callable[[int], T]) -> dict[int, T]:
    """As `in_two`, in this process alone: for work that is too small to be worth a copy."""
    return {number: work(number) for number in range(count)}


def in_two(count: int, work: Callable[[int], T]) -> dict[int, T]:
    """Calls `work` with every number below `count` (255 at most), in two processes.

    Whichever is free takes the next number. Returns number -> result; missing are those that the copy had taken
    when it was killed.
    """
    waiting, numbers = os.pipe()
    os.write(numbers, bytes(range(count)))
    os.close(numbers)
    answers, answer = os.pipe()
    with os.fdopen(answers, "rb") as told:
        copy = _copy((told.fileno(), answer), lambda: _taken(waiting, work))
        os.close(answer)
        try:
            done = _taken(waiting, work)
            theirs = told.read()
        finally:
            os.close(waiting)
            if copy:
                os.kill(copy, signal.SIGKILL)
                os.waitpid(copy, 0)
    return {**done, **_read(theirs)}


def _read(told: bytes) -> dict[int, T]:
    try:
        found: dict[int, T] = pickle.loads(told)  # noqa: S301 - of our own copy
    except (EOFError, pickle.UnpicklingError, MemoryError):
        # It fell while it told, or what it told has no room here.
        return {}
    return found


def _taken(waiting: int, work: Callable[[int], T]) -> dict[int, T]:
    done = {}
    while number := os.read(waiting, 1):
        done[number[0]] = work(number[0])
    return done


def _copy(pipe: tuple[int, int], work: Callable[[], object]) -> int:
    """The id of the copy; 0 where there is no memory for one. pipe: the ends that hear and tell what it did."""
    hears, tells = pipe
    try:
        copy = os.fork()
    except OSError:
        return 0
    if copy == 0:
        try:
            # Else it would wait for ever to tell a process that fell.
            os.close(hears)
            told = pickle.dumps(work())
            with os.fdopen(tells, "wb") as out:
                out.write(told)
        finally:
            os._exit(0)
    return copy
