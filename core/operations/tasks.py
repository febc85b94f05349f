"""The latest tasks as the console lists them: from the task index, and those that no worker has begun yet.

The cost of a look is bounded: a limited number of names, and as many entries as are shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from core.clock import iso
from core.queueing.keys import EntryName, is_uuid
from core.queueing.message import TaskMessage
from core.queueing.parallel import in_parallel
from core.queueing.results import TaskRecord, TaskStatus
from core.queueing.service import Queueing
from core.queueing.task_index import TaskEntry, TaskName, Wanted, entry_of
from core.queueing.topology import QUEUES
from core.review.chat import ChatLog
from core.review.repository import ReviewRepository
from core.review.session import ReviewSession

MOST_NAMES = 5_000
MOST_READ = 300
_MOST_REVIEWS = 20
_KEPT = 2_000
_PART_OF_ID = re.compile(r"[0-9a-f-]{4,36}")


TakesName = Callable[[TaskName], bool]


@dataclass(frozen=True)
class TaskWish:
    """A filter. text: task id or its beginning, review id, user, or words of an error.

    since: epoch seconds. None and "" match everything.
    """

    since: float
    limit: int
    state: TaskStatus | None = None
    queue: str = ""
    text: str = ""

    def takes(self, entry: TaskEntry) -> bool:
        return self.state in (None, entry.state) and self.queue in ("", entry.queue)


@dataclass(frozen=True)
class TaskList:
    """entries: newest first. complete: no further task matches."""

    entries: list[TaskEntry]
    complete: bool


@dataclass
class RecentTasks:
    """Caches index entries and what outbox entries are about, which never change. Errors: storage/*."""

    queueing: Queueing
    reviews: ReviewRepository
    _known: dict[str, TaskEntry | None] = field(default_factory=dict)
    _accepted: dict[str, TaskMessage] = field(default_factory=dict)

    def find(self, wish: TaskWish) -> TaskList:
        if not wish.text:
            return self._latest(wish)
        if is_uuid(wish.text):
            return self._of_id(wish)
        if _PART_OF_ID.fullmatch(wish.text):
            found = self._listed(wish, lambda name: name.task_id.startswith(wish.text))
            # Or a user called abba, or the deadline in an error.
            if found.entries:
                return found
        if sessions := self.reviews.list_for(wish.text, most=_MOST_REVIEWS + 1):
            tasks = in_parallel(self._tasks_of, sessions[:_MOST_REVIEWS])
            found = self._of_records(chain.from_iterable(tasks), wish)
            return replace(found, complete=found.complete and len(sessions) <= _MOST_REVIEWS)
        return self._with_words(wish)

    def _latest(self, wish: TaskWish) -> TaskList:
        found = self._listed(wish, lambda name: wish.state in (None, name.state))
        if wish.state not in (None, TaskStatus.PENDING):
            return found
        full = len(found.entries) >= wish.limit and wish.state is None
        queued = self.untouched(wish, newer_than=found.entries[-1].at if full else "")
        known = {entry.task_id for entry in queued}
        entries = [*queued, *(entry for entry in found.entries if entry.task_id not in known)]
        entries.sort(key=lambda entry: entry.at, reverse=True)
        return TaskList(entries[: wish.limit], found.complete and len(entries) <= wish.limit)

    def _of_id(self, wish: TaskWish) -> TaskList:
        session = self.reviews.get(wish.text)
        return self._of_records([wish.text] if session is None else self._tasks_of(session), wish)

    def _tasks_of(self, session: ReviewSession) -> list[str]:
        """Ids of all tasks of a review: sections and questions, also of earlier runs."""
        return [*session.every_task, *ChatLog(self.queueing.store).question_ids(session.id)]

    def _of_records(self, task_ids: Iterable[str], wish: TaskWish) -> TaskList:
        """The matching ones of these tasks, of any age: read from the results themselves."""
        records = self.queueing.results.get_many(task_ids)
        entries = sorted(map(entry_of, records.values()), key=lambda entry: entry.at, reverse=True)
        found = [entry for entry in entries if wish.takes(entry)]
        return TaskList(found[: wish.limit], complete=len(found) <= wish.limit)

    def _with_words(self, wish: TaskWish) -> TaskList:
        words = wish.text.lower()
        names = list(islice(self._names(wish), MOST_READ + 1))
        entries = self._read(names[:MOST_READ])
        found = [
            entry
            for entry in entries
            if wish.takes(entry) and words in f"{entry.error}\n{entry.model_id}\n{entry.section_id}".lower()
        ]
        return TaskList(found[: wish.limit], len(names) <= MOST_READ and len(found) <= wish.limit)

    def _listed(self, wish: TaskWish, takes: TakesName) -> TaskList:
        looked, names = 0, []
        for name in islice(self._names(wish), MOST_NAMES):
            looked += 1
            if takes(name):
                names.append(name)
            if len(names) > wish.limit:
                break
        complete = len(names) <= wish.limit and looked < MOST_NAMES
        entries = [entry for entry in self._read(names[: wish.limit]) if wish.takes(entry)]
        return TaskList(entries, complete)

    def _names(self, wish: TaskWish) -> Iterator[TaskName]:
        wanted = Wanted(since=wish.since, limit=wish.limit, queue=wish.queue)
        return self.queueing.index.names(wanted, now=self.queueing.clock.now())

    def _read(self, names: list[TaskName]) -> list[TaskEntry]:
        known = self._known = self._known if len(self._known) <= _KEPT else {}
        unknown = [name for name in names if name.key not in known]
        read = in_parallel(self.queueing.index.read, unknown)
        known |= {name.key: entry for name, entry in zip(unknown, read, strict=True)}
        return [entry for name in names if (entry := known.get(name.key)) is not None]

    def untouched(self, wish: TaskWish, *, newer_than: str = "") -> list[TaskEntry]:
        """Tasks that wait in the outbox or in SQS and were never begun, the latest accepted first."""
        found: list[tuple[str, str, bool]] = []
        for spec in QUEUES:
            if wish.queue in ("", spec.key):
                for name, info in self.queueing.outbox.listed(spec.key):
                    at = iso(_accepted_s(name, info.modified_at))
                    if at > newer_than:
                        found.append((at, info.key, name.waits))
        newest = sorted(found, reverse=True)[: wish.limit]
        messages = self._messages([key for _at, key, _waits in newest])
        # An unreleased task cannot have been begun.
        sent = [messages[key].task_id for _at, key, waits in newest if not waits and key in messages]
        records = self.queueing.results.get_many(sent)
        once = {message.task_id: message for message in messages.values()}
        return [queued(one) for one in once.values() if is_untouched(one, records.get(one.task_id))]

    def _messages(self, keys: list[str]) -> dict[str, TaskMessage]:
        known = self._accepted = self._accepted if len(self._accepted) <= _KEPT else {}
        unknown = [key for key in keys if key not in known]
        for key, entry in zip(unknown, in_parallel(self.queueing.outbox.read, unknown), strict=True):
            if entry is not None:
                known[key] = entry.message
        return {key: known[key] for key in keys if key in known}


def _accepted_s(name: EntryName, modified_at: float) -> float:
    """When it was accepted; of a released task, when it was released."""
    return name.accepted_ms / 1000 if name.waits else modified_at


def is_untouched(message: TaskMessage, record: TaskRecord | None) -> bool:
    """Whether no worker has begun it: then it is not in the task index. record: of this task."""
    return record is None or (
        record.status is TaskStatus.PENDING
        and record.generation == message.generation
        and record.paused_at is None
    )


def queued(message: TaskMessage) -> TaskEntry:
    return TaskEntry(
        task_id=message.task_id,
        generation=message.generation,
        state=TaskStatus.PENDING,
        at=message.accepted_at,
        queue=message.queue,
        session_id=message.session_id,
        section_id=message.section_id,
    )
