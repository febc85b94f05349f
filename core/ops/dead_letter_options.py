"""Options of `dlq` commands: which letters are meant."""

import argparse
from collections.abc import Callable
from typing import Any

from core.ops.ages import age_s
from core.ops.exit_codes import WrongUsage
from core.queueing.letter_search import LetterFilter
from core.queueing.topology import QUEUES

Add = Callable[..., Any]


def add_filter(parser: argparse.ArgumentParser) -> None:
    which = parser.add_argument_group(
        "which letters", "all that are named must fit; none named: every letter"
    )
    which.add_argument("--queue", choices=[spec.key for spec in QUEUES], default="")
    which.add_argument("--signature", default="", help="of a group, as `dlq groups` shows it")
    which.add_argument("--code", default="", help="error code, or how it begins: model/")
    which.add_argument("--session", default="", help="id of a review")
    which.add_argument(
        "--text",
        default="",
        help="words of the error or task; with a digit, of ids too",
    )
    which.add_argument("--older-than", type=age_s, metavar="AGE", help="failed longer ago: 90s, 30m, 2h, 7d")
    which.add_argument("--newer-than", type=age_s, metavar="AGE", help="failed since then")


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Ids or a filter; with a filter it is a dry run unless --execute is given."""
    parser.add_argument("ids", nargs="*", metavar="id", help="task or message ids, as `dlq list` shows them")
    add_filter(parser)
    parser.add_argument("--all", action="store_true", help="every letter, where nothing else is named")
    parser.add_argument("--execute", action="store_true", help="do it: else more than one id is a dry run")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def filter_of(options: argparse.Namespace, *, now: float) -> LetterFilter:
    return LetterFilter(
        queue=options.queue,
        signature=options.signature,
        code=options.code,
        session_id=options.session,
        text=options.text,
        task_ids=tuple(getattr(options, "ids", ())),
        since=None if options.newer_than is None else now - options.newer_than,
        until=None if options.older_than is None else now - options.older_than,
    )


def choice_of(options: argparse.Namespace, *, now: float) -> LetterFilter:
    """As filter_of. Raises WrongUsage where nothing was named: all letters have to be asked for with --all."""
    wanted = filter_of(options, now=now)
    if wanted == LetterFilter() and not options.all:
        raise WrongUsage("Name ids or a filter (--queue, --signature, --code, ...), or say --all.")
    return wanted


def is_dry_run(options: argparse.Namespace) -> bool:
    """One named letter is dealt with at once; several, or what a filter finds, only with --execute."""
    return options.dry_run or (len(options.ids) != 1 and not options.execute)
