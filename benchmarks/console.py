"""The operators' pages with 5,000 dead letters, 10,000 tasks, 50 workers and 600 deeds in the audit.

    .venv/bin/python -m benchmarks.console [--letters 5000] [--tasks 10000] [--workers 50] [--opened 10]

S3 and SQS are the emulator's; the web tier is gunicorn as in production. "opened": the first look that a web process
is asked for, two seconds after its start, with nothing remembered and no connection open: worse than after a night.
"followed": as ten operators poll it, each every two seconds. Meanwhile fifty workers say every 15 s that they live.
"""

import argparse
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.filled import filled_cloud
from benchmarks.letters import bury_many, message_of_nobody
from benchmarks.report import report
from core.aws.object_store import MemoryObjectStore
from core.bootstrap.queueing import build_queueing
from core.clock import ScriptedClock, SystemClock, iso
from core.operations.letter_snapshot import LetterSnapshots
from core.queueing.audit import AuditEntry, AuditLog
from core.queueing.message import queued_record
from core.queueing.parallel import in_parallel
from core.queueing.results import TaskStatus
from core.queueing.service import Queueing
from core.queueing.task_index import IndexQuery
from core.queueing.workers import HeldDelivery, WorkerIdentity
from infra.local.reaper import Reaper
from tests.support.cloud import Space
from tests.support.processes import Processes

BAR_S = 0.3
LOOKS = 40
SETTLED_AFTER_S = 2.0
"""A load balancer sends nobody before its second health check, which is later."""
SIGN_OF_LIFE_S = 15.0
DEEDS_A_DAY = 20
PAGES = (
    ("console", "/ops"),
    ("console, tasks that failed", "/ops?state=failed"),
    ("dead letters", "/ops/dead-letters"),
    ("audit", "/ops/audit"),
    ("statistics", "/stats"),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--letters", type=int, default=5_000)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=50)
    parser.add_argument("--opened", type=int, default=10, help="first looks of a page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        reaper = Reaper()
        processes = Processes(Path(name), reaper)
        try:
            with filled_cloud(Path(name), reaper, fill=partial(_fill, options=options)) as space:
                queueing = build_queueing(space.settings)
                with _at_work(queueing, options.workers):
                    # As monitoring does every minute.
                    LetterSnapshots(queueing.store, queueing.clock).renew(queueing.dead_letters)
                    report("console", _measured(processes, space, opened=options.opened))
                processes.end_all()
        finally:
            processes.end_all()
            reaper.close()


def _measured(processes: Processes, space: Space, *, opened: int) -> list[dict[str, Any]]:
    rows = []
    for what, address in PAGES:
        first = []
        for _ in range(opened):
            web = processes.web(space.environ)
            time.sleep(SETTLED_AFTER_S)
            first.append(_look(web.url + address))
            followed = web.url + address
            if len(first) < opened:
                web.stop()
        rows += [_row(f"{what}, opened", first), _row(f"{what}, followed by ten", _followed(followed))]
        web.stop()
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
    request = urllib.request.Request(address, headers={"Accept": "text/html"})
    started = time.monotonic()
    with urllib.request.urlopen(request, timeout=30) as answer:
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


def _fill(space: Space, store: MemoryObjectStore, *, options: argparse.Namespace) -> None:
    now = SystemClock().now()
    queueing = build_queueing(space.settings, store=store)
    bury_many(queueing, options.letters, chosen=options.letters // 5)
    for number in range(options.tasks):
        _ended(queueing, number, now=now)
    for number in range(30 * DEEDS_A_DAY):
        then = ScriptedClock(now - number * 86_400 / DEEDS_A_DAY)
        AuditLog(store, then).write(
            AuditEntry("auth.sign-in", f"user-{number % 40}", "", about={"from": "10.0.0.7"})
        )


def _ended(queueing: Queueing, number: int, *, now: float) -> None:
    """A task as the index knows it once it has run: two entries. Every tenth waits in the outbox."""
    message = message_of_nobody(number, accepted_at=now - 3_000 - number / 10)
    queued = queued_record(message)
    if number % 10 == 0:
        queueing.results.create(queued)
        queueing.outbox.accept(message)
        return
    started = replace(queued, status=TaskStatus.STARTED, taken_at=iso(now - number / 10 - 30))
    done = replace(started, status=TaskStatus.SUCCESS, ended_at=iso(now - number / 10))
    queueing.results.create(done)
    for record in (started, done):
        queueing.index.note(record)


@contextmanager
def _at_work(queueing: Queueing, workers: int) -> Iterator[None]:
    """Workers that run eight tasks each, and say so."""
    now, ended = SystemClock().now(), threading.Event()
    started_at = iso(now - 4_000)
    names = queueing.index.names(IndexQuery(since=now - 7_200, limit=0), now=now)
    tasks = [name.task_id for name in islice(names, 8 * workers)]

    def say(number: int) -> None:
        held = [HeldDelivery(task_id, "d", started_at) for task_id in tasks[number * 8 : number * 8 + 8]]
        queueing.workers.renew(crew[number], held)

    def go_on() -> None:
        while not ended.wait(SIGN_OF_LIFE_S):
            in_parallel(say, range(workers))

    crew = [
        WorkerIdentity(str(uuid.uuid4()), f"host-{number}", number, started_at, "1", ("analysis",))
        for number in range(workers)
    ]
    in_parallel(say, range(workers))
    saying = threading.Thread(target=go_on, daemon=True)
    saying.start()
    yield
    ended.set()
    saying.join()


if __name__ == "__main__":
    main()
