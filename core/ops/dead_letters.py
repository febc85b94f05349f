"""`dlq list`, `groups`, `show`, `export`, `audit`: read from the index in S3, changing nothing.

SQS is asked only for the number of messages, to tell how many the index lacks.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from core.clock import epoch
from core.config import Settings
from core.operations.formatting import age, moment
from core.operations.letters import summary
from core.ops.dead_letter_options import filter_of
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.printing import counted, print_json, print_table
from core.ops.unindexed_letters import Unindexed, all_indexed, print_unindexed, unindexed_letters
from core.queueing import letter_search
from core.queueing.letter import DeadLetter
from core.queueing.results import TaskRecord
from core.queueing.service import Queueing
from core.queueing.topology import QUEUES

_HEADINGS = ("failed at (UTC)", "age", "queue", "task", "session", "section", "calls", "now", "error")


def list_dead_letters(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    now = queueing.clock.now()
    wanted = filter_of(options, now=now)
    try:
        page = letter_search.page_of(_index(queueing), wanted, limit=options.limit, after=options.after)
    except ValueError as error:
        raise WrongUsage("--after takes what the page before has given as `next`.") from error
    records = queueing.results.get_many(letter.task_id for letter in page.letters if letter.is_task)
    unindexed = unindexed_letters(page.indexed, settings, queueing)
    if options.json:
        items = [{**summary(letter, now=now), "now": _now(letter, records)} for letter in page.letters]
        indexed = {spec.key: page.indexed.get(spec.key, 0) for spec in QUEUES}
        print_json(
            {"dead_letters": items, "next": page.after or None, "indexed": indexed, "not_in_index": unindexed}
        )
    else:
        _for_people(page, records, unindexed=unindexed, now=now)
    return ExitCode.ATTENTION if page.letters or not all_indexed(unindexed) else ExitCode.DONE


def list_groups(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    wanted, index = filter_of(options, now=queueing.clock.now()), _index(queueing)
    chosen = letter_search.by_reason(letter_search.fitting(index, wanted))
    found = letter_search.groups(index, chosen)
    unindexed = unindexed_letters(Counter(name.queue for name in index.names()), settings, queueing)
    if options.json:
        print_json(
            {
                "groups": [
                    {**asdict(group), "example": summary(group.example, now=queueing.clock.now())}
                    for group in found
                ],
                "not_in_index": unindexed,
            }
        )
    elif found:
        print_table(
            ("letters", "signature", "queue", "oldest (UTC)", "newest (UTC)", "error"),
            [
                (
                    group.count,
                    group.signature,
                    group.queue,
                    _minute(group.oldest_at),
                    _minute(group.newest_at),
                    f"{group.example.code}: {group.example.detail}",
                )
                for group in found
            ],
        )
    else:
        print("No dead letters.")
    if not options.json:
        print_unindexed(unindexed)
    return ExitCode.ATTENTION if found or not all_indexed(unindexed) else ExitCode.DONE


def export(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """One JSON array with a letter per line, written while it is read: it may be larger than memory."""
    found = letter_search.matching(_index(queueing), filter_of(options, now=queueing.clock.now()))
    with _output(options.output) as file:
        written = _write(found, file)
    print(f"{counted(written, 'dead letter')} written.", file=sys.stderr)
    return ExitCode.DONE if written else ExitCode.NOTHING_MATCHED


def show_audit(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    entries = queueing.audit.read(days=options.days, of="dlq.")
    if options.json:
        print_json({"deeds": [asdict(entry) for entry in entries]})
        return ExitCode.DONE
    rows = [
        (
            moment(entry.at),
            entry.operator or "-",
            entry.action,
            entry.phase,
            json.dumps(entry.outcome) if entry.outcome else counted(len(entry.items), "letter"),
            entry.run_id or "-",
            entry.reason or "-",
        )
        for entry in entries
    ]
    if rows:
        print_table(("at (UTC)", "operator", "action", "phase", "about", "run", "reason"), rows)
    else:
        print("Nothing was done to dead letters in this time. Earlier: --days 90")
    return ExitCode.DONE


def _index(queueing: Queueing) -> letter_search.StoredLetters:
    return letter_search.StoredLetters(queueing.dead_letters)


@contextmanager
def _output(path: str) -> Iterator[TextIO]:
    """Raises WrongUsage for a file that cannot be written."""
    if not path:
        yield sys.stdout
        return
    try:
        with Path(path).open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise WrongUsage(f"--output {path} cannot be written: {error.strerror or error}.") from error


def _write(letters: Iterable[DeadLetter], file: TextIO) -> int:
    written = 0
    file.write("[")
    for letter in letters:
        line = json.dumps({**letter.to_dict(), "signature": letter.signature}, ensure_ascii=False)
        file.write(f"{',' if written else ''}\n{line}")
        written += 1
    file.write("\n]\n")
    return written


def _for_people(
    page: letter_search.LetterPage, records: dict[str, TaskRecord], *, unindexed: Unindexed, now: float
) -> None:
    letters = page.letters
    if letters:
        print_table(_HEADINGS, [_row(letter, records, now=now) for letter in letters])
        print(f"\n{counted(len(letters), 'dead letter')}.{_next_step(letters)}")
    elif any(page.indexed.values()):
        print("No dead letter fits.")
    else:
        print("No dead letters: nothing here waits for an operator.")
    if page.after:
        print(f"There are more ({sum(page.indexed.values())} in all): --after {page.after}")
    print_unindexed(unindexed)


def _next_step(letters: list[DeadLetter]) -> str:
    """Where users see a failure: letters of foreign messages belong to no review."""
    with_section = sum(1 for letter in letters if letter.session_id)
    if with_section == 0:
        return ""
    those = "each" if with_section == len(letters) else "those with a session"
    return f" The next step of {those} is in its section on the page; dlq show, dlq replay look further."


def _now(letter: DeadLetter, records: dict[str, TaskRecord]) -> str:
    """dead, or the state of its task, where its user has run it again since."""
    record = records.get(letter.task_id)
    if not letter.is_task:
        return "never run"
    if record is None:
        return "gone"
    return "dead" if record.generation == letter.generation else f"run again: {record.status.value}"


def _row(letter: DeadLetter, records: dict[str, TaskRecord], *, now: float) -> tuple[object, ...]:
    return (
        moment(letter.ended_at),
        age(now - epoch(letter.ended_at)),
        letter.queue,
        letter.task_id,
        letter.session_id or "-",
        letter.section_id or "-",
        letter.attempts,
        _now(letter, records),
        f"{letter.code}: {letter.detail}",
    )


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
