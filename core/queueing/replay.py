"""Dead letters back to work: the same task, its next generation, once however many operators ask for it.

    1 run object        what was chosen, by whom and why; the audit; the run is under way
    per letter, at the queue's pace:
    2 outbox entry      next generation, waiting
    3 result object     FAILURE of exactly that generation -> queued: whoever swaps first has replayed it
    4 released          signed anew; only here is anything sent
    5 archived          out of the index, with the verdict
    at the end:
    6 taken off         the messages, out of the dead-letter queue

Killed anywhere after 1: the sweep carries the run on (letter_runs.py); after 2 or 3 it makes the rest of 3 and 4
good as well, and whoever meets the next generation after 4 does 5. 6 is the sweep's where it was not done.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.clock import Clock, iso
from core.queueing.dead_letters import DeadLetters
from core.queueing.dispatch import Dispatcher
from core.queueing.letter import Fate, Verdict, superseded
from core.queueing.letter_run import Dealt, LetterRun, RunItem
from core.queueing.message import message_of
from core.queueing.outbox import Outbox
from core.queueing.results import TaskRecord, TaskResults, TaskStatus

Place = Callable[[str], float | None]
"""Waits until a replay of that queue may go; how long its message is still to be delayed. None: not for now."""


@dataclass(frozen=True)
class Replays:
    """is_frozen: of a session id, whether its review is signed off. Errors: storage/*, queue/*; may be repeated."""

    results: TaskResults
    outbox: Outbox
    dispatcher: Dispatcher
    dead_letters: DeadLetters
    is_frozen: Callable[[str], bool]
    clock: Clock

    def replay(self, run: LetterRun, item: RunItem, *, place: Place) -> Dealt | None:
        """Steps 2 to 5 of one letter, as far as they are missing. None: its place is not for now."""
        record = self.results.get(item.name.task_id)
        if record is None or (record.generation <= item.generation and not _is_failure(record, item)):
            return Dealt.REMOVED if self.dead_letters.read(item.name) is None else Dealt.GONE
        if _is_failure(record, item):
            delay_s = place(item.name.queue)
            if delay_s is None:
                return None
            if self.is_frozen(record.session_id):
                return Dealt.FROZEN
            ours = self._run_again(record, run, delay_s=delay_s)
        else:
            ours = self._was_ours(record, run, item)
        letter = self.dead_letters.read(item.name)
        if letter is not None:
            at = iso(self.clock.now())
            verdict = Verdict(Fate.REPLAYED, run.operator, run.reason, at, run.run_id)
            self.dead_letters.archive(letter, verdict if ours else superseded(at))
        return Dealt.REPLAYED if ours else Dealt.TAKEN

    def _run_again(self, record: TaskRecord, run: LetterRun, *, delay_s: float) -> bool:
        """False: somebody else has swapped first."""
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


def _is_failure(record: TaskRecord, item: RunItem) -> bool:
    return record.generation == item.generation and record.status is TaskStatus.FAILURE
