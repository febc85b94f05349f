"""One dead letter: its fields, the key of its index entry, and which message belongs to it."""

import hashlib
import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from core.aws.known_fields import from_known
from core.aws.sqs import ReceivedMessage
from core.clock import epoch, iso
from core.errors import AppError
from core.queueing.keys import milliseconds
from core.queueing.message import UnreadableMessage, read_body
from core.queueing.results import TaskRecord

DEAD_LETTERS_PREFIX = "dead-letters/"
TASK_ATTRIBUTE = "task_id"
"""Message attribute that only our own dead letters have; SQS's own redrive keeps the bare envelope."""

UNREADABLE_ATTRIBUTE = "unreadable"
"""Message attribute: why a worker put a message aside that is not one of ours. The sweep indexes it."""

CODE_ATTRIBUTE = "error_code"

_VARIABLE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12,}\b|\d+")
_KEY = re.compile(
    rf"{DEAD_LETTERS_PREFIX}([a-z]+)/([0-9a-f]{{8}})/([0-9]{{13}})-([0-9A-Za-z-]{{1,80}})\.json"
)


@dataclass(frozen=True)
class LetterName:
    """The fields in the key of an index entry. ended_ms: epoch milliseconds."""

    queue: str
    signature: str
    ended_ms: int
    task_id: str

    @property
    def key(self) -> str:
        name = f"{self.ended_ms:013d}-{self.task_id}.json"
        return f"{DEAD_LETTERS_PREFIX}{self.queue}/{self.signature}/{name}"

    @property
    def place(self) -> tuple[int, str]:
        """Sort key among all letters: later failures are greater."""
        return self.ended_ms, self.task_id

    @property
    def cursor(self) -> str:
        """The sort key as text, with which the page of older letters is requested."""
        return f"{self.ended_ms}-{self.task_id}"

    @classmethod
    def parse(cls, key: str) -> "LetterName | None":
        """Parses a key; returns None if it is not that of an index entry."""
        match = _KEY.fullmatch(key)
        return None if match is None else cls(match[1], match[2], int(match[3]), match[4])


def place_of(cursor: str) -> tuple[int, str]:
    """Returns the sort key in a cursor. Raises ValueError for any other text."""
    ended_ms, _, task_id = cursor.partition("-")
    return int(ended_ms), task_id


@dataclass(frozen=True)
class DeadLetter:
    """A task that failed for good, or a message that is not a task of AI-Prism, as it is stored in the index.

    body: the raw envelope, as the worker received it. moved_by: "aiprism" (it failed, or is not one of our
    messages) or "queue" (SQS moved it after too many receives). restored_at: when somebody took it out of the
    archive again, else "". listed_as: the key of an entry that cannot be read, else "". Unreadable messages have
    their SQS message id as task_id, generation 0 and no session. attempts: model calls. trace: places in the code
    where it failed. Times: ISO UTC.
    """

    task_id: str
    generation: int
    queue: str
    task: str
    session_id: str
    section_id: str
    code: str
    detail: str
    attempts: int
    retries: int
    starts: int
    accepted_at: str
    ended_at: str
    moved_by: str = "aiprism"
    correlation_id: str = ""
    trace: list[str] = field(default_factory=list)
    body: str = ""
    restored_at: str = ""
    listed_as: str = ""

    @property
    def signature(self) -> str:
        listed = LetterName.parse(self.listed_as)
        return signature(self.code, self.detail) if listed is None else listed.signature

    @property
    def name(self) -> LetterName:
        said = LetterName(self.queue, self.signature, milliseconds(self.ended_at), self.task_id)
        return LetterName.parse(self.listed_as) or said

    @property
    def key(self) -> str:
        return self.name.key

    @property
    def is_task(self) -> bool:
        """Whether it is a task of AI-Prism; anything else can be looked at but never run."""
        return self.generation > 0

    def is_about(self, received: ReceivedMessage) -> bool:
        """Whether the message has this letter's envelope.

        Letters of earlier releases store no envelope and match any.
        """
        return self.body in ("", received.body)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "DeadLetter":
        made = from_known(cls, data)
        epoch(made.ended_at)
        return made


