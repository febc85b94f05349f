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

_HEADINGS = ("queue", "unreleased", "oldest", "waiting", "in flight", "delayed", "dead letters")


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
    unreleased = [name.accepted_ms / 1000 for name, _info in queueing.outbox.waiting(key)]
    oldest = min([*unreleased, *_released(key, queueing)], default=None)
    return {
        "queue": key,
        "unreleased": len(unreleased),
        "oldest_age_s": None if oldest is None else round(max(0.0, SystemClock().now() - oldest)),
        "waiting": depth.waiting,
        "in_flight": depth.in_flight,
        "delayed": depth.delayed,
        "dead_letters": max(dead.total, queueing.dead_letters.count(key)),
    }


def _released(key: str, queueing: Queueing) -> list[float]:
    """When the work was accepted that is sent and has not ended."""
    keys = [info.key for _name, info in queueing.outbox.sent(key)]
    entries = in_parallel(queueing.outbox.read, keys)
    return [epoch(entry.message.accepted_at) for entry in entries if entry is not None]


def _cells(row: dict[str, object]) -> tuple[object, ...]:
    oldest = row["oldest_age_s"]
    return (
        row["queue"],
        row["unreleased"],
        "-" if oldest is None else age(float(str(oldest))),
        row["waiting"],
        row["in_flight"],
        row["delayed"],
        row["dead_letters"],
    )
