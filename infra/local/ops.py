"""`make ops CMD="dlq list"`: an operator's command (core.ops) about the system that `make run` keeps up."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import ConfigurationError
from infra.local import preflight, running
from infra.local.environment import LOCAL, PROJECT, PYTHON, inherited
from infra.local.errors import CannotStart
from infra.local.run import product_environ


def command_and_environ(
    directory: Path, variables: Mapping[str, str], arguments: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """What to execute, and with which variables. Raises CannotStart when nothing runs in `directory`."""
    note = running.joined_system(directory)
    environ = product_environ(note, {**variables, **note.settings, **preflight.secrets_of(directory)})
    return [str(PYTHON), "-m", "core.ops", *arguments], environ


def main() -> int:
    try:
        command, environ = command_and_environ(LOCAL, inherited(), sys.argv[1:])
    except (CannotStart, ConfigurationError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    os.chdir(PROJECT)
    os.execve(command[0], command, environ)  # noqa: S606 - replaces this process by the command it was asked for


if __name__ == "__main__":
    sys.exit(main())
