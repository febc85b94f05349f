"""Dead letters: the envelope in SQS, and an object in S3 that says what it is about.

    dead-letters/<queue>/<signature>/<ended_at>-<task_id>.json   the index: what nobody has dealt with yet
    dead-letters/archive/<queue>/<task_id>-<generation>.json     the same, and who did what with it
    dead-letters/restored/<queue>/<task_id>-<generation>         in the index again, and without a message in SQS

Whoever creates the archive's object has the letter: nobody else may replay, edit or remove it. A letter that is
restored is marked there before it is in the index again, and may be archived anew over that mark.

Operators read the index: it costs no receive, hides nothing from a second operator and outlives SQS's 14 days.
One LIST gives the groups, because the key starts with queue and signature. The queue in SQS is only transport: a
message whose letter is in the archive has been dealt with, and whoever comes across it deletes it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from enum import Enum, auto
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import (
    Damaged,
    ObjectStore,
    get_as,
    made_of,
    put_json,
    to_json,
    with_nonce,
)
from core.aws.sqs import ReceivedMessage, SqsQueues
from core.clock import Clock
from core.observability.logs import get_logger
from core.queueing.keys import milliseconds
from core.queueing.letter import (
    CODE_ATTRIBUTE,
    DEAD_LETTERS_PREFIX,
    TASK_ATTRIBUTE,
    DeadLetter,
    Fate,
    LetterName,
    LetterVerdict,
    is_restorable,
    letter_ids,
    letter_of,
    superseded,
    unreadable,
)
from core.queueing.parallel import in_parallel
from core.queueing.queue_scan import delete_matching
from core.queueing.results import TaskRecord, TaskStatus
from core.queueing.topology import QUEUES, dead_letter_name

_log = get_logger(__name__)
_ARCHIVE_PREFIX = f"{DEAD_LETTERS_PREFIX}archive/"
_RESTORED_PREFIX = f"{DEAD_LETTERS_PREFIX}restored/"
_LOOKS = 3
_BETWEEN_LOOKS_S = 2.0
_ID = re.compile(r"[0-9A-Za-z-]{1,80}")


class MessageState(Enum):
    """Where the letter of a message in a dead-letter queue is: in the index, in the archive, or not written yet."""

    INDEXED = auto()
    ARCHIVED = auto()
    NEW = auto()


class DeadLetters:
    """Stores dead letters: the index that operators read, the archive, and the messages in SQS.

    prefix: of the queue names. Errors: Transient storage/unavailable or queue/unavailable, Permanent if access is
    missing.
    """

    def __init__(self, store: ObjectStore, queues: SqsQueues, *, prefix: str) -> None:
        self._store = store
        self._queues = queues
        self._prefix = prefix

    def index(self, letter: DeadLetter) -> bool:
        """Adds the letter to the index. Returns False if it is there already, written by an earlier try."""
        known = self.read(letter.name)
        if known is not None:
            self._unmark(known)
            return False
        put_json(self._store, letter.key, letter.to_dict())
        return True

    def send(self, letter: DeadLetter, body: str) -> None:
        """Sends the original envelope, as the worker received it, to the dead-letter queue."""
        attributes = {
            TASK_ATTRIBUTE: letter.task_id,
            "task": letter.task,
            "generation": str(letter.generation),
            "session_id": letter.session_id,
            "section_id": letter.section_id,
            CODE_ATTRIBUTE: letter.code,
            "signature": letter.signature,
            "attempts": str(letter.attempts),
            "ended_at": letter.ended_at,
            "correlation_id": letter.correlation_id,
        }
        self._queues.send(dead_letter_name(self._prefix, letter.queue), body, attributes=attributes)

    def names(self) -> list[LetterName]:
        """Lists the names of all letters in the index, newest first; one LIST per queue and thousand letters."""
        listed = in_parallel(lambda spec: list(self._names(spec.key)), QUEUES)
        found = [name for names in listed for name in names]
        return sorted(found, key=lambda name: (name.ended_ms, name.task_id), reverse=True)

    def count(self, queue: str) -> int:
        """Returns how many letters of one queue are in the index; one LIST per thousand."""
        return sum(1 for _name in self._names(queue))

    def messages(self, indexed: int, queue: str) -> int:
        """Returns how many messages in SQS belong to the `indexed` letters of a queue.

        Restored letters have none.
        """
        restored = sum(1 for _info in self._store.list(f"{_RESTORED_PREFIX}{queue}/"))
        return max(0, indexed - restored)

    def read(self, name: LetterName) -> DeadLetter | None:
        """Returns the letter from the index, or None if somebody has dealt with it since it was listed."""
        try:
            return get_as(self._store, name.key, DeadLetter.from_dict)
        except Damaged as error:
            return unreadable(name, error)

    def all(self) -> list[DeadLetter]:
        """Reads every letter in the index, newest first."""
        letters = in_parallel(self.read, self.names())
        return [letter for letter in letters if letter is not None]

    def archive(self, letter: DeadLetter, verdict: LetterVerdict) -> bool:
        """Moves the letter from the index into the archive.

        Returns False if somebody else was first: their verdict counts.
        """
        document = with_nonce({**letter.to_dict(), "verdict": asdict(verdict)})
        key = _archive_key(letter.queue, letter.task_id, letter.generation)
        won = self._store.create(key, to_json(document)) is not None or self._over_restored(key, document)
        self._unmark(letter)
        self._store.delete(letter.key)
        return won

    def amend(self, letter: DeadLetter, verdict: LetterVerdict) -> None:
        """Replaces a verdict that the caller itself has given, because more is known now."""
        key = _archive_key(letter.queue, letter.task_id, letter.generation)
        put_json(self._store, key, {**letter.to_dict(), "verdict": asdict(verdict)})

    def restore(self, queue: str, task_id: str, generation: int, *, by: LetterVerdict, until: str) -> bool:
        """Moves a letter from the archive back into the index; may be repeated.

        by: who restores it, in which run. until: ISO UTC; a letter removed after that stays removed. Returns False
        if it is not in the archive, something was run in its place, or somebody else was faster.
        """
        key = _archive_key(queue, task_id, generation)
        found = self._store.get(key)
        document = {} if found is None else made_of(found.body, key, dict)
        if found is None or not _may_be_restored(document, by, until=until):
            return False
        if "restored" not in document:
            marked = with_nonce({**document, "restored": asdict(by)})
            if self._store.replace(key, to_json(marked), etag=found.etag) is None:
                return False
        letter = replace(DeadLetter.from_dict(document), restored_at=by.at)
        put_json(self._store, _restored_key(letter), {})
        put_json(self._store, letter.key, letter.to_dict())
        return True

    def _over_restored(self, key: str, document: dict[str, Any]) -> bool:
        """Archives a letter that was restored before, over the mark that says so."""
        found = self._store.get(key)
        if found is None or "restored" not in made_of(found.body, key, dict):
            return False
        return self._store.replace(key, to_json(document), etag=found.etag) is not None

    def archived(self, queue: str, task_id: str, generation: int) -> tuple[DeadLetter, LetterVerdict] | None:
        """Returns the archived letter with its verdict, or None if it is not there or was restored."""
        if not _ID.fullmatch(task_id):
            return None
        return get_as(self._store, _archive_key(queue, task_id, generation), _archived)

    def archived_of(self, task_id: str) -> list[tuple[DeadLetter, LetterVerdict]]:
        """Returns every archived letter of a task that was not restored, with its verdict, oldest first.

        One that cannot be read is left out: it must not hide what became of the others.
        """
        prefixes = [f"{_ARCHIVE_PREFIX}{spec.key}/{task_id}-" for spec in QUEUES]
        listed = in_parallel(lambda prefix: [info.key for info in self._store.list(prefix)], prefixes)
        found = in_parallel(self._archived_under, [key for keys in listed for key in keys])
        return sorted((pair for pair in found if pair), key=lambda pair: pair[0].generation)

    def _archived_under(self, key: str) -> tuple[DeadLetter, LetterVerdict] | None:
        try:
            return get_as(self._store, key, _archived)
        except Damaged as error:
            _log.error("archived_letter_unreadable", detail=error.detail)
            return None

    def retire_former(self, record: TaskRecord, *, at: str) -> None:
        """Archives the letters of a task's earlier failures, because it was run again and has ended. at: ISO UTC."""
        for former in record.history:
            if former["status"] == TaskStatus.FAILURE:
                known = {name: former[name] for name in ("generation", "error", "ended_at")}
                letter = self.read(letter_of(replace(record, **known)).name)
                if letter is not None:
                    self.archive(letter, superseded(at))

    def delete_messages(self, handled: Sequence[tuple[str, str, int]], *, clock: Clock) -> None:
        """Deletes the messages of archived letters. handled: (queue, task_id, generation) of each letter.

        A message that another operator has leased at this moment may be left; the sweep deletes it later.
        """
        for queue in dict.fromkeys(item[0] for item in handled):
            ours = [item for item in handled if item[0] == queue]
            found = in_parallel(lambda item: self.archived(*item), ours)
            letters = {item[1:]: pair[0] for item, pair in zip(ours, found, strict=True) if pair is not None}
            self._delete_messages(dead_letter_name(self._prefix, queue), letters, clock=clock)

    def _delete_messages(
        self, name: str, letters: dict[tuple[str, int], DeadLetter], *, clock: Clock
    ) -> None:
        def is_theirs(received: ReceivedMessage) -> bool:
            named = [letters[names] for names in letter_ids(received) if names in letters]
            return any(letter.is_about(received) for letter in named)

        left = len(letters)
        for _ in range(_LOOKS):
            left -= delete_matching(self._queues, name, wanted=is_theirs, most=left)
            if left <= 0 or self._queues.depth(name).in_flight == 0:
                return
            clock.sleep(_BETWEEN_LOOKS_S)

    def state_of(self, queue: str, received: ReceivedMessage) -> MessageState:
        """Returns whether a message's letter is in the index, in the archive, or yet to be written.

        The message's own attributes prove nothing: whoever may write to the queue could claim to be a known letter
        and would then be listed nowhere. So the letter has to exist, with the same envelope.
        """
        name = _named(queue, received)
        letter = None if name is None else self.read(name)
        if letter is not None and letter.is_about(received):
            self._unmark(letter)
            return MessageState.INDEXED
        archived = [self.archived(queue, *names) for names in letter_ids(received)]
        done_with = any(found is not None and found[0].is_about(received) for found in archived)
        return MessageState.ARCHIVED if done_with else MessageState.NEW

    def _unmark(self, letter: DeadLetter) -> None:
        """Restored ones that are dealt with, or have their message after all: nobody had taken it off yet."""
        if letter.restored_at:
            self._store.delete(_restored_key(letter))

    def _names(self, queue: str) -> Iterator[LetterName]:
        for info in self._store.list(f"{DEAD_LETTERS_PREFIX}{queue}/"):
            name = LetterName.parse(info.key)
            if name is not None:
                yield name


