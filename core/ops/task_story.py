"""`tasks show`: the story of one task, in the order in which it happened."""

import argparse
import sys
from typing import Any

from core.clock import epoch
from core.config import Settings
from core.operations.formatting import age, moment
from core.operations.task_story import stories_of, story_body
from core.ops.exit_codes import ExitCode
from core.ops.printing import print_json
from core.queueing.keys import is_uuid
from core.queueing.results import STATUS_WORDS, TaskStatus
from core.queueing.service import Queueing

_UNKNOWN = 2


def show_task(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: it failed. 2: there is no such task."""
    story = stories_of(queueing).get(options.task) if is_uuid(options.task) else None
    if story is None:
        print("There is no task of this id; its review may have been deleted.", file=sys.stderr)
        return _UNKNOWN
    body = story_body(story)
    if options.json:
        print_json(body)
    else:
        _for_people(body)
    return ExitCode.ATTENTION if story.record.status is TaskStatus.FAILURE else ExitCode.DONE


def _for_people(body: dict[str, Any]) -> None:
    print(f"{body['task']} {body['task_id']}: {body['status']}")
    about = f"review {body['session_id']}, section {body['section_id'] or '-'}, queue {body['queue']}"
    print(f"{about}, generation {body['generation']}\n")
    for outcome in body["history"]:
        code = (outcome.get("error") or {}).get("code", "")
        words = STATUS_WORDS[TaskStatus(outcome["status"])]
        _line(outcome.get("ended_at"), f"{words} in generation {outcome['generation']} {code}".rstrip())
    again = f" again: dlq report {body['replay']}" if body["replay"] else " again" if body["history"] else ""
    _line(body["accepted_at"], f"accepted{again}")
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
    call = f"run {attempt['generation']}, call {attempt['number']} of {attempt['model_id']}: {attempt['outcome']}"
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
