"""The console's first page, its list of dead letters and a task, with 5,000 letters, 10,000 tasks and 50 workers.

    .venv/bin/python -m benchmarks.console [--letters 5000] [--tasks 10000] [--workers 50]

S3 and SQS are the emulator's; the web tier is gunicorn as in production. "opened": a page that nobody has looked at
for a while, so that everything is read anew (a process of its own for each such look would be slower only by its
start). "followed": as ten operators poll it, from each of them in turn.
"""

import argparse
import os
import tempfile
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.letters import bury_many, message_of_nobody
from benchmarks.report import report
from core.bootstrap.queueing import build_queueing
from core.clock import SystemClock, iso
from core.queueing.message import queued_record
from core.queueing.results import TaskStatus
from core.queueing.service import Queueing
from core.queueing.workers import HeldDelivery, WorkerIdentity
from infra.local.reaper import Reaper
from tests.support.cloud import run_cloud
from tests.support.processes import Processes

BAR_S = 0.3
LOOKS = 40
FORGOTTEN_AFTER_S = 20.0
"""Longer than anything read before is handed out once more."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--letters", type=int, default=5_000)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=50)
    parser.add_argument("--opened", type=int, default=10, help="looks after nobody looked for a while")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        reaper = Reaper()
        cloud = run_cloud(Path(name), reaper)
        processes = Processes(Path(name), reaper)
        try:
            space = next(cloud)
            os.environ.update(space.environ)
            _seed(build_queueing(space.settings), options)
            url = processes.web(space.environ).url
            report("console", _measured(url, opened=options.opened))
        finally:
            processes.end_all()
            cloud.close()
            reaper.close()


def _measured(url: str, *, opened: int) -> list[dict[str, Any]]:
    rows = []
    for what, address in (
        ("first page", "/ops"),
        ("dead letters", "/ops/dead-letters"),
        ("audit", "/ops/audit"),
    ):
        cold = []
        for _ in range(opened):
            time.sleep(FORGOTTEN_AFTER_S)
            cold.append(_look(url + address))
        rows.append(_row(f"{what}, opened", cold))
        rows.append(_row(f"{what}, followed by ten", _followed(url + address)))
    return rows


def _followed(address: str) -> list[float]:
    """Ten operators, each asking every two seconds."""
    took = []
    for number in range(LOOKS):
        if number:
            time.sleep(0.2)
        took.append(_look(address))
    return took


def _look(address: str) -> float:
    started = time.monotonic()
    with urllib.request.urlopen(address, timeout=30) as answer:
        answer.read()
    return time.monotonic() - started


def _row(what: str, took: list[float]) -> dict[str, Any]:
    p95 = quantiles(took, n=20, method="inclusive")[-1]
    verdict = "met" if p95 <= BAR_S else "short"
    return {
        "what": what,
        "p50_s": sorted(took)[len(took) // 2],
        "p95_s": p95,
        "bar": BAR_S,
        "verdict": verdict,
    }


def _seed(queueing: Queueing, options: argparse.Namespace) -> None:
    now = SystemClock().now()
    bury_many(queueing, options.letters, chosen=options.letters // 5)
    with ThreadPoolExecutor(16) as threads:
        tasks = list(threads.map(lambda n: _ended(queueing, n, now=now), range(options.tasks)))
        list(threads.map(lambda n: _work(queueing, n, tasks=tasks, now=now), range(options.workers)))


def _ended(queueing: Queueing, number: int, *, now: float) -> str:
    """A task as the index knows it once it has run: two entries. Every tenth waits in the outbox."""
    message = message_of_nobody(number, accepted_at=now - 3_000 - number / 10)
    queued = queued_record(message)
    if number % 10 == 0:
        queueing.results.create(queued)
        queueing.outbox.accept(message)
        return message.task_id
    started = replace(queued, status=TaskStatus.STARTED, taken_at=iso(now - number / 10 - 30))
    done = replace(started, status=TaskStatus.SUCCESS, ended_at=iso(now - number / 10))
    queueing.results.create(done)
    for record in (started, done):
        queueing.index.note(record)
    return message.task_id


def _work(queueing: Queueing, number: int, *, tasks: list[str], now: float) -> None:
    """A worker that runs eight tasks, seen just now; it is silent by the end of a long measurement."""
    identity = WorkerIdentity(
        str(uuid.uuid4()), f"host-{number}", number, iso(now - 4_000), "1", ("analysis",)
    )
    held = [HeldDelivery(task_id, "d", iso(now - 5)) for task_id in tasks[number * 8 : number * 8 + 8]]
    queueing.workers.renew(identity, held)


if __name__ == "__main__":
    main()
