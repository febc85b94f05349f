"""`queues`: per queue what waits, what is sent, what workers hold, what is dead, and how old the oldest work is.

Accepted work is counted exactly, in the outbox; depths of SQS are estimates.
"""

import argparse
import sys

from core.clock import SystemClock
from core.config import Settings
from core.errors import Transient
from core.operations.formatting import age
from core.operations.queues import QueueStates
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode
from core.ops.printing import print_json, print_table
from core.queueing.service import Queueing
from core.queueing.topology import QUEUES

_HEADINGS = ("queue", "unreleased", "waiting", "in flight", "delayed", "dead letters", "oldest", "task")


def add_to(parser: argparse.ArgumentParser, register: Register) -> None:
    register(parser, show_queues)


def show_queues(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: there are dead letters."""
    states = QueueStates(queueing, settings.aws.queue_prefix, most_read=sys.maxsize)
    rows = [_row(spec.key, states) for spec in QUEUES]
    if options.json:
        print_json({"queues": rows})
    else:
        print_table(_HEADINGS, [_cells(row) for row in rows])
    return ExitCode.ATTENTION if any(row["dead_letters"] for row in rows) else ExitCode.DONE


def _row(queue: str, states: QueueStates) -> dict[str, object]:
    state = states.state(queue)
    if state.depth is None:
        raise state.fault or Transient("queue/unavailable")
    oldest_s = state.oldest_age_s(SystemClock().now())
    return {
        "queue": queue,
        "unreleased": state.unreleased,
        "oldest_age_s": None if oldest_s is None else round(oldest_s),
        "oldest_task": state.oldest_task,
        "waiting": state.depth.waiting,
        "in_flight": state.depth.in_flight,
        "delayed": state.depth.delayed,
        "dead_letters": states.dead_letters(queue, {queue: states.queueing.dead_letters.count(queue)}),
    }


def _cells(row: dict[str, object]) -> tuple[object, ...]:
    oldest = row["oldest_age_s"]
    return (
        row["queue"],
        row["unreleased"],
        row["waiting"],
        row["in_flight"],
        row["delayed"],
        row["dead_letters"],
        "-" if oldest is None else age(float(str(oldest))),
        row["oldest_task"] or "-",
    )
