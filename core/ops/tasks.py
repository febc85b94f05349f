"""`tasks list`: the latest tasks. Text of documents and answers is never shown."""

import argparse
import sys
from dataclasses import asdict

from core.clock import SystemClock
from core.config import Settings
from core.operations.formatting import moment
from core.operations.tasks import RecentTasks, TaskFilter
from core.ops.ages import age_s
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode
from core.ops.printing import counted, print_json, print_table
from core.ops.task_story import show_task
from core.queueing.results import STATUS_BY_WORD, STATUS_WORDS, TaskStatus
from core.queueing.service import Queueing
from core.queueing.task_index import IndexQuery, TaskEntry
from core.queueing.topology import QUEUES
from core.review.repository import ReviewRepository

_HEADINGS = ("at (UTC)", "state", "queue", "task", "session", "section", "calls", "answered by or error")


def add_to(parser: argparse.ArgumentParser, register: Register) -> None:
    verbs = parser.add_subparsers(required=True, metavar="verb")
    listing = verbs.add_parser("list", help="latest changes first")
    _add_list_options(listing)
    register(listing, list_tasks)
    showing = verbs.add_parser("show", help="the story of one task")
    showing.add_argument("task", help="id of the task")
    register(showing, show_task)


def _add_list_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", choices=sorted(STATUS_BY_WORD), help="only tasks that are so now")
    parser.add_argument("--queue", choices=[spec.key for spec in QUEUES], default="")
    parser.add_argument("--session", default="", help="only tasks of this review")
    parser.add_argument(
        "--since", type=age_s, default="24h", metavar="24h", help="changed within: 90s, 15m, 24h, 7d"
    )
    parser.add_argument("--limit", type=_limit, default=50, metavar="50", help="most tasks shown")


def list_tasks(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: a task that failed is among them."""
    now = SystemClock().now()
    wanted = IndexQuery(
        since=now - options.since,
        limit=options.limit,
        states=frozenset({STATUS_BY_WORD[options.state]}) if options.state else None,
        queue=options.queue,
        session_id=options.session,
    )
    entries = _with_queued(queueing.index.latest(wanted, now=now), wanted, queueing)
    if options.json:
        print_json({"tasks": [{**asdict(entry), "status": STATUS_WORDS[entry.state]} for entry in entries]})
    elif entries:
        print_table(_HEADINGS, [_row(entry) for entry in entries])
        print(f"\n{counted(len(entries), 'task')}. More of one: python -m core.ops tasks show TASK")
    else:
        print("No such task changed in this time. An earlier one: --since 7d")
    return (
        ExitCode.ATTENTION if any(entry.state is TaskStatus.FAILURE for entry in entries) else ExitCode.DONE
    )


def _with_queued(found: list[TaskEntry], wanted: IndexQuery, queueing: Queueing) -> list[TaskEntry]:
    """Adds tasks that no worker has begun: they are in the outbox only, whose entries name their review."""
    if wanted.states is not None and TaskStatus.PENDING not in wanted.states:
        return found
    known = {(entry.task_id, entry.generation) for entry in found}
    most = sys.maxsize if wanted.session_id else wanted.limit
    recent = RecentTasks(queueing, ReviewRepository(queueing.store, queueing.clock))
    waiting = [
        entry
        for entry in recent.untouched(TaskFilter(wanted.since, most, queue=wanted.queue))
        if (entry.task_id, entry.generation) not in known and wanted.session_id in ("", entry.session_id)
    ]
    return sorted([*found, *waiting], key=lambda entry: entry.at, reverse=True)[: wanted.limit]


def _row(entry: TaskEntry) -> tuple[object, ...]:
    return (
        moment(entry.at),
        STATUS_WORDS[entry.state],
        entry.queue,
        entry.task_id,
        entry.session_id,
        entry.section_id or "-",
        entry.attempts,
        entry.error or entry.model_id or "-",
    )


def _limit(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000")
    return int(text)
