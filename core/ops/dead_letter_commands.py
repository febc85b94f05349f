"""The parsers of the `dlq` commands."""

import argparse

from core.ops.commands import Command, Register
from core.ops.dead_letter_actions import delete, purge, replay, restore
from core.ops.dead_letter_options import add_choice, add_filter
from core.ops.dead_letter_runs import list_runs, report, stop
from core.ops.dead_letter_story import show_dead_letter
from core.ops.dead_letters import export, list_dead_letters, list_groups, show_audit
from core.ops.operator_reason import add_operator
from core.queueing.topology import QUEUES

_MOST = 1_000
EXIT_CODES = (
    "Exit codes: 0 done, or no dead letters; 1 there are some, or a part could not be done; 2 wrong usage or AWS not "
    "reached; 3 nothing fits; 4 somebody else was faster."
)


def add_to(dlq: argparse.ArgumentParser, register: Register) -> None:
    dlq.epilog = EXIT_CODES
    verbs = dlq.add_subparsers(required=True, metavar="verb")

    def verb(name: str, command: Command, words: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(name, help=words, description=words)
        register(parser, command)
        parser.epilog = EXIT_CODES
        return parser

    listing = verb("list", list_dead_letters, "what failed, when and why")
    add_filter(listing)
    listing.add_argument("--limit", type=_page_size, default=50, help="letters on a page")
    listing.add_argument("--after", default="", help="the page after this one's `next`")
    add_filter(verb("groups", list_groups, "how many failed for one reason"))
    verb("show", show_dead_letter, "one letter whole").add_argument("id", help="task or message id")
    _add_replay(verb("replay", replay, "run failed tasks again, each once"))
    verb("report", report, "what became of a replay").add_argument("run", help="id of the replay")
    verb("runs", list_runs, "replays and removals under way")
    stopping = verb("stop", stop, "end a replay or removal that is under way")
    stopping.add_argument("run", help="id of the run")
    add_operator(stopping)
    deletion = verb("delete", delete, "archive letters that nobody will replay")
    add_choice(deletion)
    add_operator(deletion)
    restoring = verb("restore", restore, "take removed letters out of the archive again")
    restoring.add_argument("ids", nargs="*", metavar="id", help="task or message ids of removed letters")
    restoring.add_argument(
        "--run", default="", help="all that this deletion or purge removed: dlq audit has its id"
    )
    add_operator(restoring)
    clearing = verb("purge", purge, "archive all letters of a queue")
    clearing.add_argument("--queue", required=True, choices=[spec.key for spec in QUEUES])
    clearing.add_argument("--confirm", default="", help="the name of the queue once more")
    add_operator(clearing)
    exporting = verb("export", export, "letters with their envelopes as a JSON array, a letter a line")
    add_filter(exporting)
    exporting.add_argument("--output", default="", help="a file; else standard output")
    audit = verb("audit", show_audit, "who did what, and why")
    audit.add_argument("--days", type=_days, default=7, help="today and the days before")


def _add_replay(parser: argparse.ArgumentParser) -> None:
    add_choice(parser)
    add_operator(parser)
    parser.add_argument("--per-minute", type=_rate, default=0.0, help="pace; else the queue's own rate")
    parser.add_argument("--run", default="", help="carry out here what another terminal or the console began")
    parser.add_argument(
        "--edit",
        action="append",
        type=_change,
        default=[],
        metavar="section_id=s4",
        help="of one letter: ask for another section, or another review (session_id=...), in its place",
    )


def _change(text: str) -> tuple[str, str]:
    name, is_given, value = text.partition("=")
    if not is_given or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is no change: write section_id=s4")
    return name, value


def _page_size(text: str) -> int:
    return _between(text, _MOST)


def _days(text: str) -> int:
    return _between(text, 400)


def _between(text: str, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
    return int(text)


def _rate(text: str) -> float:
    return float(_between(text, 1_000_000))
