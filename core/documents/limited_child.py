"""Parsing of uploads in a child process with limits, so that no document can take the web process down.

parent                                child (own session, empty environment, -I)
request -> unlinked file  ---stdin--> limits on memory, CPU, files; then the entry's handler
deadline reader_wall_s    <--stdout-- one JSON answer
kills the process group at the deadline
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import IO, Any

from core.config import MIB, DocumentSettings
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
_ROOT = Path(__file__).resolve().parents[2]
_BOOT = (
    "import sys, json; sys.path.insert(0, sys.argv[1]);"
    "from core.documents.child_side import start; start(sys.argv[2], json.loads(sys.argv[3]))"
)
_log = get_logger(__name__)


class _Overrun(Exception):
    """The child answered too much, or took too long."""


class _Late(_Overrun):
    """The child took too long."""


@dataclass
class ReaderPool:
    """At most `limits.readers` children at once; one more is refused at once, never queued."""

    limits: DocumentSettings
    max_output_bytes: int = MAX_OUTPUT_BYTES
    _free: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = threading.BoundedSemaphore(self.limits.readers)

    def run(self, entry: str, request: dict[str, Any]) -> dict[str, Any]:
        """The answer of module `entry` (its `main` calls `serve`) to `request`; both are JSON.

        Raises Throttled("document/reader-busy") when too many are being read or the machine gave the child hardly
        any of its time, and Permanent with the child's own code, document/too-complex (time, CPU or memory used up)
        or document/reader-failed (crashed).
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
        # Unlinked files instead of pipes for request and traceback: neither side can block on the other.
        with tempfile.TemporaryFile() as requests, tempfile.TemporaryFile() as errors:
            requests.write(json.dumps(request).encode())
            requests.seek(0)
            process = self._start(entry, requests, errors)
            try:
                output = self._collect(process)
            except _Overrun as overrun:
                raise self._refusal(overrun, cpu_s=_end(process)) from None
            finally:
                _end(process)
            if process.returncode != 0:
                raise _crashed(entry, process.returncode, errors)
        return _answered(output)

    def _refusal(self, overrun: _Overrun, *, cpu_s: float) -> AppError:
        if isinstance(overrun, _Late) and cpu_s < _WORKED_SHARE * self.limits.reader_wall_s:
            return Throttled(
                "document/reader-busy",
                "The machine is busy; reading had hardly begun.",
                retry_after_s=_BUSY_RETRY_S,
                waiting_for="a reader",
            )
        return Permanent("document/too-complex", str(overrun))

    def _start(self, entry: str, requests: IO[bytes], errors: IO[bytes]) -> "subprocess.Popen[bytes]":
        limits = {
            "memory_bytes": self.limits.reader_memory_mib * MIB,
            "cpu_s": ceil(self.limits.reader_wall_s),
            "wall_s": ceil(self.limits.reader_wall_s),
            "output_bytes": self.max_output_bytes,
        }
        command = [sys.executable, "-I", "-c", _BOOT, str(_ROOT), entry, json.dumps(limits)]
        return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module names
            command, stdin=requests, stdout=subprocess.PIPE, stderr=errors, env={}, start_new_session=True
        )

    def _collect(self, process: "subprocess.Popen[bytes]") -> bytes:
        """All of stdout, then the end of the process, within the deadline."""
        assert process.stdout is not None  # noqa: S101 - we asked for a pipe
        deadline = time.monotonic() + self.limits.reader_wall_s
        output = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while selector.select(max(0.0, deadline - time.monotonic())):
                chunk = os.read(process.stdout.fileno(), 1 << 20)
                if not chunk:
                    return _when_ended(process, bytes(output), deadline)
                output += chunk
                if len(output) > self.max_output_bytes:
                    raise _Overrun("It holds too much text.")
        raise _Late(f"Reading it took longer than {self.limits.reader_wall_s:g} seconds.")


def _when_ended(process: "subprocess.Popen[bytes]", output: bytes, deadline: float) -> bytes:
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise _Late("Reading it did not come to an end.") from None
    return output


def _end(process: "subprocess.Popen[bytes]") -> float:
    """No child outlives its call. A group is only killed while its leader is not yet waited for: ids are reused.

    Gives the seconds that a child killed here had computed.
    """
    if process.stdout is not None:
        process.stdout.close()
    if process.poll() is not None:
        return 0.0
    os.killpg(process.pid, signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _crashed(entry: str, returncode: int, errors: IO[bytes]) -> Permanent:
    error_class = _error_class(errors)
    _log.warning("reader_crashed", entry=entry, exit=returncode, error=error_class)
    if -returncode in _SPENT or error_class == "MemoryError":
        return Permanent("document/too-complex", "Reading it took too much time or memory.")
    return Permanent("document/reader-failed", "The process that read it ended without an answer.")


def _error_class(errors: IO[bytes]) -> str:
    """The last line's exception name; what follows it can be document text and is never logged."""
    errors.seek(0, os.SEEK_END)
    errors.seek(max(0, errors.tell() - 4096))
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    name = lines[-1].split(":", 1)[0] if lines else ""
    return name if name.replace(".", "").replace("_", "").isalnum() else ""


def _answered(output: bytes) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        raise Permanent("document/reader-failed", "The process that read it gave no answer.") from None
    if not answer.pop("ok"):
        raise Permanent(answer["code"], answer["detail"])
    return {"ok": True, **answer}
