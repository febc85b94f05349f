"""5,000 dead letters: the first page, the groups, and 1,000 of them replayed by two operators at once.

    .venv/bin/python -m benchmarks.dead_letters [--letters 5000] [--selected 1000] [--only lists]

S3 and SQS are the emulator's. Page and groups are timed as the library answers and as the command does, process
start included (median of 5). The two operators are two processes with the same filter, paced so that 1,000 take a
good half minute; afterwards every message on the queue is counted there: a task that was sent twice is a double.
"""

import argparse
import collections
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.filled import filled_cloud
from benchmarks.letters import CHOSEN, bury_many
from benchmarks.report import report
from core.aws.object_store import MemoryObjectStore
from core.bootstrap.queueing import build_queueing
from core.queueing import letter_search
from core.queueing.letter_search import LetterFilter
from core.queueing.message import read_body
from core.queueing.service import Queueing
from infra.local.environment import PROJECT, for_python, inherited
from infra.local.reaper import Reaper
from tests.support.cloud import Space

RUNS = 5
PER_MINUTE = 2_000
PAGE_BAR_S, GROUPS_BAR_S = 1.0, 2.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--letters", type=int, default=5_000)
    parser.add_argument("--selected", type=int, default=1_000)
    parser.add_argument("--only", choices=["lists", "replay"], default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        reaper = Reaper()
        try:
            with filled_cloud(Path(name), reaper, fill=partial(_fill, options=options)) as space:
                _measure(space, options)
        finally:
            reaper.close()


def _fill(space: Space, store: MemoryObjectStore, *, options: argparse.Namespace) -> None:
    queueing = build_queueing(space.settings, store=store)
    bury_many(queueing, options.letters, chosen=options.selected)


def _measure(space: Space, options: argparse.Namespace) -> None:
    queueing = build_queueing(space.settings)
    if options.only != "replay":
        report("dead_letters_lists", _lists(space, queueing))
    if options.only != "lists":
        rest = options.letters - options.selected
        report("dead_letters_replay", _replayed_by_two(space, queueing, rest, selected=options.selected))


def _lists(space: Space, queueing: Queueing) -> list[dict[str, Any]]:
    page = partial(letter_search.page, queueing.dead_letters, LetterFilter(), limit=50)
    groups = partial(letter_search.groups, queueing.dead_letters, LetterFilter())
    return [
        _timed("first page of 50, library", page, bar_s=PAGE_BAR_S),
        _timed("first page of 50, command", lambda: _ops(space, "list"), bar_s=PAGE_BAR_S),
        _timed("groups, library", groups, bar_s=GROUPS_BAR_S),
        _timed("groups, command", lambda: _ops(space, "groups"), bar_s=GROUPS_BAR_S),
    ]


def _timed(what: str, work: Callable[[], object], *, bar_s: float) -> dict[str, Any]:
    """cpu_s: of this process and of the command, which a busy machine does not stretch."""
    work()
    took, worked_s = [], _cpu_s()
    for _ in range(RUNS):
        started = time.monotonic()
        work()
        took.append(time.monotonic() - started)
    cpu_s = (_cpu_s() - worked_s) / RUNS
    verdict = "met" if median(took) < bar_s else "short"
    return {"what": what, "seconds": median(took), "cpu_s": cpu_s, "bar": bar_s, "verdict": verdict}


def _cpu_s() -> float:
    return sum(os.times()[:4])


def _replayed_by_two(space: Space, queueing: Queueing, rest: int, *, selected: int) -> list[dict[str, Any]]:
    """rest: letters that nobody selects."""
    started = time.monotonic()
    operators = [_start_replay(space, name) for name in ("olga", "otto")]
    outcomes = [operator.communicate()[0] for operator in operators]
    took_s = time.monotonic() - started
    # What one operator had leased while the other looked is taken off by the next sweep.
    left_s3, left_sqs = len(queueing.dead_letters.names()), space.queue_depth("analysis-dlq")
    sent = _drain(space)
    doubles = sum(count - 1 for count in sent.values())
    print(*outcomes, sep="\n")
    return [
        _exact("replayed by two operators: took", took_s, unit="s", bar=""),
        _exact("tasks on the queue", len(sent), unit="", bar=selected),
        _exact("sent twice", doubles, unit="", bar=0),
        _exact("letters left in the index", left_s3, unit="", bar=rest),
        _exact("messages left in the dead-letter queue", left_sqs, unit="", bar=rest),
    ]


def _exact(what: str, value: float, *, unit: str, bar: object) -> dict[str, Any]:
    verdict = "" if bar == "" else "met" if value == bar else "short"
    return {"what": what, "value": value, "unit": unit, "bar": bar, "verdict": verdict}


def _drain(space: Space) -> collections.Counter[tuple[str, int]]:
    """Every message on the queue, by task and generation, as a worker would receive it."""
    sqs, url = space.client("sqs"), space.queue_url("analysis")
    seen: collections.Counter[tuple[str, int]] = collections.Counter()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found = [read_body(message["Body"]) for message in messages]
        seen.update((message.task_id, message.generation) for message in found)
        entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
        sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    return seen


def _start_replay(space: Space, operator: str) -> subprocess.Popen[str]:
    words = ["replay", "--code", CHOSEN, "--execute", "--per-minute", str(PER_MINUTE)]
    words += ["--operator", operator, "--reason", "mended"]
    return subprocess.Popen(
        _command(*words), cwd=PROJECT, env=_environ(space), stdout=subprocess.PIPE, text=True
    )


def _ops(space: Space, *words: str) -> None:
    done = subprocess.run(
        _command(*words), cwd=PROJECT, env=_environ(space), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "core.ops", "dlq", *words]


def _environ(space: Space) -> dict[str, str]:
    return for_python({**inherited(), **space.environ})


if __name__ == "__main__":
    main()
