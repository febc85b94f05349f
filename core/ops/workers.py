"""`workers`: which workers are alive, what each of them runs, and since when."""

import argparse
from typing import Any

from core.clock import SystemClock, epoch
from core.config import Settings
from core.operations.formatting import age, moment
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode
from core.ops.printing import counted, print_json, print_table
from core.queueing.results import TaskRecord
from core.queueing.service import Queueing
from core.queueing.topology import QUEUES
from core.queueing.workers import HeldDelivery, WorkerRecord

_WORKERS = ("worker", "host", "pid", "queues", "version", "since (UTC)", "last sign", "runs", "state")
_RUNNING = ("worker", "task", "queue", "session", "section", "running for")


def add_to(parser: argparse.ArgumentParser, register: Register) -> None:
    register(parser, show_workers)


def show_workers(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: a queue has no living worker, or a worker fell silent without signing off."""
    now = SystemClock().now()
    workers = [_worker(record, queueing) for record in queueing.workers.all()]
    consumed = {queue for worker in workers if worker["alive"] for queue in worker["queues"]}
    without = [spec.key for spec in QUEUES if spec.key not in consumed]
    if options.json:
        print_json({"workers": workers, "queues_without_worker": without})
    else:
        _for_people(workers, without, now=now)
    return ExitCode.ATTENTION if without or not all(worker["alive"] for worker in workers) else ExitCode.DONE


def _worker(record: WorkerRecord, queueing: Queueing) -> dict[str, Any]:
    known = queueing.results.get_many(held.task_id for held in record.held)
    return {
        "worker_id": record.worker_id,
        "host": record.host,
        "pid": record.pid,
        "queues": list(record.queues),
        "version": record.version,
        "since": record.started_at,
        "seen_at": record.at,
        "alive": queueing.workers.is_fresh(record),
        "holds": [_held(held, known.get(held.task_id)) for held in record.held],
    }


def _held(held: HeldDelivery, task: TaskRecord | None) -> dict[str, Any]:
    """A row for a task that a worker holds; periodic ones have no record."""
    return {
        "task_id": held.task_id,
        "running_since": held.running_since,
        "queue": task.queue if task else "monitoring",
        "session_id": task.session_id if task else None,
        "section_id": task.section_id if task else None,
    }


def _for_people(workers: list[dict[str, Any]], without: list[str], *, now: float) -> None:
    if workers:
        print_table(_WORKERS, [_row(worker, now) for worker in workers])
    running = [(worker, held) for worker in workers if worker["alive"] for held in worker["holds"]]
    if running:
        print()
        print_table(_RUNNING, [_running_row(worker, held, now=now) for worker, held in running])
    living = sum(worker["alive"] for worker in workers)
    print(f"{chr(10) if workers else ''}{counted(living, 'worker')} at work.")
    if without:
        print(f"Nobody works on {', '.join(without)}: what is accepted there waits until a worker starts.")
    if living < len(workers):
        print("Silent: killed or cut off. The tasks it ran start again with another worker by themselves.")


def _row(worker: dict[str, Any], now: float) -> tuple[object, ...]:
    return (
        worker["worker_id"][:8],
        worker["host"],
        worker["pid"],
        ",".join(worker["queues"]),
        worker["version"],
        moment(worker["since"]),
        f"{age(now - epoch(worker['seen_at']))} ago",
        sum(1 for held in worker["holds"] if held["running_since"]),
        "at work" if worker["alive"] else "silent",
    )


def _running_row(worker: dict[str, Any], held: dict[str, Any], *, now: float) -> tuple[object, ...]:
    since = held["running_since"]
    return (
        worker["worker_id"][:8],
        held["task_id"],
        held["queue"],
        held["session_id"] or "-",
        held["section_id"] or "-",
        age(now - epoch(since)) if since else "about to start",
    )
