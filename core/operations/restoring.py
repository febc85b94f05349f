"""Which removed dead letters can be restored: by their ids, or all of one deletion or purge."""

from collections.abc import Iterable

from core.queueing.letter import DeadLetter, is_restorable
from core.queueing.letter_run import RunItem
from core.queueing.parallel import in_parallel
from core.queueing.service import Queueing


def restorable(queueing: Queueing, *, ids: Iterable[str] = (), run_id: str = "") -> list[DeadLetter]:
    """Returns the latest letter of each id, or the letters of a run, except those in whose place something was run.

    Raises Permanent task/not-found for an unknown run.
    """
    letters = queueing.dead_letters

    def latest_of(task_id: str) -> DeadLetter | None:
        removed = [letter for letter, verdict in letters.archived_of(task_id) if is_restorable(verdict)]
        return removed[-1] if removed else None

    def of_run(item: RunItem) -> DeadLetter | None:
        found = letters.archived(item.name.queue, item.name.task_id, item.generation)
        return found[0] if found and found[1].run_id == run_id and is_restorable(found[1]) else None

    found = in_parallel(latest_of, dict.fromkeys(ids))
    if run_id:
        found += in_parallel(of_run, queueing.letter_runs.repository.read(run_id).items)
    return [letter for letter in found if letter is not None]
