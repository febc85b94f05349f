"""`dlq replay`, `delete`, `restore`, `purge`: what would change is shown first; what changes is audited."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from core.config import Settings
from core.operations.letters import filter_in_words, summary
from core.operations.restoring import restorable
from core.ops.dead_letter_options import choice_of, is_dry_run
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.operator_reason import operator_and_optional_reason, operator_and_reason
from core.ops.printing import counted, print_json, print_table
from core.queueing.letter import DeadLetter, Fate
from core.queueing.letter_run import ItemOutcome, LetterRun, Progress
from core.queueing.letter_search import LetterFilter, StoredLetters, matching
from core.queueing.service import Queueing


def replay(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    if options.edit:
        # Imported here: what submits a review takes longer to import than any other dlq command takes in all.
        from core.ops.dead_letter_edit import edit

        return edit(options, settings, queueing)
    if options.run:
        return _carry_out(options, _confirmed(options.run, queueing), queueing)
    wanted = choice_of(options, now=queueing.clock.now())
    letters = _chosen(wanted, queueing)
    tasks = [letter for letter in letters if letter.is_task]
    if not tasks:
        return _nothing(options, letters)
    if foreign := len(letters) - len(tasks):
        print(f"{counted(foreign, 'letter')} left out: no task of AI-Prism, never run.", file=sys.stderr)
    pace = _pace(options, tasks, queueing)
    if is_dry_run(options):
        return _dry_run(options, tasks, "replay", now=queueing.clock.now(), pace=pace)
    by, about = operator_and_optional_reason(options), filter_in_words(wanted)
    run = queueing.letter_runs.prepare(tasks, **by, per_minute=options.per_minute, about=about)
    print(pace, file=sys.stderr)
    print(
        f"Should this terminal go, the sweep carries it on; dlq stop {run.run_id} ends it.", file=sys.stderr
    )
    return _carry_out(options, run, queueing)


def delete(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    wanted = choice_of(options, now=queueing.clock.now())
    letters = _chosen(wanted, queueing)
    if not letters:
        return _nothing(options, letters)
    if is_dry_run(options):
        return _dry_run(options, letters, "delete", now=queueing.clock.now())
    by, about = operator_and_reason(options), filter_in_words(wanted)
    run = queueing.letter_runs.prepare(letters, **by, fate=Fate.DELETED, about=about)
    return _remove(options, run, queueing)


def restore(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    if not (options.ids or options.run):
        raise WrongUsage("Name the ids of removed letters, or the --run that removed them.")
    letters = restorable(queueing, ids=options.ids, run_id=options.run)
    if not letters:
        return _nothing(options, letters)
    by, about = operator_and_reason(options), {"removed_by": options.run} if options.run else {}
    run = queueing.letter_runs.prepare(letters, **by, fate=Fate.RESTORED, about=about)
    return _carry_out(options, run, queueing)


def purge(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    queue = options.queue
    # Messages that only SQS has are put into the index first, or they could not be archived.
    while queueing.unindexed.index(queue).any:
        continue
    letters = list(matching(StoredLetters(queueing.dead_letters), LetterFilter(queue=queue)))
    if not letters:
        return _nothing(options, letters)
    if (options.confirm or _typed(queue, len(letters))) != queue:
        raise WrongUsage(f"Nothing was purged: confirm by the name of the queue: --confirm {queue}")
    by, about = operator_and_reason(options), {"queue": queue}
    run = queueing.letter_runs.prepare(letters, **by, fate=Fate.PURGED, about=about)
    return _remove(options, run, queueing)


def _chosen(wanted: LetterFilter, queueing: Queueing) -> list[DeadLetter]:
    """The chosen letters; prints which of the named ids are no dead letters (any more)."""
    letters = list(matching(StoredLetters(queueing.dead_letters), wanted))
    if missing := set(wanted.task_ids) - {letter.task_id for letter in letters}:
        print(f"No dead letter, or dealt with already: {', '.join(sorted(missing))}", file=sys.stderr)
    return letters


def _confirmed(run_id: str, queueing: Queueing) -> LetterRun:
    """The run. Raises WrongUsage for a dry run of the console that nobody has confirmed."""
    runs = queueing.letter_runs.repository
    run = runs.read(run_id)
    if runs.progress(run_id) is None and runs.ended(run_id) is None:
        raise WrongUsage(f"Run {run_id} was a dry run, which nobody has confirmed: choose its letters anew.")
    return run


def _carry_out(options: argparse.Namespace, run: LetterRun, queueing: Queueing) -> int:
    progress = queueing.letter_runs.carry_out(run)
    told = {kind.value: progress.count(kind) for kind in ItemOutcome if progress.count(kind)}
    if options.json:
        print_json({"dry_run": False, "run_id": run.run_id, "selected": len(run.items), "outcome": told})
    else:
        words = [f"{count} {_WORDS[ItemOutcome(kind)]}" for kind, count in told.items()]
        print("; ".join(words or ["Nothing"]) + ".")
        if left := len(run.items) - progress.done:
            print(f"{counted(left, 'letter')} left: the run was stopped, or is carried on elsewhere.")
        if run.fate is Fate.REPLAYED:
            print(f"What becomes of them: dlq report {run.run_id}")
    return _code(progress)


def _code(progress: Progress) -> ExitCode:
    if progress.count(ItemOutcome.GONE) or progress.count(ItemOutcome.FROZEN):
        return ExitCode.ATTENTION
    done = (ItemOutcome.REPLAYED, ItemOutcome.REMOVED, ItemOutcome.ARCHIVED, ItemOutcome.RESTORED)
    return ExitCode.DONE if any(map(progress.count, done)) else ExitCode.TAKEN


def _remove(options: argparse.Namespace, run: LetterRun, queueing: Queueing) -> int:
    selected, removed = len(run.items), queueing.letter_runs.carry_out(run).count(ItemOutcome.ARCHIVED)
    if options.json:
        print_json({"dry_run": False, "run_id": run.run_id, "selected": selected, "removed": removed})
    else:
        print(f"{counted(removed, 'dead letter')} archived and removed; dlq show still finds each by its id.")
        print(f"To undo it: dlq restore --run {run.run_id} --reason ...")
    return ExitCode.DONE if removed else ExitCode.TAKEN


def _pace(options: argparse.Namespace, letters: Sequence[DeadLetter], queueing: Queueing) -> str:
    by_queue = Counter(letter.queue for letter in letters)
    rates = {queue: options.per_minute or queueing.letter_runs.rates[queue] for queue in by_queue}
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
    print("To do it, " + ("leave --dry-run out." if options.dry_run else 'add --execute --reason "...".'))
    return ExitCode.DONE


def _nothing(options: argparse.Namespace, letters: Sequence[DeadLetter]) -> int:
    """letters: those that match and cannot be replayed."""
    why = "No dead letter fits."
    if letters:
        why = f"{counted(len(letters), 'letter')} found, none of them a task of AI-Prism: they are never run."
    if options.json:
        print_json({"selected": 0, "why": why})
    else:
        print(why)
    return ExitCode.NOTHING_MATCHED


def _typed(queue: str, number: int) -> str:
    if not sys.stdin.isatty():
        return ""
    return input(f"This removes {counted(number, 'dead letter')} of {queue}. Type {queue} to go on: ").strip()


_WORDS = {
    ItemOutcome.REPLAYED: "replayed",
    ItemOutcome.ARCHIVED: "archived and removed",
    ItemOutcome.TAKEN: "had been dealt with already, by another operator or their user",
    ItemOutcome.GONE: "without a failed task any more: dlq delete removes them",
    ItemOutcome.REMOVED: "deleted since then, with their reviews or by an operator: nothing is left to do",
    ItemOutcome.RESTORED: "in the list again",
    ItemOutcome.FROZEN: "left alone, their review is signed off: dlq delete removes them",
}
