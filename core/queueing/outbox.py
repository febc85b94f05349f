"""The outbox: accepted work in S3, which outlives every crash and every lost message.

waiting/  accepted, not yet released          written first, before anything else exists
sent/     the release claim (If-None-Match)   exactly one process releases; sent_at after SendMessage
neither   the task has ended
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from core.aws.object_store import ObjectInfo, ObjectStore, made_of, new_nonce, put_json, to_json
from core.clock import Clock, iso
from core.queueing.keys import (
    EntryName,
    outbox_prefix,
    sent_key,
    sent_prefix,
    waiting_key,
    waiting_prefix,
)
from core.queueing.message import TaskMessage


@dataclass(frozen=True)
class OutboxEntry:
    """One accepted task. claimed_at, sent_at: ISO UTC; both None while it waits.

    nonce: makes two claims of the same millisecond differ, so that the loser cannot take the winner's for its own.
    etag: of the version that was read or written; not stored.
    """

    message: TaskMessage
    claimed_at: str | None = None
    sent_at: str | None = None
    nonce: str = ""
    etag: str = ""

    def to_dict(self) -> dict[str, Any]:
        own = {"claimed_at": self.claimed_at, "sent_at": self.sent_at, "nonce": self.nonce}
        return {**self.message.to_dict(), **own}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "OutboxEntry":
        rest = dict(data)
        own = {name: rest.pop(name) for name in ("claimed_at", "sent_at", "nonce")}
        return cls(TaskMessage(**rest), **own)


class Outbox:
    """Stores outbox entries. Errors: Transient storage/unavailable, Permanent storage/denied."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def accept(self, message: TaskMessage) -> None:
        """Writes the waiting entry: from now on the task is accepted, and will end."""
        put_json(self._store, waiting_key(message.queue, message.entry), OutboxEntry(message).to_dict())

    def claim(self, message: TaskMessage) -> OutboxEntry | None:
        """Claims the right to send the message, once per task and generation.

        Returns None if somebody else has it.
        """
        now = iso(self._clock.now())
        entry = OutboxEntry(message, claimed_at=now, nonce=new_nonce())
        won = self._store.create(sent_key(message.queue, message.entry), to_json(entry.to_dict()))
        return None if won is None else replace(entry, etag=won)

    def mark_sent(self, entry: OutboxEntry) -> None:
        """Records that SendMessage has answered.

        Written only over the version that `entry` is: the task may have ended meanwhile, and its entry be gone.
        """
        marked = replace(entry, sent_at=iso(self._clock.now()))
        key = sent_key(entry.message.queue, entry.message.entry)
        self._store.replace(key, to_json(marked.to_dict()), etag=entry.etag)

    def drop_waiting(self, message: TaskMessage) -> None:
        self._store.delete(waiting_key(message.queue, message.entry))

    def drop_sent(self, message: TaskMessage) -> None:
        self._store.delete(sent_key(message.queue, message.entry))

    def listed(self, queue: str) -> Iterator[tuple[EntryName, ObjectInfo]]:
        """Lists every entry.

        Those that were released and have not ended, then those that wait, oldest first per user.
        """
        return self._entries(outbox_prefix(queue))

    def waiting(self, queue: str) -> Iterator[tuple[EntryName, ObjectInfo]]:
        """Lists entries that were accepted and not released, oldest first per user; one LIST per thousand."""
        return self._entries(waiting_prefix(queue))

    def sent(self, queue: str) -> Iterator[tuple[EntryName, ObjectInfo]]:
        """Lists entries that were released and have not ended."""
        return self._entries(sent_prefix(queue))

    def waiting_of(self, queue: str, user: str, *, most: int) -> list[tuple[EntryName, ObjectInfo]]:
        """Returns the oldest waiting entries of one user, in one request. user: hash, as in keys."""
        return list(self._entries(f"{waiting_prefix(queue)}{user}/", most=most))

    def sent_of(self, queue: str, user: str) -> set[str]:
        """Returns one user's released tasks that have not ended, as `EntryName.task`. user: hash, as in keys."""
        return {name.task for name, _info in self._entries(f"{sent_prefix(queue)}{user}/")}

    def read(self, key: str) -> OutboxEntry | None:
        """Returns the entry under a listed key, or None if it is gone by now."""
        found = self._store.get(key)
        if found is None:
            return None
        return replace(made_of(found.body, key, OutboxEntry.from_dict), etag=found.etag)

    def _entries(self, prefix: str, *, most: int | None = None) -> Iterator[tuple[EntryName, ObjectInfo]]:
        for info in self._store.list(prefix, most=most):
            name = EntryName.parse(info.key)
            if name is not None:
                yield name, info
