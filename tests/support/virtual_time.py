"""Time for many threads at once: it stands still while one of them runs, and jumps when all of them sleep."""

import heapq
import itertools
import threading
from collections.abc import Callable


class VirtualTime:
    """A clock. One thread runs at a time, so what they do is the same in every run and needs no machine to itself."""

    def __init__(self, at: float) -> None:
        self.at = at
        self._due: list[tuple[float, int, threading.Event]] = []
        self._order = itertools.count()
        self._ended = threading.Event()
        self._errors: list[BaseException] = []

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        mine = self._sleeper(seconds)
        self._wake_next()
        mine.wait()

    def start(self, work: Callable[[], object]) -> None:
        """A thread of its own for `work`, from when the others sleep."""
        mine = self._sleeper(0.0)
        threading.Thread(target=self._run, args=(work, mine), daemon=True).start()

    def run(self, timeout_s: float) -> None:
        """Until all that was started has ended. timeout_s: real seconds. Raises what one of them raised."""
        self._wake_next()
        assert self._ended.wait(timeout_s), f"not at its end after {timeout_s} s"
        if self._errors:
            raise self._errors[0]

    def _sleeper(self, seconds: float) -> threading.Event:
        event = threading.Event()
        heapq.heappush(self._due, (self.at + max(0.0, seconds), next(self._order), event))
        return event

    def _run(self, work: Callable[[], object], mine: threading.Event) -> None:
        mine.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by who started it
            self._errors.append(error)
        finally:
            self._wake_next()

    def _wake_next(self) -> None:
        if self._errors or not self._due:
            self._ended.set()
            return
        at, _, event = heapq.heappop(self._due)
        self.at = max(self.at, at)
        event.set()
