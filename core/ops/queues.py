"""`queues`: what waits, what is sent, what workers hold, what is dead, and how old the oldest work is.

Accepted work is counted in the outbox, exactly; what SQS holds is SQS's own estimate.
"""

import argparse

from core.clock import SystemClock, epoch
from core.config import Settings
from core.operations.words import age
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode
from core.ops.printing import print_json, print_table
from core.queueing.parallel import in_parallel
from core.queueing.service import Queueing
from core.queueing.topology import QUEUES, dead_letter_name, queue_name

_HEADINGS = ("queue", "unreleased", "waiting", "in flight", "delayed", "dead letters", "oldest", "task")


def add_to(parser: argparse.ArgumentParser, register: Register) -> None:
    register(parser, show_queues)


def show_queues(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: there are dead letters."""
    rows = [_row(spec.key, settings.aws.queue_prefix, queueing) for spec in QUEUES]
    if options.json:
        print_json({"queues": rows})
    else:
        print_table(_HEADINGS, [_cells(row) for row in rows])
    return ExitCode.ATTENTION if any(row["dead_letters"] for row in rows) else ExitCode.DONE


def _row(key: str, prefix: str, queueing: Queueing) -> dict[str, object]:
    depth = queueing.queues.depth(queue_name(prefix, key))
    # What was restored has no message; what the index does not know yet has one only.
    dead = queueing.queues.depth(dead_letter_name(prefix, key))
    unreleased = [(name.accepted_ms / 1000, name.task_id) for name, _info in queueing.outbox.waiting(key)]
    oldest = min([*unreleased, *_released(key, queueing)], default=None)
    return {
        "queue": key,
        "unreleased": len(unreleased),
        "oldest_age_s": None if oldest is None else round(max(0.0, SystemClock().now() - oldest[0])),
        "oldest_task": None if oldest is None else oldest[1],
        "waiting": depth.waiting,
        "in_flight": depth.in_flight,
        "delayed": depth.delayed,
        "dead_letters": max(dead.total, queueing.dead_letters.count(key)),
    }


def _released(key: str, queueing: Queueing) -> list[tuple[float, str]]:
    """Of the work that is sent and has not ended when it was accepted, and the id of its task."""
    keys = [info.key for _name, info in queueing.outbox.sent(key)]
    entries = in_parallel(queueing.outbox.read, keys)
    return [(epoch(one.message.accepted_at), one.message.task_id) for one in entries if one is not None]


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
