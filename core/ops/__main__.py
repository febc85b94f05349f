"""`python -m core.ops`: the command line of operators.

Exit codes: 0 nothing needs attention; 1 something does (dead letters, a failed task, a queue without a worker, a
worker that fell silent, no model to call, entries a sweep could not look after); 2 no such task, review or section,
wrong usage, wrong settings, or AWS could not be reached; of `dlq` commands also 3 and 4 (core/ops/exit_codes.py).
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from core.bootstrap.queueing import build_queueing
from core.config import MESSAGE_KEYS, Settings, load_settings
from core.errors import AppError, ConfigurationError
from core.observability.logs import configure_logging
from core.ops.accounts import add_accounts, add_sessions
from core.ops.audit import add_audit_options, show_whole_audit
from core.ops.dead_letter_commands import add_dead_letters
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.queues import show_queues
from core.ops.sweeping import sweep
from core.ops.task_story import show_task
from core.ops.tasks import add_list_options, list_tasks
from core.ops.workers import show_workers
from core.queueing.service import Queueing

Command = Callable[[argparse.Namespace, Settings, Queueing], int]


def main(arguments: Sequence[str] | None = None) -> int:
    options = make_parser().parse_args(arguments)
    try:
        settings = load_settings(needs={MESSAGE_KEYS})
        configure_logging("WARNING")
        command: Command = options.command
        return command(options, settings, build_queueing(settings))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
    except WrongUsage as error:
        print(error, file=sys.stderr)
    except AppError as error:
        print(f"{error.detail} {error.kind.next_step}", file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - one of the four doors: ops main
        print(f"This did not work, and AI-Prism does not know why: {error!r}", file=sys.stderr)
    return ExitCode.UNREACHABLE


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core.ops", description="Look after AI-Prism's queues.", epilog=_EXIT_CODES
    )
    rooms = parser.add_subparsers(required=True, metavar="command")
    add_dead_letters(rooms, _command)
    add_accounts(rooms, _command)
    auditing = rooms.add_parser("audit", help="who did what: sign-ins, accounts, reviews, dead letters")
    add_audit_options(auditing)
    _command(auditing, show_whole_audit)
    add_sessions(rooms, _command)
    _command(rooms.add_parser("queues", help="what waits, what runs, what is dead"), show_queues)
    _command(rooms.add_parser("workers", help="who works, on what, since when"), show_workers)
    _command(rooms.add_parser("limits", help="what of the limits is in use, how each model is"), _show_limits)
    tasks = rooms.add_parser("tasks", help="what happened to which task", epilog=_EXIT_CODES)
    task_verbs = tasks.add_subparsers(required=True, metavar="verb")
    listing = task_verbs.add_parser("list", help="latest changes first")
    add_list_options(listing)
    _command(listing, list_tasks)
    showing = task_verbs.add_parser("show", help="the story of one task")
    showing.add_argument("task", help="id of the task")
    _command(showing, show_task)
    prompt = rooms.add_parser("prompt", help="what models are sent", epilog=_EXIT_CODES)
    show = prompt.add_subparsers(required=True, metavar="verb").add_parser(
        "show", help="everything that is sent for one section: text, schema, models"
    )
    show.add_argument("session", help="id of the review")
    show.add_argument("section", help="id of the section: s1, s2, ...")
    _command(show, _show_prompt)
    sweeping = rooms.add_parser("sweep", help="pick up accepted work that got lost on its way")
    sweeping.add_argument(
        "--now",
        action="store_true",
        help="send again at once whatever has not ended: for when a queue has lost its messages",
    )
    _command(sweeping, sweep)
    return parser


# Both build what a worker has: its imports take longer than most other commands do in all.


def _show_limits(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    from core.ops.limits import show_limits

    return show_limits(options, settings, queueing)


def _show_prompt(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    from core.ops.prompts import show_prompt

    return show_prompt(options, settings, queueing)


def _command(parser: argparse.ArgumentParser, command: Command) -> None:
    parser.add_argument("--json", action="store_true", help="for programs: one JSON document")
    parser.epilog = _EXIT_CODES
    parser.set_defaults(command=command)


_EXIT_CODES = (
    "Exit codes: 0 nothing needs attention, 1 something does, 2 wrong usage or settings, no such task, review or "
    "section, or AWS not reached."
)


if __name__ == "__main__":
    sys.exit(main())
