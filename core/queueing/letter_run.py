"""A run: an operator's order for many dead letters, stored before it begins, and its progress.

dead-letters/archive/runs/<run_id>.json         which letters, chosen by whom: never changed
dead-letters/archive/runs/<run_id>-ended.json   the final progress
dead-letters/under-way/<run_id>.json            the progress, from the confirmation to the end
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, get_as, made_of, put_json, to_json, with_nonce
from core.errors import Permanent
from core.observability.logs import get_logger
from core.queueing.letter import DEAD_LETTERS_PREFIX, Fate, LetterName

_log = get_logger(__name__)
REPLAY_MARK = "replay-"
"""Prefix of the correlation ids of generations that a run has started."""
VERBS = {
    Fate.REPLAYED: "replay",
    Fate.DELETED: "delete",
    Fate.PURGED: "purge",
    Fate.RESTORED: "restore",
}
"""The name of each order, by what becomes of the letters."""

_RUNS_PREFIX = f"{DEAD_LETTERS_PREFIX}archive/runs/"
_UNDER_WAY_PREFIX = f"{DEAD_LETTERS_PREFIX}under-way/"


class ItemOutcome(StrEnum):
    """What a run did with one letter.

    TAKEN: an operator or the task's user was faster. GONE: its task has no failure any more, because its review was
    deleted or its result is too old, or its record cannot be read. REMOVED: the same, and the letter is gone too.
    FROZEN: its review is signed off, so nothing may change in it; the letter stays. RESTORED: it waits for an
    operator again.
    """

    REPLAYED = "replayed"
    ARCHIVED = "archived"
    TAKEN = "taken"
    GONE = "gone"
    REMOVED = "removed"
    FROZEN = "frozen"
    RESTORED = "restored"


@dataclass(frozen=True)
class RunItem:
    """One letter of a run. generation: the one that failed."""

    name: LetterName
    generation: int


@dataclass(frozen=True)
class LetterRun:
    """An operator's order to replay, delete, purge or restore letters.

    fate: what is to become of them. per_minute: replays of one queue; 0 for the queue's own rate. about: how the
    letters were chosen.
    """

    run_id: str
    fate: Fate
    operator: str
    reason: str
    at: str
    per_minute: float
    items: tuple[RunItem, ...]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def correlation_id(self) -> str:
        """Correlation id of the generations that the run starts; it links their logs and records to the run."""
        return f"{REPLAY_MARK}{self.run_id}"

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "LetterRun":
        items = tuple(
            from_known(RunItem, item, name=from_known(LetterName, item["name"])) for item in data["items"]
        )
        return from_known(cls, data, fate=Fate(data["fate"]), items=items)


@dataclass(frozen=True)
class Progress:
    """How far a run has come, who confirmed it, and which process works on it.

    done: items dealt with, counted from the first. counts: items by `ItemOutcome`. busy_until: epoch seconds; until
    then a process is working on the run. etag: of the version that was read; not stored. operator, reason: whoever
    confirmed the run, which another may have prepared.
    """

    run_id: str
    done: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    busy_until: float = 0.0
    etag: str = ""
    operator: str = ""
    reason: str = ""

    def after(self, dealt: Sequence[ItemOutcome]) -> "Progress":
        """Returns the progress after the next items ended with these outcomes."""
        counts = Counter(self.counts) + Counter(one.value for one in dealt)
        return replace(self, done=self.done + len(dealt), counts=dict(counts))

    def count(self, kind: ItemOutcome) -> int:
        return self.counts.get(kind, 0)


class RunRepository:
    """Stores runs and their progress. Errors: Transient storage/unavailable, Permanent storage/denied."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def write(self, run: LetterRun) -> None:
        put_json(self._store, f"{_RUNS_PREFIX}{run.run_id}.json", asdict(run))

    def read(self, run_id: str) -> LetterRun:
        """Returns the run; once confirmed, with who confirmed it and why. Raises Permanent task/not-found."""
        key = f"{_RUNS_PREFIX}{run_id}.json"
        found = get_as(self._store, key, LetterRun.from_dict) if run_id.isalnum() else None
        if found is None:
            raise Permanent("task/not-found", f"There is no run {run_id}: dlq audit has their ids.")
        begun = self.progress(run_id) or self.ended(run_id)
        if not (begun and begun.operator):
            return found
        return replace(found, operator=begun.operator, reason=begun.reason)

    def begin(self, run: LetterRun) -> bool:
        """Marks the run as under way until it ends or is stopped. Returns False if it was begun before."""
        if self.ended(run.run_id) is not None:
            return False
        begun = Progress(run.run_id, operator=run.operator, reason=run.reason)
        return self._store.create(_key(run.run_id), _body(begun)) is not None

    def progress(self, run_id: str) -> Progress | None:
        """Returns the progress of a run that is under way; None if it was not begun, has ended, or was stopped."""
        return self._read(_key(run_id)) if run_id.isalnum() else None

    def keep(self, progress: Progress, *, busy_until: float) -> Progress | None:
        """Stores `progress` over the version it was made from.

        Returns None if the run was stopped or another process has it.
        """
        kept = replace(progress, busy_until=busy_until)
        etag = self._store.replace(_key(progress.run_id), _body(kept), etag=progress.etag)
        if etag is not None:
            return replace(kept, etag=etag)
        if self.ended(progress.run_id) is not None:
            self.end(progress)
        return None

    def end(self, progress: Progress) -> None:
        """Stores the final progress; a run that has ended is never begun again.

        Whoever stops a run and whoever is dealing with one of its letters may both call this, in either order: the
        greater progress counts.
        """
        known = self.ended(progress.run_id)
        if known is None or known.done < progress.done:
            self._store.put(_ended_key(progress.run_id), _body(progress))
        self._store.delete(_key(progress.run_id))

    def ended(self, run_id: str) -> Progress | None:
        """Returns the final progress of a run that has ended or was stopped, else None."""
        return self._read(_ended_key(run_id)) if run_id.isalnum() else None

    def under_way(self) -> list[Progress]:
        """Returns the progress of every run that was begun and has neither ended nor been stopped.

        One that cannot be read is passed over: it must not keep the others from being carried on.
        """
        keys = [info.key for info in self._store.list(_UNDER_WAY_PREFIX)]
        ids = [key.removeprefix(_UNDER_WAY_PREFIX).removesuffix(".json") for key in keys]
        return [found for found in map(self._readable, ids) if found is not None]

    def _readable(self, run_id: str) -> Progress | None:
        try:
            return self.progress(run_id)
        except Damaged as error:
            _log.error("run_progress_unreadable", run_id=run_id, detail=error.detail)
            return None

    def _read(self, key: str) -> Progress | None:
        found = self._store.get(key)
        if found is None:
            return None
        return made_of(found.body, key, lambda data: from_known(Progress, data, etag=found.etag))


def _ended_key(run_id: str) -> str:
    return f"{_RUNS_PREFIX}{run_id}-ended.json"


def _key(run_id: str) -> str:
    return f"{_UNDER_WAY_PREFIX}{run_id}.json"


def _body(progress: Progress) -> bytes:
    known = {name: value for name, value in asdict(progress).items() if name != "etag"}
    return to_json(with_nonce(known))
