"""Runs calls side by side: S3 and SQS answer many at once, and a person waits only for the slowest."""

import atexit
import contextvars
import os
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from core.observability.logs import get_logger

_log = get_logger(__name__)
Item = TypeVar("Item")
Answer = TypeVar("Answer")

_THREADS = 8
_LAST_STEPS_S = 5.0


def in_parallel(work: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
    """Returns `work(item)` for each item, in order. Raises the first error after all have ended."""
    todo = list(items)
    if len(todo) < 2:
        return [work(item) for item in todo]
    with ThreadPoolExecutor(min(_THREADS, len(todo)), thread_name_prefix="queueing") as threads:
        # The correlation id lives in a context variable, which threads do not inherit by themselves.
        futures = [threads.submit(contextvars.copy_context().run, work, item) for item in todo]
    return [future.result() for future in futures]


Later = Callable[[Callable[[], None]], None]
"""Runs a step that nobody waits for, at once or in the background."""


def at_once(step: Callable[[], None]) -> None:
    step()


class BackgroundSteps:
    """Runs steps one after the other in a daemon thread, which is waited for when the process exits normally.

    A step is lost if the process is killed, so losing it must do no harm.
    """

    def __init__(self) -> None:
        self._steps: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._pid = 0

    def __call__(self, step: Callable[[], None]) -> None:
        if self._pid != os.getpid():
            # The first use in this process: threads do not survive a fork.
            self._pid, self._steps = os.getpid(), queue.SimpleQueue()
            threading.Thread(target=self._loop, name="background-steps", daemon=True).start()
            atexit.register(self._finish, self._pid)
        self._steps.put(step)

    def _finish(self, pid: int) -> None:
        done = threading.Event()
        if pid == os.getpid():
            self._steps.put(done.set)
            done.wait(_LAST_STEPS_S)

    def _loop(self) -> None:
        while True:
            step = self._steps.get()
            try:
                step()
            except Exception:  # noqa: BLE001 - one of the four doors: a background thread's loop
                _log.exception("background_step_failed")
