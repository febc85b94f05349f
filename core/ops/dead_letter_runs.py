"""`dlq runs`, `report`, `stop`: confirmed replays and removals."""

import argparse
from typing import Any

from core.aws.object_store import Damaged
from core.clock import iso
from core.config import Settings
from core.operations.formatting import moment
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.operator_reason import operator_and_reason
from core.ops.printing import counted, print_json, print_table
from core.queueing.letter import Fate
from core.queueing.letter_run import LetterRun, Progress, RunRepository
from core.queueing.replay_report import ReplayOutcome, counted_outcomes, outcomes
from core.queueing.service import Queueing


def list_runs(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: some are under way."""
    runs = queueing.letter_runs.repository
    found = [(_readable(runs, progress.run_id), progress) for progress in runs.under_way()]
    if options.json:
        print_json({"under_way": [_body(run, progress) for run, progress in found]})
    elif found:
        rows = [
            (
                run.run_id,
                run.fate.value,
                f"{progress.done} of {len(run.items)}",
                moment(run.at),
                run.operator,
                run.reason or "-",
            )
            for run, progress in found
        ]
        print_table(("run", "letters are", "done", "since (UTC)", "operator", "reason"), rows)
    else:
        print("No replay or removal is under way. Earlier ones: dlq audit")
    return ExitCode.ATTENTION if found else ExitCode.DONE


def _readable(runs: RunRepository, run_id: str) -> LetterRun:
    """The run, or one in its place that says why it cannot be read: it must not hide the others."""
    try:
        return runs.read(run_id)
    except Damaged as error:
        return LetterRun(run_id, Fate.REPLAYED, "-", error.detail, iso(0), per_minute=0, items=())


def report(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: not all has ended well."""
    run = queueing.letter_runs.repository.read(options.run)
    if run.fate is not Fate.REPLAYED:
        raise WrongUsage(f"Run {run.run_id} was no replay: dlq audit says what became of it.")
    found = outcomes(run, queueing.results)
    counts = counted_outcomes(found)
    progress = queueing.letter_runs.repository.progress(run.run_id)
    if options.json:
        items = [
            {"task_id": item.name.task_id, "generation": item.generation + 1, "outcome": outcome}
            for item, outcome in found
        ]
        head = {"run_id": run.run_id, "operator": run.operator, "reason": run.reason, "at": run.at}
        under_way = {"under_way": progress is not None, "selected": len(found)}
        print_json({**head, **under_way, "counts": counts, "items": items})
    else:
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        print(f"{len(found)} selected by {run.operator} at {run.at}: {told or 'nothing'}.")
        if progress is not None:
            print(f"Under way: {progress.done} of {len(run.items)} are done. dlq stop {run.run_id} ends it.")
    well = {ReplayOutcome.SUCCEEDED, ReplayOutcome.CANCELLED}
    return ExitCode.DONE if set(counts) <= well else ExitCode.ATTENTION


def stop(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 3: the run is not under way."""
    runs, by = queueing.letter_runs, operator_and_reason(options)
    # Also one whose order cannot be read: nothing else would ever end it.
    run = _readable(runs.repository, options.run)
    progress = runs.repository.progress(run.run_id)
    stopped = runs.stop(run.run_id, **by)
    if options.json:
        print_json({"run_id": run.run_id, "stopped": stopped})
    elif stopped and progress is not None:
        all_of_them = counted(len(run.items), "letter") if run.items else "an order that cannot be read"
        print(f"Stopped after {progress.done} of {all_of_them}; the others are as they were.")
    else:
        print(f"Run {run.run_id} is not under way: it has ended, or was stopped before.")
    return ExitCode.DONE if stopped else ExitCode.NOTHING_MATCHED


def _body(run: LetterRun, progress: Progress) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "fate": run.fate.value,
        "operator": run.operator,
        "reason": run.reason,
        "at": run.at,
        "done": progress.done,
        "selected": len(run.items),
        "counts": progress.counts,
    }
