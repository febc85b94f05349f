"""`queues`: what waits, what workers hold, what is dead, by SQS's own estimates."""

import argparse

from core.config import Settings
from core.ops.printing import print_json, print_table
from core.queueing.service import Queueing
from core.queueing.topology import QUEUES, dead_letter_name, queue_name


def show_queues(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    rows = [_row(spec.key, settings.aws.queue_prefix, queueing) for spec in QUEUES]
    if options.json:
        print_json({"queues": rows})
    else:
        print_table(
            ("queue", "waiting", "in flight", "delayed", "dead letters"),
            [tuple(row.values()) for row in rows],
        )
    return 1 if any(row["dead_letters"] for row in rows) else 0


def _row(key: str, prefix: str, queueing: Queueing) -> dict[str, object]:
    depth = queueing.queues.depth(queue_name(prefix, key))
    return {
        "queue": key,
        "waiting": depth.waiting,
        "in_flight": depth.in_flight,
        "delayed": depth.delayed,
        "dead_letters": queueing.queues.depth(dead_letter_name(prefix, key)).total,
    }
