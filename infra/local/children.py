"""Child processes in groups of their own: started, asked to stop, killed with all that they started."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

Output = int | IO[bytes] | None


def spawn(
    command: Sequence[str | Path], *, environ: Mapping[str, str], cwd: Path, output: Output = None
) -> subprocess.Popen[bytes]:
    """The child leads a process group (so it dies whole) but stays in this session (so nothing escapes it)."""
    return subprocess.Popen(
        [str(part) for part in command],
        env=dict(environ),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        process_group=0,
    )


def ask_to_stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the leader only: a Celery worker or gunicorn ends its own children when their work is done."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for everything left in the group, the leader's orphans too."""
    signal_group(process.pid, signal.SIGKILL)
    process.wait()


def stop(process: subprocess.Popen[bytes], *, grace_s: float) -> None:
    ask_to_stop(process)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace_s)
    kill_group(process)


def signal_group(group: int, number: int) -> bool:
    """False when nothing of the group is left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
