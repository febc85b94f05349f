"""Counts messages in the dead-letter queues that are not in the index yet."""

from collections.abc import Mapping

from core.config import Settings
from core.errors import AppError
from core.ops.printing import counted
from core.queueing.parallel import in_parallel
from core.queueing.service import Queueing
from core.queueing.topology import QUEUES, dead_letter_name

Unindexed = dict[str, int | None]
"""Queue key -> how many, by SQS's estimate. None: SQS does not answer."""


def unindexed_letters(indexed: Mapping[str, int], settings: Settings, queueing: Queueing) -> Unindexed:
    """Returns the number of unindexed messages by queue. indexed: queue key -> letters in the index."""

    def beyond(key: str) -> int | None:
        try:
            depth = queueing.queues.depth(dead_letter_name(settings.aws.queue_prefix, key))
        except AppError:
            return None
        return max(0, depth.total - queueing.dead_letters.messages(indexed.get(key, 0), key))

    keys = [spec.key for spec in QUEUES]
    return dict(zip(keys, in_parallel(beyond, keys), strict=True))


def all_indexed(unindexed: Unindexed) -> bool:
    return all(number == 0 for number in unindexed.values())


def print_unindexed(unindexed: Unindexed) -> None:
    silent = [key for key, number in unindexed.items() if number is None]
    if silent:
        print(f"SQS does not answer about {', '.join(silent)}: what is not in this list cannot be counted.")
    for key, number in unindexed.items():
        if number:
            print(
                f"{counted(number, 'more message')} in the dead-letter queue of {key}, not in this list yet."
            )
            print("The next sweep looks at them: python -m core.ops sweep")
