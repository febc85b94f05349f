"""The loop of a peer's process: takes tasks, makes the call, puts back what failed; needs nothing of the product.

A peer has no shared limits, so what it is refused it tries again: after 5, 10 and 20 s (scaled with the window), and
then every 20 s for as long as the run lasts. That is more than most programs would do for it.
"""

import random
from collections.abc import Callable
from typing import Any

from benchmarks.throttling_queue import Task, connect

_TAKE_S = 0.5


def run(plan: dict[str, Any], call: Callable[[Task], None]) -> None:
    """call: makes one call for a task; raises whatever its library raises."""
    queue = connect(plan["port"])
    queue.is_ready()
    while not queue.is_closed():
        task = queue.take(plan["name"], _TAKE_S)
        if task is None:
            continue
        try:
            call(task)
        except Exception:  # noqa: BLE001 - each library has its own words for "not now"
            delay_s = plan["backoff_s"][min(task.retries, len(plan["backoff_s"]) - 1)]
            task.retries += 1
            queue.put_back(plan["name"], task, delay_s * random.uniform(0.8, 1.2))
        else:
            queue.end(plan["name"], task, "ok")
    queue.report({})
