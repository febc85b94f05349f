"""Dead letters back to work: the same task, its next generation, once however many operators ask for it.

    1 run object        what was chosen, by whom and why; then the audit
    per letter, at the queue's rate:
    2 outbox entry      next generation, waiting
    3 result object     FAILURE of exactly that generation -> queued: whoever swaps first has replayed it
    4 released          signed anew; only here is anything sent
    5 archived          out of the index, with the verdict
    at the end:
    6 taken off         the messages, out of the dead-letter queue

Killed after 2 or 3: the sweep makes the rest of 3 and 4 good. After 4: `carry_out` of the same run, or any other
replay of the letter, meets the next generation and does 5. After 5: the sweep does 6.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.aws.object_store import ObjectStore, get_json, put_json
from core.clock import Clock, iso
from core.errors import Permanent
from core.queueing.audit import AuditLog, Deed
from core.queueing.dead_letters import DeadLetters
from core.queueing.dispatch import Dispatcher
from core.queueing.letter import DEAD_LETTERS_PREFIX, DeadLetter, Fate, LetterName, Verdict, superseded
from core.queueing.message import message_of
from core.queueing.outbox import Outbox
from core.queueing.results import TaskRecord, TaskResults, TaskStatus

_RUNS_PREFIX = f"{DEAD_LETTERS_PREFIX}archive/replays/"


class Replayed(StrEnum):
    """Of one letter. TAKEN: its task had been run again already, by another operator or by its user.

    GONE: its task has no failure any more, because its review was deleted or its result is too old.
    REMOVED: the same, and the letter is gone too.
    FROZEN: its review is signed off, so that nothing may change in it; the letter stays.
    """

    REPLAYED = "replayed"
    TAKEN = "taken"
    GONE = "gone"
    REMOVED = "removed"
    FROZEN = "frozen"


@dataclass(frozen=True)
class ReplayItem:
    """One letter of a run. generation: the one that failed."""

    name: LetterName
    generation: int


@dataclass(frozen=True)
class ReplayRun:
    """dead-letters/archive/replays/<run_id>.json. per_minute: letters of one queue, 0: the queue's own rate.

    about: how the letters were chosen.
    """

    run_id: str
    operator: str
    reason: str
    at: str
    per_minute: float
    items: tuple[ReplayItem, ...]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def correlation_id(self) -> str:
        """Of the generations it starts: so that their logs, and their records, lead to it."""
        return f"replay-{self.run_id}"

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ReplayRun":
        items = (ReplayItem(LetterName(**item["name"]), item["generation"]) for item in data["items"])
        return cls(**{**data, "items": tuple(items)})


@dataclass(frozen=True)
class Replays:
    """rates: queue key -> letters per minute. is_frozen: of a session id, whether its review is signed off.

    Errors: storage/*, queue/*; carry the run out again.
    """

    store: ObjectStore
    results: TaskResults
    outbox: Outbox
    dispatcher: Dispatcher
    dead_letters: DeadLetters
    audit: AuditLog
    rates: Mapping[str, float]
    is_frozen: Callable[[str], bool]
    clock: Clock

    def prepare(
        self,
        letters: Iterable[DeadLetter],
        *,
        operator: str,
        reason: str,
        per_minute: float = 0,
        about: dict[str, Any] | None = None,
    ) -> ReplayRun:
        """Nothing is replayed yet. Letters that are no task of ours are left out: they are never run."""
        chosen = sorted((letter for letter in letters if letter.is_task), key=lambda letter: letter.ended_at)
        run = ReplayRun(
            run_id=uuid.uuid4().hex[:12],
            operator=operator,
            reason=reason,
            at=iso(self.clock.now()),
            per_minute=per_minute,
            items=tuple(ReplayItem(letter.name, letter.generation) for letter in chosen),
            about=about or {},
        )
        put_json(self.store, f"{_RUNS_PREFIX}{run.run_id}.json", asdict(run))
        return run

    def read(self, run_id: str) -> ReplayRun:
        """Raises Permanent task/not-found."""
        found = get_json(self.store, f"{_RUNS_PREFIX}{run_id}.json") if run_id.isalnum() else None
        if found is None:
            raise Permanent("task/not-found", f"There is no replay {run_id}.")
        return ReplayRun.from_dict(found)

    def carry_out(self, run: ReplayRun) -> Counter[Replayed]:
        """As much of `run` as is not done yet, at its pace; may be repeated after a crash or an error."""
        self.audit.write(_deed(run))
        done: list[ReplayItem] = []
        counts: Counter[Replayed] = Counter()
        try:
            for queue in dict.fromkeys(item.name.queue for item in run.items):
                pace = _Pace(run.per_minute or self.rates[queue], self.clock)
                for item in _of_queue(run.items, queue):
                    replayed = self._replay(run, item, pace=pace)
                    counts[replayed] += 1
                    if replayed in (Replayed.REPLAYED, Replayed.TAKEN):
                        done.append(item)
        finally:
            handled = [(item.name.queue, item.name.task_id, item.generation) for item in done]
            self.dead_letters.take_off(handled, clock=self.clock)
        outcome = {kind.value: count for kind, count in counts.items()}
        self.audit.write(replace(_deed(run), phase="ended", items=[], outcome=outcome))
        return counts

    def _replay(self, run: ReplayRun, item: ReplayItem, *, pace: "_Pace") -> Replayed:
        record = self.results.get(item.name.task_id)
        if record is None or (record.generation <= item.generation and not _is_failure(record, item)):
            return Replayed.REMOVED if self.dead_letters.read(item.name) is None else Replayed.GONE
        if _is_failure(record, item):
            pace.wait()
            if self.is_frozen(record.session_id):
                return Replayed.FROZEN
            ours = self._run_again(record, run)
        else:
            ours = self._was_ours(record, run, item)
        letter = self.dead_letters.read(item.name)
        if letter is not None:
            at = iso(self.clock.now())
            verdict = Verdict(Fate.REPLAYED, run.operator, run.reason, at, run.run_id)
            self.dead_letters.archive(letter, verdict if ours else superseded(at))
        return Replayed.REPLAYED if ours else Replayed.TAKEN

    def _run_again(self, record: TaskRecord, run: ReplayRun) -> bool:
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
        self.dispatcher.release(message)
        return True

    def _was_ours(self, record: TaskRecord, run: ReplayRun, item: ReplayItem) -> bool:
        """Whether this run, before it was interrupted, has started the generation after the failed one."""
        ours = record.generation == item.generation + 1 and record.correlation_id == run.correlation_id
        if ours and not record.ended:
            self.dispatcher.release(message_of(record))
        return ours


class _Pace:
    """The first at once, then one every so often."""

    def __init__(self, per_minute: float, clock: Clock) -> None:
        self._every_s = 60.0 / per_minute
        self._clock = clock
        self._next_at = clock.now()

    def wait(self) -> None:
        self._clock.sleep(self._next_at - self._clock.now())
        self._next_at = max(self._next_at, self._clock.now() - self._every_s) + self._every_s


def _of_queue(items: Sequence[ReplayItem], queue: str) -> list[ReplayItem]:
    return [item for item in items if item.name.queue == queue]


def _is_failure(record: TaskRecord, item: ReplayItem) -> bool:
    return record.generation == item.generation and record.status is TaskStatus.FAILURE


def _deed(run: ReplayRun) -> Deed:
    items = [f"{item.name.task_id}-{item.generation}" for item in run.items]
    return Deed("dlq.replay", run.operator, run.reason, about=run.about, items=items, run_id=run.run_id)