def _archive_key(queue: str, task_id: str, generation: int) -> str:
    return f"{_ARCHIVE_PREFIX}{queue}/{task_id}-{generation}.json"


def _restored_key(letter: DeadLetter) -> str:
    return f"{_RESTORED_PREFIX}{letter.queue}/{letter.task_id}-{letter.generation}"


def _may_be_restored(document: dict[str, Any], by: LetterVerdict, *, until: str) -> bool:
    _letter, verdict = _from_archive(document)
    restored = document.get("restored", {"run_id": by.run_id})
    return is_restorable(verdict) and verdict.at <= until and restored["run_id"] == by.run_id


def _archived(document: dict[str, Any]) -> tuple[DeadLetter, LetterVerdict] | None:
    """None for a letter that was restored."""
    return None if "restored" in document else _from_archive(document)


def _from_archive(document: dict[str, Any]) -> tuple[DeadLetter, LetterVerdict]:
    verdict = document["verdict"]
    return DeadLetter.from_dict(document), from_known(LetterVerdict, verdict, fate=Fate(verdict["fate"]))


def _named(queue: str, received: ReceivedMessage) -> LetterName | None:
    """The name of the index entry that a message's attributes describe. None: they describe none."""
    attributes = received.attributes
    try:
        ended_ms = milliseconds(attributes.get("ended_at", ""))
    except (ValueError, OverflowError):
        return None
    name = LetterName(queue, attributes.get("signature", ""), ended_ms, attributes.get(TASK_ATTRIBUTE, ""))
    return LetterName.parse(name.key)
