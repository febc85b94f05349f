"""60 people with a review open, against one web service of two processes with eight threads: how quick pages stay.

    .venv/bin/python -m benchmarks.polling [--users 60] [--sections 6] [--seconds 30]

gunicorn as in production (gunicorn.conf.py), S3 and SQS of the emulator over HTTP, all on this machine, which has to
run the emulator and the 60 people too. Each polls the sections of a review that have not ended, every two seconds
with the ETag of the last answer, as the page does; 16 of all these sections run, the others wait. Beside them
somebody opens the start page, its list and a workspace, ten times a second; without sign-in all reviews are one
user's, so that the list is asked for three. Memory: proportional set size over all processes of the web service, and
of a worker of eight after it has reviewed the example on every child.
"""

import argparse
import http.client
import os
import random
import statistics
import threading
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from benchmarks.report import report
from benchmarks.rig import Rig, made_rig
from core.aws.clients import make_s3
from core.aws.object_store import ObjectStore, S3ObjectStore
from core.clock import ScriptedClock, SystemClock, iso
from core.queueing.parallel import in_parallel
from core.queueing.results import TaskResults, TaskStatus
from core.queueing.workers import Workers, new_identity
from core.review.repository import ReviewRepository
from tests.support.cloud import Space
from tests.support.example import EXAMPLE
from tests.support.processes import Processes
from tests.support.review_app import QUICK, Client
from tests.support.reviews import BLOCKS, a_record, a_session, rules_of
from tests.support.sizes import cpu_s, pss_mb, tree

EVERY_S = 2.0
PAGES_EVERY_S = 0.1
CHILDREN = 8
RUNNING = 16
BAR_PAGE_MS, BAR_WEB_MB, BAR_WORKER_MB = 100.0, 256.0, 550.0


@dataclass
class Times:
    """Seconds that each answer took. refused: what was not 200 or 304."""

    pages: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    refused: int = 0


@dataclass
class Visitor:
    """One kept connection, as a browser has."""

    host: str
    port: int
    connection: http.client.HTTPConnection | None = None

    def get(self, path: str, etag: str = "") -> tuple[float, int, str]:
        """Seconds, status, ETag."""
        started = time.perf_counter()
        try:
            self.connection = self.connection or http.client.HTTPConnection(self.host, self.port, timeout=30)
            self.connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
            answer = self.connection.getresponse()
            answer.read()
            status, tag = answer.status, answer.headers.get("ETag", "")
        except (OSError, http.client.HTTPException):
            self.connection, status, tag = None, 0, ""
        return time.perf_counter() - started, status, tag


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=60)
    parser.add_argument("--sections", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    with made_rig() as rig:
        os.environ.update({**rig.cloud.environ, **rig.bedrock.environ, **QUICK})
        rows = _measure(rig, asked)
    report("polling", rows)


def _measure(rig: Rig, asked: argparse.Namespace) -> list[dict[str, Any]]:
    web = rig.processes.web({**os.environ, "WEB_PROCESSES": "2", "WEB_THREADS": "8"})
    worker_mb = _worker_mb(Client(web.url), rig.processes)
    reviews = _open_reviews(rig.cloud, asked.users, asked.sections)
    pids = tree(web.process.pid)
    before_s = sum(map(cpu_s, pids))
    times = _crowd(web.url, reviews, asked.seconds)
    requests = len(times.pages) + len(times.polls)
    cpu_ms = (sum(map(cpu_s, pids)) - before_s) * 1_000 / requests
    web_mb = sum(map(pss_mb, pids))
    pages, polls = sorted(times.pages), sorted(times.polls)
    return [
        _row("page, ms, median", statistics.median(pages) * 1_000, BAR_PAGE_MS, count=len(pages)),
        _row("page, ms, p95", pages[int(len(pages) * 0.95)] * 1_000, BAR_PAGE_MS, count=len(pages)),
        _row("poll, ms, p95", polls[int(len(polls) * 0.95)] * 1_000, None, count=len(polls)),
        _row("refused or unanswered", float(times.refused), 0.0, count=requests),
        _row("CPU of the web service, ms per request", cpu_ms, None, count=requests),
        _row("PSS of the web service, MB", web_mb, BAR_WEB_MB),
        _row(f"PSS of a worker of {CHILDREN}, MB", worker_mb, BAR_WORKER_MB),
    ]


def _row(what: str, value: float, bar: float | None, *, count: int = 1) -> dict[str, Any]:
    return {"what": what, "n": count, "value": value, "bar": bar, "met": bar is None or value <= bar}


def _worker_mb(client: Client, processes: Processes) -> float:
    worker = processes.worker({**os.environ, "WORKER_CONCURRENCY": str(CHILDREN)})
    for _ in range(3):
        session_id = client.upload(EXAMPLE).json["session_id"]
        client.wait_ended(client.review_all(session_id), timeout_s=120)
    used = sum(map(pss_mb, tree(worker.process.pid)))
    worker.stop()
    return used


def _open_reviews(space: Space, users: int, sections: int) -> list[tuple[str, str]]:
    """(session id, address that is polled) of reviews whose sections wait or run, and go on to."""
    settings = space.settings
    client = make_s3(settings.aws.region, connections=16)
    store: ObjectStore = S3ObjectStore(client, settings.aws.bucket, settings.aws.base_path)

    workers = Workers(store, SystemClock(), dead_after_s=settings.queues.dead_after_s)
    worker = new_identity(SystemClock())

    def one(number: int) -> tuple[str, str]:
        session = a_session(owner="local", clock=ScriptedClock(SystemClock().now()))
        tasks = {f"t{at}": str(uuid.uuid4()) for at in range(sections)}
        session = replace(session, tasks=tasks)
        records = [a_record(session, section, TaskStatus.PENDING) for section in tasks]
        if number < RUNNING:
            taken = {"worker_id": worker.worker_id, "delivery": "d", "taken_at": iso(SystemClock().now())}
            records[0] = replace(records[0], status=TaskStatus.STARTED, **taken)
        ReviewRepository(store, SystemClock()).create(
            session, document=b"%DOC", blocks=BLOCKS, rules=rules_of(session.id)
        )
        for record in records:
            TaskResults(store, SystemClock()).create(record)
        return session.id, f"/task_status?ids={','.join(tasks.values())}"

    # Older than what it holds: the record says nothing about that, and so does not deny it.
    workers.renew(worker, ())
    return in_parallel(one, range(users))


def _crowd(url: str, reviews: list[tuple[str, str]], seconds: float) -> Times:
    where, times, ends_at = urlsplit(url), Times(), time.monotonic() + seconds
    host, port = where.hostname or "", where.port or 0

    def polls(address: str) -> None:
        visitor, etag = Visitor(host, port), ""
        time.sleep(random.random() * EVERY_S)
        while time.monotonic() < ends_at:
            took, status, etag = visitor.get(address, etag)
            times.polls.append(took)
            times.refused += status not in (200, 304)
            time.sleep(EVERY_S)

    def looks() -> None:
        visitor, turn = Visitor(host, port), 0
        while time.monotonic() < ends_at:
            session_id = reviews[turn % len(reviews)][0]
            took, status, _ = visitor.get(["/", "/sessions?most=3", f"/review/{session_id}"][turn % 3])
            times.pages.append(took)
            times.refused += status != 200
            turn += 1
            time.sleep(PAGES_EVERY_S)

    threads = [threading.Thread(target=polls, args=(address,)) for _, address in reviews]
    threads.append(threading.Thread(target=looks))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


if __name__ == "__main__":
    main()
