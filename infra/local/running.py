"""Is a system running here, and where: a lock that the kernel frees, and a note of its addresses beside it."""

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from core.config import documented_settings, secret_settings
from infra.local.errors import CannotStart

_LOCK, _NOTE = "run.lock", "run.json"
_POLL_S = 0.2


@dataclass(frozen=True)
class RunNote:
    """What another process needs to join: addresses and settings, no secret."""

    pid: int
    url: str
    cloud: str
    bedrock: str
    settings: dict[str, str]


def take_lock(directory: Path, *, patience_s: float = 15.0) -> IO[str]:
    """The lock, held until the file is closed here and in the reaper. Raises CannotStart while another runs.

    A system that was killed holds it for the seconds in which its reaper ends the children: worth waiting for.
    """
    lock = (directory / _LOCK).open("a")
    deadline = time.monotonic() + patience_s
    while not _try(lock):
        note = read_note(directory)
        if note is not None and _alive(note.pid):
            lock.close()
            raise CannotStart(f"AI-Prism is already running: {note.url} (process {note.pid}).")
        if time.monotonic() > deadline:
            lock.close()
            raise CannotStart(
                "Another AI-Prism is starting or ending here: wait some seconds and start again."
            )
        time.sleep(_POLL_S)
    return lock


def write_note(directory: Path, note: RunNote) -> None:
    draft = directory / f"{_NOTE}.new"
    draft.write_text(json.dumps(asdict(note), indent=2))
    draft.replace(directory / _NOTE)


def read_note(directory: Path) -> RunNote | None:
    """None without one, or where another release has left one that says something else."""
    try:
        return RunNote(**json.loads((directory / _NOTE).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remove_note(directory: Path) -> None:
    (directory / _NOTE).unlink(missing_ok=True)


def joined_system(directory: Path) -> RunNote:
    """The system that runs now. Raises CannotStart when there is none."""
    note = read_note(directory)
    if note is None or not _alive(note.pid):
        raise CannotStart("Nothing is running here: start it with make run, then try this again beside it.")
    return note


def named_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings somebody has set, by variable; never the secrets."""
    names = {name for name, _, _ in documented_settings()} - secret_settings()
    return {name: value for name, value in environ.items() if name in names}


def _try(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
