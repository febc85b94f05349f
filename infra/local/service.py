"""One process of the local system: started, its output marked with its name, started again when it ends."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import IO

from infra.local import children
from infra.local.environment import PROJECT
from infra.local.reaper import Reaper

_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_STEADY_S = 30.0
_NAME_WIDTH = 9


class Layer(IntEnum):
    """Started from the lowest up, stopped from the highest down."""

    CLOUD = 0
    MODELS = 1
    PRODUCT = 2


@dataclass
class Service:
    """grace_s: time between SIGTERM and SIGKILL. once: it does its work and ends; not started again.

    restarted: called each time it was started again after an end nobody asked for.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    reaper: Reaper
    layer: Layer = Layer.PRODUCT
    grace_s: float = 10.0
    cwd: Path = PROJECT
    once: bool = False
    restarted: Callable[[], None] | None = None
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    asked_at: float = 0.0
    start_again_at: float | None = None

    def start(self) -> None:
        self.process = children.spawn(
            self.command, environ=self.environ, cwd=self.cwd, output=subprocess.PIPE
        )
        self.reaper.watch(self.process.pid, last=self.layer is Layer.CLOUD)
        self.started_at, self.start_again_at = time.monotonic(), None
        assert self.process.stdout is not None  # noqa: S101 - opened as a pipe above
        threading.Thread(target=_show, args=(self.name, self.process.stdout), daemon=True).start()

    def tend(self) -> None:
        """Called a few times a second: notices an end, and starts again after a pause that grows."""
        if self.start_again_at is not None:
            if time.monotonic() >= self.start_again_at:
                self.start()
                if self.restarted is not None:
                    self.restarted()
        elif self.process is not None and self.process.poll() is not None:
            self._ended(self.process)

    def ask_to_stop(self) -> None:
        """Once only: a second SIGTERM makes Celery drop its work."""
        self.start_again_at, self.asked_at = None, time.monotonic()
        if self.process is not None:
            children.ask_to_stop(self.process)

    def is_ending(self) -> bool:
        in_time = time.monotonic() < self.asked_at + self.grace_s
        return in_time and self.process is not None and self.process.poll() is None

    def end(self) -> None:
        """SIGKILL for what is left of it."""
        if self.process is not None:
            children.kill_group(self.process)
            self.reaper.forget(self.process.pid)
            self.process = None

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        self.end()
        if self.once:
            return
        steady = time.monotonic() - self.started_at > _STEADY_S
        self.failures = 0 if steady else self.failures + 1
        pause_s = _BACK_OFF_S[min(self.failures, len(_BACK_OFF_S) - 1)]
        self.start_again_at = time.monotonic() + pause_s
        say(f"{self.name} ended with code {process.returncode}; starting it again in {pause_s:g} s.")


def say(sentence: str) -> None:
    """A word of the supervisor itself."""
    _write("ai-prism", sentence)


def _show(name: str, output: IO[bytes]) -> None:
    with output:
        for line in output:
            _write(name, line.decode(errors="replace").rstrip())


def _write(name: str, text: str) -> None:
    """One write per line, so that lines of several processes do not mix."""
    # A terminal that went away must not block the children on a full pipe.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{name:<{_NAME_WIDTH}}| {text}\n")
        sys.stdout.flush()
