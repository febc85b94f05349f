"""`dlq show`: one letter whole: its error, the envelope decoded or raw, its task's history, what was done with it."""

import argparse
from typing import Any

from core.clock import epoch
from core.config import Settings
from core.operations.formatting import age
from core.operations.letter_story import letter_body, task_body
from core.ops.exit_codes import ExitCode
from core.ops.printing import counted, print_json, printable
from core.queueing.letter import DeadLetter
from core.queueing.letter_search import LetterFilter, StoredLetters, matching
from core.queueing.service import Queueing


def show_dead_letter(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    letters = queueing.dead_letters
    open_ones = list(matching(StoredLetters(letters), LetterFilter(task_ids=(options.id,))))
    archived = letters.archived_of(options.id)
    if not open_ones and not archived:
        return no_such_letter(options)
    stories = [letter_body(letter, None, queueing=queueing) for letter in open_ones]
    stories += [letter_body(letter, verdict, queueing=queueing) for letter, verdict in reversed(archived)]
    record = queueing.results.get(options.id)
    document = {"letters": stories, "task": None if record is None else task_body(record)}
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


def _for_people(document: dict[str, Any], letters: list[DeadLetter], *, now: float) -> None:
    for letter, story in zip(letters, document["letters"], strict=True):
        calls = [f"{call['model_id']} ({call['failure'] or 'answered'})" for call in story["model_calls"]]
        lines = {
            "letter": f"{letter.task_id}, generation {letter.generation}",
            "error": f"{letter.code}: {letter.detail}",
            "failed": f"{letter.ended_at}, {age(now - epoch(letter.ended_at))} ago, moved by {letter.moved_by}",
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
