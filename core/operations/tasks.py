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
from core.queueing.task_index import IndexQuery, TaskEntry, TaskName, entry_of
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
class TaskFilter:
    """Criteria for tasks; None and "" match everything.

    text: a task id or its beginning, a review id, a user, or words of an error. since: epoch seconds.
    """

    since: float
    limit: int
    state: TaskStatus | None = None
    queue: str = ""
    text: str = ""

    def matches(self, entry: TaskEntry) -> bool:
        return self.state in (None, entry.state) and self.queue in ("", entry.queue)


@dataclass(frozen=True)
class TaskList:
    """Matching entries, newest first. complete: no further task matches."""

    entries: list[TaskEntry]
    complete: bool


@dataclass
class RecentTasks:
    """Caches index entries and what outbox entries are about, which never change. Errors: storage/*."""

    queueing: Queueing
    reviews: ReviewRepository
    _known: dict[str, TaskEntry | None] = field(default_factory=dict)
    _accepted: dict[str, TaskMessage] = field(default_factory=dict)

    def find(self, wanted: TaskFilter) -> TaskList:
        if not wanted.text:
            return self._latest(wanted)
        if is_uuid(wanted.text):
            return self._of_id(wanted)
        if _PART_OF_ID.fullmatch(wanted.text):
            found = self._listed(wanted, lambda name: name.task_id.startswith(wanted.text))
            # It may also be a user's name or a word of an error that looks like the beginning of an id.
            if found.entries:
                return found
        if sessions := self.reviews.list_for(wanted.text, most=_MOST_REVIEWS + 1):
            tasks = in_parallel(self._tasks_of, sessions[:_MOST_REVIEWS])
            found = self._of_records(chain.from_iterable(tasks), wanted)
            return replace(found, complete=found.complete and len(sessions) <= _MOST_REVIEWS)
        return self._with_words(wanted)

    def _latest(self, wanted: TaskFilter) -> TaskList:
        found = self._listed(wanted, lambda name: wanted.state in (None, name.state))
        if wanted.state not in (None, TaskStatus.PENDING):
            return found
        full = len(found.entries) >= wanted.limit and wanted.state is None
        queued = self.untouched(wanted, newer_than=found.entries[-1].at if full else "")
        known = {entry.task_id for entry in queued}
        entries = [*queued, *(entry for entry in found.entries if entry.task_id not in known)]
        entries.sort(key=lambda entry: entry.at, reverse=True)
        return TaskList(entries[: wanted.limit], found.complete and len(entries) <= wanted.limit)

    def _of_id(self, wanted: TaskFilter) -> TaskList:
        session = self.reviews.get(wanted.text)
        return self._of_records([wanted.text] if session is None else self._tasks_of(session), wanted)

    def _tasks_of(self, session: ReviewSession) -> list[str]:
        """Ids of all tasks of a review: sections and questions, also of earlier runs."""
        return [*session.every_task, *ChatLog(self.queueing.store).question_ids(session.id)]

    def _of_records(self, task_ids: Iterable[str], wanted: TaskFilter) -> TaskList:
        """The matching ones of these tasks, of any age: read from the results themselves."""
        records = self.queueing.results.get_many(task_ids)
        entries = sorted(map(entry_of, records.values()), key=lambda entry: entry.at, reverse=True)
        found = [entry for entry in entries if wanted.matches(entry)]
        return TaskList(found[: wanted.limit], complete=len(found) <= wanted.limit)

    def _with_words(self, wanted: TaskFilter) -> TaskList:
        words = wanted.text.lower()
        names = list(islice(self._names(wanted), MOST_READ + 1))
        entries = self._read(names[:MOST_READ])
        found = [
            entry
            for entry in entries
            if wanted.matches(entry)
            and words in f"{entry.error}\n{entry.model_id}\n{entry.section_id}".lower()
        ]
        return TaskList(found[: wanted.limit], len(names) <= MOST_READ and len(found) <= wanted.limit)

    def _listed(self, wanted: TaskFilter, takes: TakesName) -> TaskList:
        looked, names = 0, []
        for name in islice(self._names(wanted), MOST_NAMES):
            looked += 1
            if takes(name):
                names.append(name)
            if len(names) > wanted.limit:
                break
        complete = len(names) <= wanted.limit and looked < MOST_NAMES
        entries = [entry for entry in self._read(names[: wanted.limit]) if wanted.matches(entry)]
        return TaskList(entries, complete)

    def _names(self, wanted: TaskFilter) -> Iterator[TaskName]:
        query = IndexQuery(since=wanted.since, limit=wanted.limit, queue=wanted.queue)
        return self.queueing.index.names(query, now=self.queueing.clock.now())

    def _read(self, names: list[TaskName]) -> list[TaskEntry]:
        known = self._known = self._known if len(self._known) <= _KEPT else {}
        unknown = [name for name in names if name.key not in known]
        read = in_parallel(self.queueing.index.read, unknown)
        known |= {name.key: entry for name, entry in zip(unknown, read, strict=True)}
        return [entry for name in names if (entry := known.get(name.key)) is not None]

    def untouched(self, wanted: TaskFilter, *, newer_than: str = "") -> list[TaskEntry]:
        """Tasks that wait in the outbox or in SQS and were never begun, the latest accepted first."""
        found: list[tuple[str, str, bool]] = []
        for spec in QUEUES:
            if wanted.queue in ("", spec.key):
                for name, info in self.queueing.outbox.listed(spec.key):
                    at = iso(_accepted_s(name, info.modified_at))
                    if at > newer_than:
                        found.append((at, info.key, name.waits))
        newest = sorted(found, reverse=True)[: wanted.limit]
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
