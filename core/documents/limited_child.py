"""Parses uploads in a child process with limits, so that no document can take the web process down.

parent                                child (own session, empty environment, -I)
request                   ---------> limits on memory, CPU, files; then the entry's handler
deadline reader_wall_s    <--------- one JSON answer
kills the process group at the deadline

A pool may hold one child started ahead: starting and importing take longer than reading most documents does.
"""

import json
import signal
import threading
import weakref
from collections import deque
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from core.config import MIB, DocumentSettings
from core.documents.child_process import ChildProcess, Late, Overrun
from core.documents.child_side import serve
from core.errors import AppError, Permanent, Throttled
from core.observability.logs import get_logger

__all__ = ["ReaderPool", "serve"]

MAX_OUTPUT_BYTES = 64 * MIB
_BUSY_RETRY_S = 3
# A library written in C that gets no more memory or stack ends with one of the last two.
_SPENT = {signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV}
_WORKED_SHARE = 0.5
"""Of its time that a child must have computed to have been slow itself; below that the machine was busy."""
_log = get_logger(__name__)


@dataclass
class ReaderPool:
    """Runs at most `limits.readers` children at a time; one more is refused, never queued.

    ahead: the entry for which a child may be kept ready, `limits.reader_ready_s` at most; "" for none.
    """

    limits: DocumentSettings
    max_output_bytes: int = MAX_OUTPUT_BYTES
    ahead: str = ""
    _free: threading.BoundedSemaphore = field(init=False)
    _ready: "deque[ChildProcess]" = field(init=False, default_factory=deque)
    _readying: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._free = threading.BoundedSemaphore(self.limits.readers)
        weakref.finalize(self, _end_all, self._ready)

    def run(self, entry: str, request: dict[str, Any]) -> dict[str, Any]:
        """Starts a child in which the module `entry` answers `request`; both are JSON. Its `main` calls `serve`.

        Raises Throttled document/reader-busy if too many children are running, or the machine gave the child hardly
        any CPU time; Permanent with the child's own code, document/too-complex (time, CPU or memory used up) or
        document/reader-failed (it crashed).
        """
        if not self._free.acquire(blocking=False):
            raise Throttled(
                "document/reader-busy",
                f"{self.limits.readers} documents are being read at the moment.",
                retry_after_s=_BUSY_RETRY_S,
                waiting_for="a reader",
            )
        try:
            return self._run(entry, request)
        finally:
            self._free.release()

    def _run(self, entry: str, request: dict[str, Any]) -> dict[str, Any]:
        ready = self._taken() if entry == self.ahead else None
        with ready or self._started(entry) as child:
            child.ask(request)
            output = self._answer_of(child)
            if child.exit_code != 0:
                raise _crashed(child)
        if entry == self.ahead:
            # Not sooner: getting ready would take the second core from this one.
            self.get_ready()
        return _answered(output)

    def _answer_of(self, child: ChildProcess) -> bytes:
        try:
            return child.answer(within_s=self.limits.reader_wall_s)
        except Overrun as overrun:
            raise self._refusal(overrun, cpu_s=child.kill()) from None

    def _refusal(self, overrun: Overrun, *, cpu_s: float) -> AppError:
        if isinstance(overrun, Late) and cpu_s < _WORKED_SHARE * self.limits.reader_wall_s:
            return Throttled(
                "document/reader-busy",
                "The machine is busy; reading had hardly begun.",
                retry_after_s=_BUSY_RETRY_S,
                waiting_for="a reader",
            )
        return Permanent("document/too-complex", str(overrun))

    def get_ready(self) -> None:
        """Starts a child ahead, unless one is ready, because a document may soon have to be read."""
        ready_s = self.limits.reader_ready_s
        with self._readying:
            if ready_s:
                self._ready.append(self._taken() or self._started(self.ahead, ahead_s=ready_s))

    def _started(self, entry: str, *, ahead_s: int = 0) -> ChildProcess:
        limits = {
            "memory_bytes": self.limits.reader_memory_mib * MIB,
            "cpu_s": ceil(self.limits.reader_wall_s),
            "wall_s": ceil(self.limits.reader_wall_s),
            "output_bytes": self.max_output_bytes,
            "ahead": ahead_s,
        }
        return ChildProcess(entry, limits)

    def _taken(self) -> ChildProcess | None:
        """The child that is ready, taken out; None for none, or one that is about to give up waiting."""
        try:
            child = self._ready.pop()
        except IndexError:
            return None
        if child.runs and child.age_s < self.limits.reader_ready_s / 2:
            return child
        child.end()
        return None


def _end_all(ready: "deque[ChildProcess]") -> None:
    for child in ready:
        child.end()
    ready.clear()


def _crashed(child: ChildProcess) -> Permanent:
    error_class = child.error_class()
    _log.warning("reader_crashed", entry=child.entry, exit=child.exit_code, error=error_class)
    if -child.exit_code in _SPENT or error_class == "MemoryError":
        return Permanent("document/too-complex", "Reading it took too much time or memory.")
    return Permanent("document/reader-failed", "The process that read it ended without an answer.")


def _answered(output: bytes) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        raise Permanent("document/reader-failed", "The process that read it gave no answer.") from None
    if not answer.pop("ok"):
        raise Permanent(answer["code"], answer["detail"])
    return {"ok": True, **answer}
