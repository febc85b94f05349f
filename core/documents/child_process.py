"""One child process with limits that answers one request. Its own side is child_side.py.

request -> unlinked file  ---stdin--> read once a byte comes down the pipe `go`
                          <--stdout-- one JSON answer
Unlinked files for request and traceback instead of pipes: neither side can block on the other.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any, Self

_ROOT = Path(__file__).resolve().parents[2]
_BOOT = (
    "import sys, json; sys.path.insert(0, sys.argv[1]);"
    "from core.documents.child_side import start; start(sys.argv[2], json.loads(sys.argv[3]))"
)
_LOOK_EVERY_S = 0.001


class Overrun(Exception):
    """The child answered too much, or took too long."""


class Late(Overrun):
    """The child took too long."""


class ChildProcess:
    """A child process, from its start to its end. As a context manager it leaves no process behind."""

    def __init__(self, entry: str, limits: dict[str, int]) -> None:
        """limits: as child_side.start takes them."""
        self.entry = entry
        self._started_at = time.monotonic()
        self._limits = limits
        self._requests: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        waits, self._go = os.pipe()
        command = [sys.executable, "-I", "-c", _BOOT, str(_ROOT), entry, json.dumps({**limits, "go": waits})]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module names
                command,
                stdin=self._requests,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={},
                pass_fds=(waits,),
                start_new_session=True,
            )
        finally:
            os.close(waits)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._started_at

    @property
    def exit_code(self) -> int:
        return self._process.returncode

    def ask(self, request: dict[str, Any]) -> None:
        # Both sides share the file's offset.
        """Hands over the request and lets the child begin."""
        self._requests.write(json.dumps(request).encode())
        self._requests.seek(0)
        try:
            os.write(self._go, b"g")
        except BrokenPipeError:
            # It fell before it was asked; its exit code says how.
            return

    def answer(self, *, within_s: float) -> bytes:
        """Reads all of stdout and waits for the end of the process. Raises Overrun."""
        assert self._process.stdout is not None  # noqa: S101 - we asked for a pipe
        deadline = time.monotonic() + within_s
        output = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while selector.select(max(0.0, deadline - time.monotonic())):
                chunk = os.read(self._process.stdout.fileno(), 1 << 20)
                if not chunk:
                    self._wait(max(0.1, deadline - time.monotonic()))
                    return bytes(output)
                output += chunk
                if len(output) > self._limits["output_bytes"]:
                    raise Overrun("It holds too much text.")
        raise Late(f"Reading it took longer than {within_s:g} seconds.")

    def _wait(self, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        # Looked at only: ids are used again once waited for, and a copy that it left behind is killed by its group.
        while os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            if time.monotonic() > deadline:
                raise Late("Reading it did not come to an end.")
            time.sleep(_LOOK_EVERY_S)
        self._end_group()

    def kill(self) -> float:
        """Ends the process and its copies.

        Returns the CPU seconds that they have used; 0 where it had ended before.
        """
        if self._process.returncode is not None:
            return 0.0
        computed_s = _computed_s(self._process.pid)
        return max(computed_s, self._end_group())

    def _end_group(self) -> float:
        """Kills the process group. Returns the CPU seconds that its leader has used."""
        os.killpg(self._process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime

    def end(self) -> None:
        """Kills the process if it runs, and closes what was open for it."""
        assert self._process.stdout is not None  # noqa: S101 - we asked for a pipe
        self.kill()
        for file in (self._process.stdout, self._requests, self._errors):
            file.close()
        os.close(self._go)

    def error_class(self) -> str:
        """Returns the name of the exception in the last line of stderr.

        What follows the name can be document text: never logged.
        """
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 4096))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        name = lines[-1].split(":", 1)[0] if lines else ""
        return name if name.replace(".", "").replace("_", "").isalnum() else ""


def _computed_s(group: int) -> float:
    """CPU seconds that all processes of the group have used so far, by /proc; 0 where there is no /proc."""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
