"""Object keys used by queueing, and the shapes that an id must have before it becomes part of one."""

import hashlib
import re
from dataclasses import dataclass

from core.clock import epoch
from core.queueing.topology import QUEUES

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""Pattern of session and task ids, without anchors: lower case, with hyphens."""

_UUID = re.compile(UUID)
_SECTION = re.compile(r"s[0-9]{1,6}|document")
_ENTRY = re.compile(r"(?:([0-9]{13})-)?([0-9a-f-]{36})-([0-9]{1,6})")
_LAST_MS = 9_999_999_999_999
_QUEUE_KEYS = frozenset(spec.key for spec in QUEUES)


def is_uuid(text: object) -> bool:
    """Whether `text` has the shape of a session or task id."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def is_section_id(text: object) -> bool:
    return isinstance(text, str) and _SECTION.fullmatch(text) is not None


def is_queue_key(text: object) -> bool:
    return text in _QUEUE_KEYS


def user_hash(owner: str) -> str:
    """Returns the user's 16 hex digits for keys, so that no name or address shows in a listing."""
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


def result_key(task_id: str) -> str:
    return f"celery-results/{task_id}.json"


def attempts_of(task_id: str) -> str:
    """Prefix of all model calls of a task, over all its generations."""
    return f"attempts/{task_id}/"


def attempt_prefix(task_id: str, generation: int) -> str:
    return f"{attempts_of(task_id)}{generation}/"


def worker_key(worker_id: str) -> str:
    return f"workers/{worker_id}.json"


def waiting_prefix(queue: str) -> str:
    return f"outbox/{queue}/waiting/"


def sent_prefix(queue: str) -> str:
    return f"outbox/{queue}/sent/"


def outbox_prefix(queue: str) -> str:
    """Prefix of waiting and sent entries of a queue."""
    return f"outbox/{queue}/"


def waiting_key(queue: str, entry: "EntryName") -> str:
    return f"{waiting_prefix(queue)}{entry.user_hash}/{entry.accepted_ms:013d}-{entry.task}"


def sent_key(queue: str, entry: "EntryName") -> str:
    return f"{sent_prefix(queue)}{entry.user_hash}/{entry.task}"


@dataclass(frozen=True)
class EntryName:
    """The fields in the key of an outbox entry. accepted_ms: epoch milliseconds; 0 in sent entries."""

    user_hash: str
    accepted_ms: int
    task_id: str
    generation: int

    @property
    def waits(self) -> bool:
        """Whether the task was accepted and not released; otherwise it was released and has not ended."""
        return self.accepted_ms > 0

    @property
    def task(self) -> str:
        """<task id>-<generation>."""
        return f"{self.task_id}-{self.generation}"

    @classmethod
    def parse(cls, key: str) -> "EntryName | None":
        """Parses a key; returns None if it is not that of an outbox entry."""
        owner, _, name = key.rpartition("/")
        match = _ENTRY.fullmatch(name)
        if match is None:
            return None
        return cls(owner.rpartition("/")[2], int(match[1] or 0), match[2], int(match[3]))


def milliseconds(at: str) -> int:
    """Converts a stored ISO time to epoch milliseconds, which sort in a listing."""
    return round(epoch(at) * 1000)


def inverted(epoch_ms: int) -> str:
    """Returns 13 digits that sort later times first in a listing."""
    return f"{_LAST_MS - epoch_ms:013d}"


def not_inverted(text: str) -> int:
    """The inverse of `inverted`: epoch milliseconds."""
    return _LAST_MS - int(text)
