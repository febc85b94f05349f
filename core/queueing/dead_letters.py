"""Dead letters: the envelope in SQS, and an index object in S3 that says what it is about.

The page and the command line read the index: it costs no receive, hides nothing from a second operator and
outlives SQS's 14 days. One LIST gives the groups, because the key starts with queue and signature.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from core.aws.object_store import ObjectStore, put_json
from core.aws.sqs import SqsQueues
from core.queueing.keys import milliseconds
from core.queueing.results import TaskRecord
from core.queueing.topology import QUEUES, dead_letter_name

DEAD_LETTERS_PREFIX = "dead-letters/"
TASK_ATTRIBUTE = "task_id"
"""Message attribute that only our own dead letters have; SQS's own redrive keeps the bare envelope."""

UNREADABLE_ATTRIBUTE = "unreadable"
"""Message attribute of what a worker put aside because it is no message of ours: why. The sweep indexes it."""

_VARIABLE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12,}\b|\d+")


@dataclass(frozen=True)
class DeadLetter:
    """dead-letters/<queue>/<signature>/<ended_at>-<task_id>.json.

    moved_by: "aiprism" (it failed, or is no message of ours) or "queue" (SQS moved it after too many receives).
    Unreadable messages have their SQS message id as task_id and no session. attempts: model calls. Times: ISO UTC.
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

    @property
    def signature(self) -> str:
        return signature(self.code, self.detail)

    @property
    def key(self) -> str:
        name = f"{milliseconds(self.ended_at):013d}-{self.task_id}.json"
        return f"{DEAD_LETTERS_PREFIX}{self.queue}/{self.signature}/{name}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def signature(code: str, detail: str) -> str:
    """Eight hex digits, the same for failures that differ in ids and numbers only."""
    return hashlib.sha256(f"{code}\n{_VARIABLE.sub('#', detail)}".encode()).hexdigest()[:8]


def letter_of(record: TaskRecord, *, moved_by: str = "aiprism") -> DeadLetter:
    """The dead letter of a FAILURE: made from the record alone, so that a repeat writes the same object."""
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
    )


class DeadLetters:
    """Errors: Transient storage/unavailable or queue/unavailable, Permanent where access is missing."""

    def __init__(self, store: ObjectStore, queues: SqsQueues, *, prefix: str) -> None:
        self._store = store
        self._queues = queues
        self._prefix = prefix

    def index(self, letter: DeadLetter) -> bool:
        """False: it was there already, from an earlier try; the same letter makes the same object."""
        if self._store.get(letter.key) is not None:
            return False
        put_json(self._store, letter.key, letter.to_dict())
        return True

    def send(self, letter: DeadLetter, body: str) -> None:
        """The original envelope, as the worker received it, to the dead-letter queue."""
        attributes = {
            TASK_ATTRIBUTE: letter.task_id,
            "task": letter.task,
            "generation": str(letter.generation),
            "session_id": letter.session_id,
            "section_id": letter.section_id,
            "error_code": letter.code,
            "signature": letter.signature,
            "attempts": str(letter.attempts),
            "ended_at": letter.ended_at,
            "correlation_id": letter.correlation_id,
        }
        self._queues.send(dead_letter_name(self._prefix, letter.queue), body, attributes=attributes)

    def all(self) -> list[DeadLetter]:
        """All of them, newest first."""
        letters = [letter for spec in QUEUES for letter in self.of_queue(spec.key)]
        return sorted(letters, key=lambda letter: letter.ended_at, reverse=True)

    def of_queue(self, queue: str) -> list[DeadLetter]:
        keys = [info.key for info in self._store.list(f"{DEAD_LETTERS_PREFIX}{queue}/")]
        found = [self._store.get(key) for key in keys]
        return [DeadLetter(**json.loads(stored.body)) for stored in found if stored is not None]
