"""Publish to start against stock Celery, and how soon a killed worker's tasks start again.

    .venv/bin/python -m benchmarks.queueing [--rounds 5] [--recovery]

Both workers have eight children and the same emulated SQS and S3, and take turns: a round is 20 messages to one,
then 20 to the other, at random gaps of 0.8 s on average: four times the rate of the product's busiest queue, and slow
enough that it is latency that is measured and not the emulator's throughput. The clock runs from the call that
publishes. "task code" is the first line of the task; "work" comes after the product has read the task's record and
written that it runs, for which stock Celery has no counterpart.
"""

import argparse
import os
import random
import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Protocol

from benchmarks.report import report
from benchmarks.rig import Rig, made_rig
from core.bootstrap.queueing import build_queueing, build_store
from core.queueing.celery_app import make_app
from core.queueing.dispatch import TaskRequest
from core.queueing.message import TaskMessage, message_of
from core.queueing.publisher import CeleryPublisher
from core.queueing.results import TaskStatus
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION
from tests.support.cloud import Space
from tests.support.processes import START_S
from tests.support.queue_bench import make_bench
from tests.support.review_app import PRODUCTION_WAITS
from tests.support.waiting import wait_until

MESSAGES, GAP_S, CHILDREN = 20, 0.8, 8
RECOVERY_BAR_S = 60 + 20
PRODUCTION = {
    **PRODUCTION_WAITS,
    "WORKER_CONCURRENCY": "8",
    "SQS_WAIT_TIME_S": "20",
}
Starts = dict[str, tuple[float, float]]


class Sender(Protocol):
    def prepare(self) -> TaskMessage | None:
        """What comes before publishing and is not timed."""
        ...

    def publish(self, prepared: TaskMessage | None) -> str:
        """The task's id."""
        ...


class Stock:
    def prepare(self) -> None:
        return None

    def publish(self, prepared: TaskMessage | None) -> str:
        from benchmarks.queueing_stock import start

        return str(start.apply_async().id)


class Own:
    def __init__(self, space: Space) -> None:
        self._publisher = CeleryPublisher(make_app(space.settings))
        self._queueing = build_queueing(space.settings, publisher=self._publisher)

    def prepare(self) -> TaskMessage:
        """Each is another user's: the end of a task would release its user's next one before it is published."""
        task_id, session_id, owner = (str(uuid.uuid4()) for _ in range(3))
        request = TaskRequest(task_id, ANALYZE_SECTION, ANALYSIS.key, owner, session_id, "s1")
        return message_of(self._queueing.dispatcher.accept(request)[0])

    def publish(self, prepared: TaskMessage | None) -> str:
        assert prepared is not None
        self._publisher.send(prepared)
        return prepared.task_id


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--recovery", action="store_true", help="only the killed worker: some 80 s")
    options = parser.parse_args()
    with made_rig() as rig:
        os.environ.update(rig.cloud.environ)
        if options.recovery:
            report("queueing_recovery", _recovery(rig))
        else:
            report("queueing", _latency(rig, rounds=options.rounds))


def _latency(rig: Rig, *, rounds: int) -> list[dict[str, object]]:
    space, processes = rig.cloud, rig.processes
    sqs = space.client("sqs")
    for name in ("stock-analysis", "stock-chat", "stock-monitoring"):
        url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]
    starts_file = rig.directory / "starts"
    starts_file.touch()
    os.environ["STARTS_FILE"] = str(starts_file)
    os.environ["STOCK_QUEUES"] = url.replace("stock-monitoring", "{name}")
    environ = {**space.environ, **PRODUCTION, "STARTS_FILE": str(starts_file)}
    stock_environ = {**environ, "STOCK_QUEUES": os.environ["STOCK_QUEUES"]}
    for app, variables in (("queueing_stock", stock_environ), ("queueing_worker", environ)):
        command = [sys.executable, "-m", "celery", "--app", f"benchmarks.{app}", "worker", "-l", "INFO"]
        size = ["-c", str(CHILDREN)] if app == "queueing_stock" else []
        worker = processes.start(app, [*command, *size], environ=variables)
        processes.wait(worker, lambda worker=worker: " ready." in worker.output(), timeout_s=START_S)
    senders: dict[str, Sender] = {"stock Celery": Stock(), "AI-Prism": Own(space)}
    published: dict[str, dict[str, float]] = {who: {} for who in senders}
    for number in range(rounds + 1):
        for who, send in senders.items():
            sent = _round(send)
            wait_until(lambda sent=sent: sent.keys() <= _starts(starts_file).keys(), timeout_s=120)
            if number > 0:
                # The first round fills pools and connections.
                published[who] |= sent
    return _rows(published, _starts(starts_file))


