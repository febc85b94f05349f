"""`dlq show`: one letter whole: its error, the envelope decoded or raw, its task's history, what was done with it."""

import argparse
from dataclasses import asdict
from typing import Any

from core.aws.object_store import get_json
from core.config import Settings
from core.ops.dead_letters import age, summary
from core.ops.exit_codes import ExitCode
from core.ops.printing import counted, print_json, printable
from core.queueing.keys import attempt_prefix
from core.queueing.letter import DeadLetter, Verdict
from core.queueing.letter_search import LetterFilter, matching
from core.queueing.message import UnreadableMessage, open_envelope
from core.queueing.results import TaskRecord
from core.queueing.service import Queueing
from core.queueing.topology import dead_letter_name

_ATTEMPT = ("number", "model_id", "claimed_at", "ended_at", "failure")
"""Of a model call; not the answer: that is text of somebody's review."""


def show_dead_letter(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    letters = queueing.dead_letters
    open_ones = list(matching(letters, LetterFilter(task_ids=(options.id,))))
    archived = letters.archived_of(options.id)
    if not open_ones and not archived:
        return no_such_letter(options)
    stories = [_story(letter, None, queueing=queueing) for letter in open_ones]
    stories += [_story(letter, verdict, queueing=queueing) for letter, verdict in reversed(archived)]
    record = queueing.results.get(options.id)
    document = {"letters": stories, "task": None if record is None else _task(record)}
    if options.json:
        print_json(document)
    else:
        letters_shown = open_ones + [letter for letter, _verdict in reversed(archived)]
        _for_people(document, letters_shown, now=queueing.clock.now())
    return ExitCode.DONE


def no_such_letter(options: argparse.Namespace) -> ExitCode:
    why = f"There is no dead letter {options.id}: dlq list has their ids."
    if options.json:
        print_json({"letters": [], "why": why})
    else:
        print(why)
    return ExitCode.NOTHING_MATCHED


def _story(letter: DeadLetter, verdict: Verdict | None, *, queueing: Queueing) -> dict[str, Any]:
    return {
        **summary(letter, now=queueing.clock.now()),
        "where": _in_index(letter) if verdict is None else "in the archive",
        "verdict": None if verdict is None else asdict(verdict),
        "model_calls": _model_calls(letter, queueing),
        "trace": letter.trace,
        "envelope": _envelope(letter.body),
        "raw": letter.body,
    }


def _in_index(letter: DeadLetter) -> str:
    return f"in the index, its message in {dead_letter_name('', letter.queue)}"


def _model_calls(letter: DeadLetter, queueing: Queueing) -> list[dict[str, Any]]:
    if not letter.is_task:
        return []
    keys = [info.key for info in queueing.store.list(attempt_prefix(letter.task_id, letter.generation))]
    found = (get_json(queueing.store, key) for key in keys)
    calls = [{name: call.get(name) for name in _ATTEMPT} for call in found if call]
    return sorted(calls, key=lambda call: int(call["number"]))


def _envelope(body: str) -> dict[str, Any] | None:
    try:
        envelope = open_envelope(body)
    except UnreadableMessage:
        return None
    return {"headers": envelope.headers, "payload": envelope.payload}


def _task(record: TaskRecord) -> dict[str, Any]:
    names = ("generation", "status", "accepted_at", "started_at", "ended_at", "attempts", "error", "history")
    return {name: getattr(record, name) for name in names}


def _for_people(document: dict[str, Any], letters: list[DeadLetter], *, now: float) -> None:
    for letter, story in zip(letters, document["letters"], strict=True):
        calls = [f"{call['model_id']} ({call['failure'] or 'answered'})" for call in story["model_calls"]]
        lines = {
            "letter": f"{letter.task_id}, generation {letter.generation}",
            "error": f"{letter.code}: {letter.detail}",
            "failed": f"{letter.ended_at}, {age(letter, now=now)} ago, moved by {letter.moved_by}",
            "queue": f"{letter.queue}, {letter.task or 'no task of AI-Prism: never run'}",
            "review": f"{letter.session_id or '-'} {letter.section_id}",
            "tries": ", ".join(
                (
                    counted(letter.starts, "start"),
                    counted(letter.retries, "retry", several="retries"),
                    counted(letter.attempts, "model call"),
                )
            ),
            "models": ", ".join(calls) or "-",
            "logs": f"correlation id {letter.correlation_id or '-'}",
            "where": story["where"],
        }
        for name, text in lines.items():
            print(f"{name:<8} {printable(text)}")
        for number, place in enumerate(letter.trace):
            print(f"{'' if number else 'trace':<8} {printable(place)}")
        if story["verdict"] is not None:
            print_json({"verdict": story["verdict"]})
        print_json({"envelope": story["envelope"]} if story["envelope"] else {"raw": story["raw"]})
    print_json({"task": document["task"]})
