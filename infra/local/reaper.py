"""Ends the children of a parent that was killed and could not do it itself.

The parent holds a pipe to this process and tells it which process groups it started. The kernel closes the pipe
whenever the parent ends, SIGKILL included; what is still on the list then gets SIGTERM, a grace, SIGKILL. Groups
marked last (the emulator, which saves its state on SIGTERM) go after all others, because those still need them.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from typing import IO

from infra.local import children
from infra.local.environment import PROJECT, PYTHON, for_python, inherited

_GRACE_S = 8.0
_POLL_S = 0.1


class Reaper:
    """The parent's end. keep_open: file descriptors that stay open until the last child has gone (a lock)."""

    def __init__(self, *, keep_open: Sequence[int] = ()) -> None:
        self._process = subprocess.Popen(
            [PYTHON, "-m", "infra.local.reaper"],
            env=for_python(inherited()),
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            pass_fds=keep_open,
            process_group=0,
        )

    def watch(self, group: int, *, last: bool = False) -> None:
        self._tell(f"watch {group} {int(last)}")

    def forget(self, group: int) -> None:
        self._tell(f"forget {group} 0")

    def close(self) -> None:
        """Ends the groups that were not forgotten, then itself."""
        assert self._process.stdin is not None  # noqa: S101 - opened as a pipe above
        self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - opened as a pipe above
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()


def watched_until_closed(lines: Iterable[str]) -> tuple[list[int], list[int]]:
    """Groups on the list when the pipe closes: (ordinary, last)."""
    groups: dict[int, bool] = {}
    for line in lines:
        verb, group, last = line.split()
        if verb == "watch":
            groups[int(group)] = last == "1"
        else:
            groups.pop(int(group), None)
    return [g for g, last in groups.items() if not last], [g for g, last in groups.items() if last]


def end_groups(groups: Sequence[int], *, grace_s: float = _GRACE_S) -> None:
    for group in groups:
        children.signal_group(group, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(children.signal_group(group, 0) for group in groups):
        time.sleep(_POLL_S)
    for group in groups:
        children.signal_group(group, signal.SIGKILL)


def main(pipe: IO[str]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ordinary, last = watched_until_closed(pipe)
    end_groups(ordinary)
    end_groups(last)


if __name__ == "__main__":
    main(sys.stdin)
