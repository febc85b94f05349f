"""Stores of the shared document: S3 with compare-and-swap, or this process's memory."""

import json
import random
import threading
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, NamedTuple, Protocol, TypeVar

from core.aws.object_store import ObjectStore, StoredObject, to_json, with_nonce
from core.clock import Clock
from core.errors import Transient
from core.throttling.host_file import HostFile, LockedHost, NoHostFile, Snapshot
from core.throttling.limits import STALE_S
from core.throttling.shared_time import SharedTime

STATE_KEY = "limiter/state.json"
_MOST_ROUNDS = 40
_LONGEST_PAUSE_S = 0.5
_MOST_CACHED_S = 10.0
"""An older cached state is not used, not even to say when to ask again."""
_CROWDED_FRESH_S = 0.05
"""Where other machines write too, an older cached state is read again before a write: a lost swap costs more."""

Result = TypeVar("Result")
Document = dict[str, Any]


class CachedState(NamedTuple):
    """The document as this machine has it cached; None if it has none.

    fresh: at most STALE_S old. latest: most likely nobody has written since.
    """

    document: Document | None
    fresh: bool = True
    latest: bool = True


Others = Callable[[], Sequence[bytes]]
Change = Callable[[Document | None, Others], tuple[Result, Document | None]]
"""Gets the present document (None: there is none yet) and a function for the batches that other processes of this
machine wait to write; gives a result and the next document (None: leave it as it is).

It may run several times, so it must have no side effects.
"""


def _nothing() -> bytes:
    return b""


class StateStore(Protocol):
    """Holds the shared document and changes it atomically."""

    def transact(
        self, change: Change[Result], batch: Callable[[], bytes] = _nothing, *, linger_s: float = 0.0
    ) -> Result:
        """Runs `change` atomically and returns its result.

        batch: what to write, for whichever process writes while this one waits. linger_s: how long to wait for
        another process of this machine to write it along. Raises Transient or Permanent storage/* if the store
        cannot be reached.
        """
        ...

    def read(self) -> Document | None: ...

    def cached(self) -> CachedState:
        """Returns the state that this machine has read or written last, without a request."""
        ...


class S3StateStore:
    """The document as one S3 object, written with If-Match.

    A change costs one PUT; no change mostly costs no request.

    time: learns from the Date headers of S3's answers. host: lock and cache that the processes of this machine
    share.
    """

    def __init__(
        self,
        objects: ObjectStore,
        time: SharedTime | Clock,
        *,
        host: HostFile | NoHostFile | None = None,
        key: str = STATE_KEY,
    ) -> None:
        self._objects = objects
        self._key = key
        self._host = host or NoHostFile()
        self._time = time if isinstance(time, SharedTime) else SharedTime(time)
        objects.on_date(self._time.observe)

    def read(self) -> Document | None:
        return _parsed(self._objects.get(self._key))

    def cached(self) -> CachedState:
        known = self._host.snapshot()
        age_s = inf if known is None else self._time.steady() - known.at
        if known is None or known.found is None or age_s > _MOST_CACHED_S:
            return CachedState(None)
        latest = not known.crowded or age_s <= _CROWDED_FRESH_S
        return CachedState(_parsed(known.found), fresh=age_s <= STALE_S, latest=latest)

    def transact(
        self, change: Change[Result], batch: Callable[[], bytes] = _nothing, *, linger_s: float = 0.0
    ) -> Result:
        with self._host.held(batch, linger_s=linger_s) as host:
            known = self._start(host)
            for round_number in range(_MOST_ROUNDS):
                result, changed = change(_parsed(known.found), host.others)
                if changed is None:
                    if self._time.steady() - known.at <= STALE_S:
                        return result
                    known = self._look(host, known)
                    continue
                known, won = self._swap(known, changed, host)
                if won:
                    return result
                self._time.sleep(_pause_s(round_number))
        raise Transient("storage/unavailable", "Too many writers changed the limiter's state at once.")

    def _start(self, host: LockedHost) -> Snapshot:
        known = host.read()
        if known is None:
            return self._look(host, None)
        self._time.learn(known.bounds)
        stale = known.crowded and self._time.steady() - known.at > _CROWDED_FRESH_S
        return self._look(host, known) if stale else known

    def _look(self, host: LockedHost, before: Snapshot | None) -> Snapshot:
        found = self._objects.get(self._key)
        crowded = before is not None and _etag(before.found) != _etag(found)
        return self._remember(found, host, crowded=crowded)

    def _swap(self, known: Snapshot, changed: Document, host: LockedHost) -> tuple[Snapshot, bool]:
        """The object after the swap, and whether it is ours: the nonce makes each body unlike any other."""
        body = to_json(with_nonce(changed))
        present = self._objects.swap(self._key, body, etag=_etag(known.found))
        won = present is not None and present.body == body
        return self._remember(present, host, crowded=known.crowded or not won), won

    def _remember(self, found: StoredObject | None, host: LockedHost, *, crowded: bool) -> Snapshot:
        known = Snapshot(found, self._time.steady(), self._time.bounds, crowded)
        host.write(known)
        return known


class MemoryStateStore:
    """The document in memory, for tests within one process; it still passes through JSON, as it would in S3."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.body: bytes | None = None

    def read(self) -> Document | None:
        return None if self.body is None else _parsed(StoredObject(self.body, ""))

    def cached(self) -> CachedState:
        return CachedState(self.read())

    def transact(
        self, change: Change[Result], batch: Callable[[], bytes] = _nothing, *, linger_s: float = 0.0
    ) -> Result:
        with self._lock:
            result, changed = change(self.read(), list)
            if changed is not None:
                self.body = to_json(changed)
            return result


def _etag(found: StoredObject | None) -> str:
    return found.etag if found else ""


def _parsed(found: StoredObject | None) -> Document | None:
    """The document; {} for an object that is no JSON object: it exists, but cannot be read."""
    if found is None:
        return None
    try:
        document = json.loads(found.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _pause_s(round_number: int) -> float:
    return random.uniform(0, min(_LONGEST_PAUSE_S, 0.01 * 2**round_number))  # noqa: S311 - spreads writers