def unreadable(name: LetterName, error: AppError) -> DeadLetter:
    """What stands for an entry that cannot be read: nothing to run, but to be seen, and to be deleted."""
    return DeadLetter(
        name.task_id,
        generation=0,
        queue=name.queue,
        task="",
        session_id="",
        section_id="",
        code=error.code,
        detail=error.detail,
        attempts=0,
        retries=0,
        starts=0,
        accepted_at="",
        ended_at=iso(name.ended_ms / 1000),
        listed_as=name.key,
    )


class Fate(StrEnum):
    """What became of an archived letter.

    EDITED: another task was submitted in its place. SUPERSEDED: its task was run again in another way, such as by
    its user. RESTORED: it is back in the index.
    """

    REPLAYED = "replayed"
    EDITED = "edited"
    SUPERSEDED = "superseded"
    DELETED = "deleted"
    PURGED = "purged"
    RESTORED = "restored"


@dataclass(frozen=True)
class LetterVerdict:
    """Who dealt with a letter, how and why.

    at: ISO UTC. run_id: of the run that dealt with it, or "". task_id: of the task submitted by an edit, or "".
    """

    fate: Fate
    operator: str
    reason: str
    at: str
    run_id: str = ""
    task_id: str = ""


def is_restorable(verdict: LetterVerdict) -> bool:
    """Whether nothing was run in the letter's place.

    It was removed, or the process that edited it crashed half-way.
    """
    begun_edit = verdict.fate is Fate.EDITED and not verdict.task_id
    return begun_edit or verdict.fate in (Fate.DELETED, Fate.PURGED)


def superseded(at: str) -> LetterVerdict:
    """Returns the verdict on a letter whose task was run again by its user or another operator. at: ISO UTC."""
    return LetterVerdict(Fate.SUPERSEDED, "", "Its task had been run again.", at)


def signature(code: str, detail: str) -> str:
    """Returns eight hex digits, the same for failures that differ only in ids and numbers."""
    return hashlib.sha256(f"{code}\n{_VARIABLE.sub('#', detail)}".encode()).hexdigest()[:8]


def letter_of(record: TaskRecord, *, body: str = "", moved_by: str = "aiprism") -> DeadLetter:
    """Returns the dead letter of a FAILURE.

    It depends on the record alone, so that a repeat writes the same object.
    """
    error = record.error or {}
    return DeadLetter(
        task_id=record.task_id,
        generation=record.generation,
        queue=record.queue,
        task=record.task,
        session_id=record.session_id,
        section_id=record.section_id,
        code=str(error.get("code", "")),
        detail=str(error.get("detail", "")),
        attempts=record.attempts,
        retries=record.retries,
        starts=record.starts,
        accepted_at=record.accepted_at,
        ended_at=record.ended_at or record.accepted_at,
        moved_by=moved_by,
        correlation_id=record.correlation_id,
        trace=record.trace,
        body=body,
    )


def foreign_letter(queue: str, received: ReceivedMessage, *, why: str, code: str) -> DeadLetter:
    """Returns the letter of a message that is not a task of AI-Prism.

    Its time is SQS's, so that a repeat writes the same.
    """
    at = iso(received.sent_at)
    return DeadLetter(
        task_id=received.message_id,
        generation=0,
        queue=queue,
        task="",
        session_id="",
        section_id="",
        code=code,
        detail=f"The message is not one of ours: {why}.",
        attempts=0,
        retries=0,
        starts=0,
        accepted_at=at,
        ended_at=at,
        moved_by="queue" if code == "task/moved-by-queue" else "aiprism",
        body=received.body,
    )


def letter_ids(received: ReceivedMessage) -> list[tuple[str, int]]:
    """Returns (task_id, generation) of each letter that a message in a dead-letter queue can belong to.

    Either its own, if it is not a task of AI-Prism, or that of the task it names; `DeadLetter.is_about` decides.
    """
    own = (received.message_id, 0)
    if named := received.attributes.get(TASK_ATTRIBUTE):
        generation = received.attributes.get("generation", "")
        return [own, (named, int(generation) if generation.isdecimal() else 0)]
    try:
        message = read_body(received.body)
    except UnreadableMessage:
        return [own]
    return [own, (message.task_id, message.generation)]
