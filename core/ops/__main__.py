"""`python -m core.ops`: the command line of operators.

Exit codes: 0 nothing needs attention; 1 something does (dead letters, a failed task, a queue without a worker, a
worker that fell silent, no model to call, entries a sweep could not look after); 2 no such task, review or section,
wrong usage, wrong settings, or AWS could not be reached; of `dlq` commands also 3 and 4 (core/ops/exit_codes.py).
"""

import argparse
import errno
import gc
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from importlib import import_module
from typing import Any

from core.config import MESSAGE_KEYS, Settings, load_settings
from core.errors import AppError, ConfigurationError
from core.observability.logs import configure_late
from core.ops.exit_codes import ExitCode, WrongUsage

_ROOMS = {
    "dlq": ("dead_letter_commands", "dead letters: tasks that failed for good"),
    "accounts": ("accounts", "who can sign in, where AUTH=local"),
    "audit": ("audit", "who did what: sign-ins, accounts, reviews, dead letters"),
    "sessions": ("sessions", "whose reviews are whose"),
    "queues": ("queues", "what waits, what runs, what is dead"),
    "workers": ("workers", "who works, on what, since when"),
    "limits": ("limits", "what of the limits is in use, how each model is"),
    "tasks": ("tasks", "what happened to which task"),
    "prompt": ("prompts", "what models are sent"),
    "sweep": ("sweeping", "pick up accepted work that got lost on its way"),
}
"""Each is a module of core.ops with `add_to`, imported when it is asked for: imports are most of a command's time."""

_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF}


def main(arguments: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        with _without_collector():
            options = make_parser(words[:1]).parse_args(words)
            settings = load_settings(needs={MESSAGE_KEYS})
            configure_late("WARNING")
            queueing = _queueing(settings)
        return carried_out(lambda: int(options.command(options, settings, queueing)))
    except BrokenPipeError:
        # The reader has closed the pipe, as `head` does.
        _drop_output()
        return ExitCode.DONE
    except ConfigurationError as error:
        print(error, file=sys.stderr)
    except WrongUsage as error:
        print(error, file=sys.stderr)
    except AppError as error:
        print(f"{error.detail} {error.kind.next_step}", file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - one of the four doors: ops main
        print(f"This did not work, and AI-Prism does not know why: {error!r}", file=sys.stderr)
    return ExitCode.UNREACHABLE


def carried_out(command: Callable[[], int]) -> int:
    """The command's exit code, also where there is no output at all, as some schedulers start programs."""
    with nullcontext() if sys.stdout else redirect_stdout(io.StringIO()):
        try:
            code = command()
            sys.stdout.flush()
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            # Nobody must take it for one that did nothing.
            print(
                f"What the command says could not be written: {error.strerror}. Look before you type it again: "
                "`audit` and `dlq audit` have what it did.",
                file=sys.stderr,
            )
            _drop_output()
            return ExitCode.UNREACHABLE
        return code


def _drop_output() -> None:
    """What is left is flushed once more at the process's end, which must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def make_parser(rooms: Sequence[str] = tuple(_ROOMS)) -> argparse.ArgumentParser:
    """Returns the parser. rooms: commands whose options are added; of the others only the names."""
    parser = argparse.ArgumentParser(
        prog="python -m core.ops", description="Look after AI-Prism's queues.", epilog=_EXIT_CODES
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, (module, meaning) in _ROOMS.items():
        room = commands.add_parser(name, help=meaning, epilog=_EXIT_CODES)
        if name in rooms:
            import_module(f"core.ops.{module}").add_to(room, _register)
    return parser


def _register(parser: argparse.ArgumentParser, command: Callable[..., int]) -> None:
    parser.add_argument("--json", action="store_true", help="for programs: one JSON document")
    parser.epilog = _EXIT_CODES
    parser.set_defaults(command=command)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Without garbage collection while modules are imported, which took a tenth of a command's time (2026-11-22)."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _queueing(settings: Settings) -> Any:
    from core.bootstrap.queueing import queueing_of_a_command

    return queueing_of_a_command(settings)


_EXIT_CODES = (
    "Exit codes: 0 nothing needs attention, 1 something does, 2 wrong usage or settings, no such task, review or "
    "section, or AWS not reached."
)


if __name__ == "__main__":
    sys.exit(main())
