"""`dlq replay`, `report`, `delete`, `purge`: what changes something, said before it is done and audited."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from core.config import Settings
from core.ops.dead_letter_options import choice_of, in_words, is_dry_run, operator_of, reason_of
from core.ops.dead_letters import summary
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.printing import counted, print_json, print_table
from core.queueing.letter import DeadLetter, Fate
from core.queueing.letter_search import LetterFilter, matching
from core.queueing.replay import Replayed, ReplayRun
from core.queueing.replay_report import ReplayOutcome, counted_outcomes, outcomes
from core.queueing.service import Queueing


def replay(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    if options.run:
        return _carry_out(options, queueing.replays.read(options.run), queueing)
    wanted = choice_of(options, now=queueing.clock.now())
    letters = list(matching(queueing.dead_letters, wanted))
    tasks = [letter for letter in letters if letter.is_task]
    if not tasks:
        return _nothing(options, letters)
    if foreign := len(letters) - len(tasks):
        print(f"{counted(foreign, 'letter')} left out: no task of AI-Prism, never run.", file=sys.stderr)
    if is_dry_run(options):
        return _dry_run(
            options, tasks, "replay", now=queueing.clock.now(), pace=_pace(options, tasks, queueing)
        )
    run = queueing.replays.prepare(
        tasks,
        operator=operator_of(options),
        reason=options.reason,
        per_minute=options.per_minute,
        about=in_words(wanted),
    )
    print(_pace(options, tasks, queueing), file=sys.stderr)
    print(f"Interrupted, it goes on with: dlq replay --run {run.run_id}", file=sys.stderr)
    return _carry_out(options, run, queueing)


def report(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    run = queueing.replays.read(options.run)
    found = outcomes(run, queueing.results)
    counts = counted_outcomes(found)
    if options.json:
        items = [
            {"task_id": item.name.task_id, "generation": item.generation + 1, "outcome": outcome}
            for item, outcome in found
        ]
        head = {"run_id": run.run_id, "operator": run.operator, "reason": run.reason, "at": run.at}
        print_json({**head, "selected": len(found), "counts": counts, "items": items})
    else:
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        print(f"{len(found)} selected by {run.operator} at {run.at}: {told or 'nothing'}.")
    well = {ReplayOutcome.SUCCEEDED, ReplayOutcome.CANCELLED}
    return ExitCode.DONE if set(counts) <= well else ExitCode.ATTENTION


def delete(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    reason = reason_of(options)
    wanted = choice_of(options, now=queueing.clock.now())
    letters = list(matching(queueing.dead_letters, wanted))
    if not letters:
        return _nothing(options, letters)
    if is_dry_run(options):
        return _dry_run(options, letters, "delete", now=queueing.clock.now())
    removed = queueing.letter_removal.remove(
        letters, fate=Fate.DELETED, operator=operator_of(options), reason=reason, about=in_words(wanted)
    )
    return _removed(options, letters, removed=removed)


def purge(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    reason, queue = reason_of(options), options.queue
    # What only SQS knows goes into the index, or it could not be archived.
    queueing.moved.settle(queue)
    letters = list(matching(queueing.dead_letters, LetterFilter(queue=queue)))
    if not letters:
        return _nothing(options, letters)
    if (options.confirm or _typed(queue, len(letters))) != queue:
        raise WrongUsage(f"Nothing was purged: confirm by the name of the queue: --confirm {queue}")
    removed = queueing.letter_removal.remove(
        letters, fate=Fate.PURGED, operator=operator_of(options), reason=reason, about={"queue": queue}
    )
    return _removed(options, letters, removed=removed)


def _carry_out(options: argparse.Namespace, run: ReplayRun, queueing: Queueing) -> int:
    counts = queueing.replays.carry_out(run)
    told = {outcome.value: counts[outcome] for outcome in Replayed if counts[outcome]}
    if options.json:
        print_json({"dry_run": False, "run_id": run.run_id, "selected": len(run.items), "outcome": told})
    else:
        words = [f"{counts[outcome]} {_WORDS[outcome]}" for outcome in Replayed if counts[outcome]]
        print("; ".join(words) + ".")
        print(f"What becomes of them: dlq report {run.run_id}")
    return _code(counts)


def _code(counts: Counter[Replayed]) -> ExitCode:
    if counts[Replayed.GONE] or counts[Replayed.FROZEN]:
        return ExitCode.ATTENTION
    return ExitCode.DONE if counts[Replayed.REPLAYED] or counts[Replayed.REMOVED] else ExitCode.TAKEN


def _pace(options: argparse.Namespace, letters: Sequence[DeadLetter], queueing: Queueing) -> str:
    by_queue = Counter(letter.queue for letter in letters)
    rates = {queue: options.per_minute or queueing.replays.rates[queue] for queue in by_queue}
    minutes = sum((count - 1) / rates[queue] for queue, count in by_queue.items())
    each = ", ".join(f"{rates[queue]:g} a minute in {queue}" for queue in by_queue)
    return f"At {each}: about {minutes:.0f} min." if minutes >= 1 else f"At {each}: less than a minute."


def _dry_run(
    options: argparse.Namespace, letters: Sequence[DeadLetter], verb: str, *, now: float, pace: str = ""
) -> int:
    if options.json:
        print_json(
            {
                "dry_run": True,
                "selected": len(letters),
                "letters": [summary(each, now=now) for each in letters],
            }
        )
        return ExitCode.DONE
    rows = [
        (letter.queue, letter.task_id, letter.session_id or "-", letter.section_id or "-", letter.code)
        for letter in letters
    ]
    print_table(("queue", "task", "session", "section", "error"), rows)
    print(f"\nDry run: this would {verb} {counted(len(letters), 'dead letter')}. {pace}".rstrip())
    print("To do it, add --execute.")
    return ExitCode.DONE


def _nothing(options: argparse.Namespace, letters: Sequence[DeadLetter]) -> int:
    """letters: what fits and cannot be replayed."""
    why = "No dead letter fits."
    if letters:
        why = f"{counted(len(letters), 'letter')} found, none of them a task of AI-Prism: they are never run."
    if options.json:
        print_json({"selected": 0, "why": why})
    else:
        print(why)
    return ExitCode.NOTHING_MATCHED


def _removed(options: argparse.Namespace, letters: Sequence[DeadLetter], *, removed: int) -> int:
    if options.json:
        print_json({"dry_run": False, "selected": len(letters), "removed": removed})
    else:
        print(f"{counted(removed, 'dead letter')} archived and removed; dlq show still finds each by its id.")
    return ExitCode.DONE if removed else ExitCode.TAKEN


def _typed(queue: str, number: int) -> str:
    if not sys.stdin.isatty():
        return ""
    return input(f"This removes {counted(number, 'dead letter')} of {queue}. Type {queue} to go on: ").strip()


_WORDS = {
    Replayed.REPLAYED: "replayed",
    Replayed.TAKEN: "had been run again already, by another operator or their user",
    Replayed.GONE: "without a failed task any more: dlq delete removes them",
    Replayed.REMOVED: "deleted since then, with their reviews or by an operator: nothing is left to do",
    Replayed.FROZEN: "left alone, their review is signed off: dlq delete removes them",
}
