"""`dlq list`: the index in S3 says what failed; SQS is asked only how many messages the index does not know."""

import argparse
from collections import Counter

from core.config import Settings
from core.ops.printing import counted, print_json, print_table
from core.queueing.letter import DeadLetter
from core.queueing.service import Queueing
from core.queueing.topology import QUEUES, dead_letter_name

_HEADINGS = ("failed at (UTC)", "queue", "task", "session", "section", "calls", "error")


def list_dead_letters(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    letters = queueing.dead_letters.all()
    unknown = _unknown(letters, settings, queueing)
    if options.json:
        items = [{**letter.to_dict(), "signature": letter.signature} for letter in letters]
        print_json({"dead_letters": items, "not_in_index": unknown})
    else:
        _for_people(letters, unknown)
    return 1 if letters or any(unknown.values()) else 0


def _unknown(letters: list[DeadLetter], settings: Settings, queueing: Queueing) -> dict[str, int]:
    """Queue key -> messages in its dead-letter queue beyond those in the index. Depths are SQS's estimates."""
    indexed = Counter(letter.queue for letter in letters)
    depths = {
        spec.key: queueing.queues.depth(dead_letter_name(settings.aws.queue_prefix, spec.key)).total
        for spec in QUEUES
    }
    return {key: max(0, depth - indexed[key]) for key, depth in depths.items()}


def _for_people(letters: list[DeadLetter], unknown: dict[str, int]) -> None:
    if letters:
        print_table(_HEADINGS, [_row(letter) for letter in letters])
        print(f"\n{counted(len(letters), 'dead letter')}.{_next_step(letters)}")
    else:
        print("No dead letters: every accepted task has ended well, was cancelled, or is still under way.")
    for key, number in unknown.items():
        if number:
            print(
                f"{counted(number, 'more message')} in the dead-letter queue of {key}, not in this list yet."
            )
            print("The next sweep looks at them: python -m core.ops sweep")


def _next_step(letters: list[DeadLetter]) -> str:
    """Messages that are none of ours belong to no section of any review."""
    with_section = sum(1 for letter in letters if letter.session_id)
    if with_section == 0:
        return ""
    those = "each" if with_section == len(letters) else "those with a session"
    return f" The next step of {those} is in its section on the page."


def _row(letter: DeadLetter) -> tuple[object, ...]:
    return (
        letter.ended_at[:19].replace("T", " "),
        letter.queue,
        letter.task_id,
        letter.session_id or "-",
        letter.section_id or "-",
        letter.attempts,
        f"{letter.code}: {letter.detail}",
    )
