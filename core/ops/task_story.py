"""`tasks show`: the story of one task, in the order in which it happened."""

import argparse
import sys
from typing import Any

from core.clock import epoch
from core.config import Settings
from core.ops.exit_codes import ExitCode
from core.ops.printing import age, moment, print_json
from core.queueing.attempts import Attempt
from core.queueing.keys import is_uuid
from core.queueing.results import TaskRecord, TaskStatus
from core.queueing.service import Queueing
from core.queueing.story import Stories, TaskStory
from core.review.overview import STATUS_WORDS

_UNKNOWN = 2


def show_task(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: it failed. 2: there is no such task."""
    stories = Stories(
        queueing.store, queueing.results, queueing.outbox, queueing.workers, queueing.dead_letters
    )
    story = stories.tell(options.task) if is_uuid(options.task) else None
    if story is None:
        print("There is no task of this id; its review may have been deleted.", file=sys.stderr)
        return _UNKNOWN
    body = _body(story)
    if options.json:
        print_json(body)
    else:
        _for_people(body)
    return ExitCode.ATTENTION if story.record.status is TaskStatus.FAILURE else ExitCode.DONE


def _body(story: TaskStory) -> dict[str, Any]:
    record, entry, result = story.record, story.entry, story.record.result or {}
    return {
        "task_id": record.task_id,
        "task": record.task,
        "queue": record.queue,
        "session_id": record.session_id,
        "section_id": record.section_id,
        "correlation_id": record.correlation_id,
        "generation": record.generation,
        "state": record.status.value,
        "status": STATUS_WORDS[record.status],
        "accepted_at": record.accepted_at,
        "released_at": entry.claimed_at if entry else None,
        "sent_at": entry.sent_at if entry else None,
        "started_at": record.started_at,
        "worker": _worker(story),
        "waiting_for": record.waiting_for,
        "not_before": record.not_before,
        "ended_at": record.ended_at,
        "starts": record.starts,
        "retries": record.retries,
        "attempts": [_attempt(generation, attempt) for generation, attempt in story.attempts],
        "result": _result(record),
        "usage": result.get("usage"),
        "cost_usd": result.get("cost_usd"),
        "error": record.error,
        "dead_lettered_at": record.dead_lettered_at,
        "dead_letters": [letter.key for letter in story.dead_letters],
        "history": record.history,
    }


def _worker(story: TaskStory) -> dict[str, Any] | None:
    """Host and pid only while the worker's record is kept."""
    if story.record.worker_id is None:
        return None
    known = story.worker
    return {
        "worker_id": story.record.worker_id,
        "host": known.host if known else None,
        "pid": known.pid if known else None,
        "taken_at": story.record.taken_at,
    }


def _attempt(generation: int, attempt: Attempt) -> dict[str, Any]:
    """Never the answer's text: it is made of somebody's document."""
    answer = attempt.answer or {}
    outcome = "answered" if attempt.answer is not None else attempt.failure or "no answer known"
    return {
        "generation": generation,
        "number": attempt.number,
        "model_id": attempt.model_id,
        "claimed_at": attempt.claimed_at,
        "ended_at": attempt.ended_at,
        "worker_id": attempt.holder.worker_id,
        "outcome": outcome,
        "quota_tokens": answer.get("quota_tokens"),
        "cost_usd": answer.get("cost_usd"),
    }


def _result(record: TaskRecord) -> dict[str, Any] | None:
    if record.result is None:
        return None
    names = ("model_used", "model_id", "brain", "cached", "tried", "fallback_reason", "timings")
    found = {name: record.result[name] for name in names if name in record.result}
    return {"findings": len(record.result.get("feedback", [])), **found}


def _for_people(body: dict[str, Any]) -> None:
    print(f"{body['task']} {body['task_id']}: {body['status']}")
    about = f"review {body['session_id']}, section {body['section_id'] or '-'}, queue {body['queue']}"
    print(f"{about}, generation {body['generation']}\n")
    for outcome in body["history"]:
        code = (outcome.get("error") or {}).get("code", "")
        words = STATUS_WORDS[TaskStatus(outcome["status"])]
        _line(outcome.get("ended_at"), f"{words} in generation {outcome['generation']} {code}".rstrip())
    _line(body["accepted_at"], "accepted" + (" again" if body["history"] else ""))
    _line(body["released_at"], "released")
    _line(body["sent_at"], "sent")
    _line(body["started_at"], "first started")
    _taken(body)
    for attempt in body["attempts"]:
        _line(attempt["claimed_at"], _attempt_words(attempt))
    if body["waiting_for"]:
        _line(body["not_before"], f"waits until then for {body['waiting_for']}")
    _line(body["ended_at"], _end_words(body))
    _line(body["dead_lettered_at"], "put into the dead letters")


def _taken(body: dict[str, Any]) -> None:
    worker = body["worker"]
    if worker:
        where = f" on {worker['host']}, pid {worker['pid']}" if worker["host"] else ""
        crashes = f", start {body['starts']}" if body["starts"] > 1 else ""
        _line(worker["taken_at"], f"taken by worker {worker['worker_id'][:8]}{where}{crashes}")


def _attempt_words(attempt: dict[str, Any]) -> str:
    call = f"call {attempt['generation']}/{attempt['number']} of {attempt['model_id']}: {attempt['outcome']}"
    if attempt["ended_at"]:
        call += f" after {age(epoch(attempt['ended_at']) - epoch(attempt['claimed_at']))}"
    if attempt["quota_tokens"] is not None:
        call += f", {attempt['quota_tokens']} quota tokens, ${attempt['cost_usd']:.4f}"
    return call


def _end_words(body: dict[str, Any]) -> str:
    result, error = body["result"], body["error"]
    if result:
        source = "stored answer of " if result.get("cached") else ""
        who = f", {source}{result['model_used']}" if result.get("model_used") else ""
        cost = f", ${body['cost_usd']:.4f}" if body["cost_usd"] is not None else ""
        return f"completed: {result['findings']} findings{who}{cost}"
    return f"{body['status']}: {error['code']}: {error['detail']}" if error else body["status"]


def _line(at: str | None, words: str) -> None:
    if at:
        print(f"  {moment(at)}  {words}")
