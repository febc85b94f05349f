"""`make worker`: one more worker for the system that `make run` keeps up, until Ctrl-C or until that system ends."""

import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from core.errors import ConfigurationError
from infra.local import children, preflight, running
from infra.local.environment import PROJECT, data_directory, inherited
from infra.local.errors import CannotStart
from infra.local.procfile import read_procfile
from infra.local.reaper import Reaper
from infra.local.run import product_environ
from infra.local.service import say

_POLL_S = 0.3
_GRACE_S = 30.0


def add_worker(directory: Path, variables: Mapping[str, str]) -> int:
    """The worker's exit code. Raises CannotStart when no system runs in `directory`."""
    note = running.joined_system(directory)
    environ = product_environ(note, {**variables, **note.settings, **preflight.secrets_of(directory)})
    ended: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        ended.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    reaper = Reaper()
    worker = children.spawn(read_procfile()["worker"], environ=environ, cwd=PROJECT)
    reaper.watch(worker.pid)
    say(f"One more worker for {note.url}, process {worker.pid}; Ctrl-C ends it.")
    while worker.poll() is None and not ended and running.read_note(directory) == note:
        time.sleep(_POLL_S)
    children.stop(worker, grace_s=_GRACE_S)
    reaper.forget(worker.pid)
    reaper.close()
    if ended:
        return 0
    if running.read_note(directory) != note:
        say("The system it worked for has ended.")
        return 0
    say(
        f"The worker ended with code {worker.returncode}; others take over what it held. make worker starts another."
    )
    return 1


def main() -> int:
    try:
        return add_worker(data_directory("infra.local.worker", __doc__), inherited())
    except (CannotStart, ConfigurationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
