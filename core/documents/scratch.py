"""Folders for uploads while they are read. They go with the request, or after the process that was killed in it."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "ai-prism-upload-"
_NAME = re.compile(rf"{_PREFIX}(\d+)-.+")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder of this process, removed at the end; with it what killed processes have left."""
    remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
        yield Path(folder)


def remove_abandoned() -> None:
    """Removes the folders whose process has ended: a SIGKILL leaves nobody to do it."""
    with os.scandir(tempfile.gettempdir()) as entries:
        named = [(entry.path, _NAME.fullmatch(entry.name)) for entry in entries]
    for path, name in named:
        if name is not None and not _is_alive(int(name[1])):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
