"""Replays dead letters: the same task in its next generation, once however many operators ask for it.

    1 run object        what was chosen, by whom and why; the audit; the run is under way
    per letter, at the queue's pace:
    2 archived          with the verdict, out of the index: whoever creates it there has the letter
    3 outbox entry      next generation, waiting
    4 result object     FAILURE of exactly that generation -> queued
    5 released          signed anew; nothing is sent before this step
    at the end:
    6 deleted           the messages, from the dead-letter queue

Killed anywhere after 1: the sweep carries the run on (letter_run_service.py), which finds its own verdict in the
archive; after 3 or 4 it also completes 4 and 5. The sweep does 6 if it was not done. The task's user, who needs no
letter to run it again, may swap first at 4: then the verdict is amended.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.clock import Clock, iso
from core.queueing.dead_letters import DeadLetters
from core.queueing.dispatch import Dispatcher
from core.queueing.letter import DeadLetter, Fate, LetterVerdict, superseded
from core.queueing.letter_run import ItemOutcome, LetterRun, RunItem
from core.queueing.message import message_of
from core.queueing.outbox import Outbox
from core.queueing.results import TaskRecord, TaskResults, TaskStatus

Place = Callable[[str], float | None]
"""Waits until a replay of that queue may go; how long its message is still to be delayed. None: not for now."""


@dataclass(frozen=True)
class Replays:
    """Replays single letters of a run; may be repeated.

    is_frozen: whether the review of a session id is signed off. Errors: storage/*, queue/*.
    """

    results: TaskResults
    outbox: Outbox
    dispatcher: Dispatcher
    dead_letters: DeadLetters
    is_signed_off: Callable[[str], bool]
    clock: Clock

    def replay(self, run: LetterRun, item: RunItem, *, place: Place) -> ItemOutcome | None:
        """Does those of steps 2 to 5 that are missing for one letter. Returns None if its place is not now."""
        # Of a record that cannot be read nobody knows how often it failed; its user can run it again.
        record = self.results.get_readable(item.name.task_id)
        if record is None or (record.generation <= item.generation and not is_failure(record, item)):
            return ItemOutcome.REMOVED if self.dead_letters.read(item.name) is None else ItemOutcome.GONE
        if is_failure(record, item):
            delay_s = place(item.name.queue)
            if delay_s is None:
                return None
            if self.is_signed_off(record.session_id):
                return ItemOutcome.FROZEN
            ours = self._is_mine(run, item) and self._run_again(record, run, delay_s=delay_s)
        else:
            ours = self._was_ours(record, run, item)
        if not ours:
            self._let_go(run, item)
        return ItemOutcome.REPLAYED if ours else ItemOutcome.TAKEN

    def _is_mine(self, run: LetterRun, item: RunItem) -> bool:
        """Archives the letter, unless this run has done so before. False: somebody else has dealt with it."""
        letter = self.dead_letters.read(item.name)
        verdict = LetterVerdict(Fate.REPLAYED, run.operator, run.reason, iso(self.clock.now()), run.run_id)
        if letter is not None and self.dead_letters.archive(letter, verdict):
            return True
        return self._archived_by(run, item) is not None

    def _archived_by(self, run: LetterRun, item: RunItem) -> DeadLetter | None:
        found = self.dead_letters.archived(item.name.queue, item.name.task_id, item.generation)
        return None if found is None or found[1].run_id != run.run_id else found[0]

    def _let_go(self, run: LetterRun, item: RunItem) -> None:
        """Somebody else has run the task again: the letter is superseded, and does not count for this run."""
        at, letter = iso(self.clock.now()), self.dead_letters.read(item.name)
        if letter is not None:
            self.dead_letters.archive(letter, superseded(at))
        elif (mine := self._archived_by(run, item)) is not None:
            self.dead_letters.amend(mine, superseded(at))

    def _run_again(self, record: TaskRecord, run: LetterRun, *, delay_s: float) -> bool:
        """Starts the next generation and sends it. False: somebody else has started one first."""
        message = replace(
            message_of(record),
            generation=record.generation + 1,
            accepted_at=iso(self.clock.now()),
            correlation_id=run.correlation_id,
        )
        self.outbox.accept(message)
        if self.dispatcher.renew(record, message) is None:
            latest = self.results.get(record.task_id)
            if latest is None or message_of(latest).entry != message.entry:
                self.outbox.drop_waiting(message)
            return False
        self.dispatcher.release(message, delay_s=delay_s)
        return True

    def _was_ours(self, record: TaskRecord, run: LetterRun, item: RunItem) -> bool:
        """Whether this run, before it was interrupted, has started the generation after the failed one."""
        ours = record.generation == item.generation + 1 and record.correlation_id == run.correlation_id
        if ours and not record.ended:
            self.dispatcher.release(message_of(record))
        return ours


def restoration(record: TaskRecord | None, item: RunItem) -> ItemOutcome:
    """Returns what restoring the item would do: RESTORED if nothing has been run in the letter's place.

    Letters that are not tasks of AI-Prism (generation 0) can always be restored.
    """
    if item.generation == 0 or is_failure(record, item):
        return ItemOutcome.RESTORED
    return ItemOutcome.GONE if record is None else ItemOutcome.TAKEN


def is_failure(record: TaskRecord | None, item: RunItem) -> bool:
    """Whether the task still stands as the letter says: failed, in that generation."""
    return record is not None and record.generation == item.generation and record.status is TaskStatus.FAILURE
