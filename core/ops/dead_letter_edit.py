"""`dlq replay ID --edit section_id=s4`: one letter, about another section."""

import argparse
from typing import Any

from core.bootstrap.parts import build_letter_editing
from core.config import Settings
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.operator_reason import operator_and_reason
from core.ops.printing import print_json
from core.queueing.editing import arguments, edited
from core.queueing.letter_search import LetterFilter, StoredLetters, matching
from core.queueing.results import STATUS_WORDS, TaskRecord
from core.queueing.service import Queueing


def edit(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Raises WrongUsage where there is no such letter."""
    if len(options.ids) != 1 or options.run:
        raise WrongUsage(
            "--edit is for one letter: name its id, and what is to be another, as section_id=s4."
        )
    found = list(matching(StoredLetters(queueing.dead_letters), LetterFilter(task_ids=tuple(options.ids))))
    if not found:
        raise WrongUsage(f"There is no dead letter {options.ids[0]}: dlq list has their ids.")
    letter, changes = found[0], dict(options.edit)
    before, after = arguments(letter), edited(letter, changes)
    record = None
    if not options.dry_run:
        editing = build_letter_editing(settings, queueing)
        record = editing.edit(letter, changes, **operator_and_reason(options))
        done = [(letter.queue, letter.task_id, letter.generation)]
        queueing.dead_letters.delete_messages(done, clock=queueing.clock)
    if options.json:
        print_json(_body(before, after, record))
    else:
        _for_people(before, after, record)
    return ExitCode.DONE


def _body(before: dict[str, str], after: dict[str, str], record: TaskRecord | None) -> dict[str, Any]:
    known = {"dry_run": record is None, "before": before, "after": after}
    asked = {"task_id": record.task_id, "status": STATUS_WORDS[record.status]} if record else {}
    return {**known, **asked}


def _for_people(before: dict[str, str], after: dict[str, str], record: TaskRecord | None) -> None:
    for name, value in after.items():
        print(f"{name:<10} {value}" + ("" if before[name] == value else f"   (was {before[name]})"))
    if record is None:
        print("Dry run: nothing was asked for.")
    else:
        print(f"Asked for as task {record.task_id}: {STATUS_WORDS[record.status]}.")