def _round(send: Sender) -> dict[str, float]:
    published = {}
    for prepared in [send.prepare() for _ in range(MESSAGES)]:
        time.sleep(random.expovariate(1 / GAP_S))
        at = time.time()
        published[send.publish(prepared)] = at
    return published


def _starts(file: Path) -> Starts:
    lines = [line.split() for line in file.read_text().splitlines()]
    return {line[0]: (float(line[1]), float(line[2])) for line in lines if len(line) == 3}


def _rows(published: dict[str, dict[str, float]], starts: Starts) -> list[dict[str, object]]:
    stages = [("stock Celery", "task code", 0), ("AI-Prism", "task code", 0), ("AI-Prism", "work", 1)]
    rows: list[dict[str, object]] = []
    for who, stage, index in stages:
        waits = sorted((starts[task][index] - at) * 1000 for task, at in published[who].items())
        p50, p95 = statistics.median(waits), waits[int(len(waits) * 0.95)]
        first = rows[0] if rows else {"p50_ms": p50, "p95_ms": p95}
        met = p50 <= float(str(first["p50_ms"])) and p95 <= float(str(first["p95_ms"]))
        rows.append(
            {
                "who": who,
                "until": stage,
                "messages": len(waits),
                "p50_ms": p50,
                "p95_ms": p95,
                "p50_ratio": p50 / float(str(first["p50_ms"])),
                "p95_ratio": p95 / float(str(first["p95_ms"])),
                "verdict": ("met" if met else "short") if rows else "compared with",
            }
        )
    return rows


def _recovery(rig: Rig) -> list[dict[str, object]]:
    """Eight running tasks, the queues' own visibility an hour, the product's own times."""
    bench = make_bench(rig.cloud, rig.processes)
    attributes = rig.cloud.client("sqs").get_queue_attributes(
        QueueUrl=rig.cloud.queue_url("analysis"), AttributeNames=["VisibilityTimeout"]
    )["Attributes"]
    bench.script(**{f"s{number}": "hold" for number in range(1, CHILDREN + 1)})
    first = bench.worker(**PRODUCTION)
    task_ids = bench.submit(*[f"s{number}" for number in range(1, CHILDREN + 1)])
    wait_until(lambda: all(bench.marks("call", task_id) for task_id in task_ids), timeout_s=60)
    # Killed where it takes longest: right after messages were hidden anew and the record was renewed.
    time.sleep(random.uniform(0, 20))
    first.kill()
    killed_at = time.monotonic()
    bench.worker(**PRODUCTION)
    again: dict[str, float] = {}

    def all_again() -> bool:
        for task_id in task_ids:
            if task_id not in again and bench.marks("call", task_id) >= 2:
                again[task_id] = time.monotonic() - killed_at
        return len(again) == len(task_ids)

    wait_until(all_again, timeout_s=180, every_s=0.2)
    waits = sorted(again.values())
    build_store(rig.cloud.settings).create(f"go/{bench.session_id}", b"yes")
    records = [bench.ended(task_id, timeout_s=120) for task_id in task_ids]
    wait_until(lambda: rig.cloud.queue_depth("analysis") == 0, timeout_s=120)
    return [
        {
            "queue_visibility_s": int(attributes["VisibilityTimeout"]),
            "tasks": len(waits),
            "first_s": waits[0],
            "median_s": statistics.median(waits),
            "last_s": waits[-1],
            "bar_s": RECOVERY_BAR_S,
            "not_finished": sum(record.status is not TaskStatus.SUCCESS for record in records),
            "asked_again": sum(bench.marks("call", task_id) > 2 for task_id in task_ids),
            "verdict": "met" if waits[-1] <= RECOVERY_BAR_S else "short",
        }
    ]


if __name__ == "__main__":
    main()
