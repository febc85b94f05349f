"""The console's first page as JSON, made of the parts that could be read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.clock import epoch, iso
from core.operations.faults import damaged_days, fault_body, fault_words, split_faults
from core.operations.queues import QueueState
from core.operations.workers import WorkerState, queues_without_worker
from core.queueing.results import STATUS_WORDS
from core.queueing.task_index import TaskEntry
from core.queueing.topology import queue_name
from core.statistics.figures import by_day, calls_by_model
from core.statistics.health import OLDEST_AGE_S, Condition, Health, sign
from core.throttling.limits import Limits
from core.throttling.status import LimiterStatus, ModelState

PARTS = ("queues", "workers", "dead letters", "limiter", "cost", "counts", "tasks", "health")
_CALLABLE = (ModelState.READY, ModelState.HALF_OPEN)


def overview_body(
    read: Mapping[str, Any], *, limits: Limits, queue_prefix: str, now: float
) -> dict[str, Any]:
    """The body of GET /ops/api/overview. read: part -> its value, or the AppError of reading it.

    Times are ISO UTC and not ages, so that it changes only when the system does.
    """
    known, faults = split_faults(read)
    known = {part: known.get(part) for part in PARTS}
    workers: list[WorkerState] | None = known["workers"]
    queues: list[QueueState] = known["queues"] or []
    faults += [fault_body(f"queue {one.queue} in SQS", one.fault) for one in queues if one.fault]
    faults += [] if known["counts"] is None else damaged_days(known["counts"])
    body = {
        "queues": None if known["queues"] is None else _queues(known, limits, queue_prefix),
        "workers": None if workers is None else [_worker_body(worker) for worker in workers],
        "queues_without_worker": [] if workers is None else queues_without_worker(workers),
        "limiter": None if known["limiter"] is None else _limiter(known, limits),
        "cost": known["cost"],
        "week": None if known["counts"] is None else by_day(known["counts"].days),
        "tasks": None if known["tasks"] is None else [task_body(entry) for entry in known["tasks"].entries],
        "health": None if known["health"] is None else _health_body(known["health"]),
        "faults": faults,
        "reading": [part for part in PARTS if part not in read],
    }
    return {"at": iso(now), "warnings": _warnings(body, now=now), **body}


def task_body(entry: TaskEntry) -> dict[str, Any]:
    return {**asdict(entry), "state": entry.state.value, "status": STATUS_WORDS[entry.state]}


def _queues(known: Mapping[str, Any], limits: Limits, queue_prefix: str) -> list[dict[str, Any]]:
    letters: Counter[str] | None = known["dead letters"]
    started = known["limiter"].queues if known["limiter"] else {}
    return [
        {
            "queue": state.queue,
            "name": queue_name(queue_prefix, state.queue),
            "health": sign("queue-depth", state.not_begun).condition.value,
            "unreleased": state.unreleased,
            "waiting": None if state.depth is None else state.depth.waiting + state.depth.delayed,
            "in_flight": None if state.depth is None else state.depth.in_flight,
            "users": state.users,
            "oldest_at": state.oldest_at,
            "oldest_task": state.oldest_task,
            "started": started.get(state.queue),
            "rate": limits.queue_rates.get(state.queue),
            "dead_letters": None if letters is None else letters[state.queue],
        }
        for state in known["queues"]
    ]


def _limiter(known: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """With today's calls per model, and how many were answered."""
    status: LimiterStatus = known["limiter"]
    most = {"requests": limits.requests, "tokens": limits.tokens, "slots": limits.concurrent}
    body = status.to_dict()
    today = {} if known["counts"] is None else calls_by_model(known["counts"].today)
    models = [{**model, "today": today.get(model["model_id"])} for model in body["models"]]
    return {**body, "models": models, "window_s": limits.window_s, "limits": most}


def _health_body(health: Health) -> dict[str, Any]:
    """What monitoring judged, without values: the age of its last look would change each second."""
    wrong = [one for one in health.signs if one.condition in (Condition.BUSY, Condition.UNHEALTHY)]
    return {
        "condition": health.condition.value,
        "signs": [
            {"name": one.name, "of": one.of, "condition": one.condition.value, "bounds": one.bounds}
            for one in wrong
        ],
    }


def _worker_body(state: WorkerState) -> dict[str, Any]:
    worker = state.worker
    return {
        "worker_id": worker.worker_id,
        "host": worker.host,
        "pid": worker.pid,
        "queues": list(worker.queues),
        "version": worker.version,
        "since": worker.started_at,
        "seen_at": worker.at,
        "alive": state.alive,
        "holds": [asdict(held) for held in state.holds],
    }


def _warnings(body: dict[str, Any], *, now: float) -> list[str]:
    """Sentences about what needs an operator first."""
    found = [fault_words(fault) for fault in body["faults"]]
    for queue in body["queues"] or ():
        if queue["oldest_at"] and now - epoch(queue["oldest_at"]) > OLDEST_AGE_S[queue["queue"]]:
            found.append(f"The oldest task of {queue['queue']} has waited longer than it should.")
    if body["queues_without_worker"]:
        found.append(f"Nobody works on {', '.join(body['queues_without_worker'])}.")
    if silent := sum(not worker["alive"] for worker in body["workers"] or ()):
        found.append(f"{silent} worker{'s' if silent > 1 else ''} fell silent within the last hour.")
    if body["limiter"] and not any(one["state"] in _CALLABLE for one in body["limiter"]["models"]):
        found.append("No model can be called just now.")
    return found
