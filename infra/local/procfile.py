"""The Procfile: which processes the system has, for `make run`, the tests and production alike."""

import re
import shlex
from pathlib import Path

from infra.local.environment import PROJECT

PROCFILE = PROJECT / "Procfile"
_LINE = re.compile(r"^(?P<name>[a-z][a-z0-9_-]*):\s+(?P<command>\S.*)$")


def read_procfile(path: Path = PROCFILE) -> dict[str, list[str]]:
    """Process name -> command, in the file's order. Raises ValueError for a line that is neither."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise ValueError(f"{path.name}: not a line of the form 'name: command': {line!r}")
        found[match["name"]] = shlex.split(match["command"])
    return found
