"""Where the shared document lives: S3 with compare-and-swap, or this process's memory."""

import json
import random
import secrets
import threading
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, NamedTuple, Protocol, TypeVar

from core.aws.object_store import ObjectStore, StoredObject, to_json
from core.clock import Clock
from core.errors import Transient
from core.throttling.host_file import HostFile, Known, NoHostFile, Seat
from core.throttling.limits import STALE_S
from core.throttling.shared_time import SharedTime

STATE_KEY = "limiter/state.json"
_MOST_ROUNDS = 40
_LONGEST_PAUSE_S = 0.5
_FRESH_S = STALE_S
"""What this host knew so recently is enough to say no, or that nothing has changed; to write, S3 decides."""
_KNOWN_S = 10.0
"""Good enough to say when to come back."""
_CROWDED_FRESH_S = 0.05
"""Where other machines write too, what is older is looked at first: a refused write costs more than a look."""

Result = TypeVar("Result")
Document = dict[str, Any]


class Glimpse(NamedTuple):
    """document: None: nothing is known. fresh: not older than what this process may keep to itself is for others.
    latest: most likely nobody has written since."""

    document: Document | None
    fresh: bool = True
    latest: bool = True


Others = Callable[[], Sequence[bytes]]
Change = Callable[[Document | None, Others], tuple[Result, Document | None]]
"""Gets the present document (None: there is none yet) and, when it looks, what others of this machine wait to say;
gives a result and the next document (None: leave it).

It may run several times, so it must have no effect of its own.
"""


def _nothing() -> bytes:
    return b""


class StateStore(Protocol):
    def transact(
        self, change: Change[Result], say: Callable[[], bytes] = _nothing, *, linger_s: float = 0.0
    ) -> Result:
        """Runs `change` atomically. say: what it is about, for whoever writes while this process waits.

        linger_s: so long it may wait for somebody on this machine to write anyway.
        Raises Transient or Permanent storage/* when the store cannot be reached.
        """
        ...

    def read(self) -> Document | None: ...

    def glance(self) -> Glimpse:
        """What is known here of late without asking anybody."""
        ...


class S3StateStore:
    """One object, If-Match on every write. A change costs one PUT, one that leaves the document mostly nothing.

    time: told by S3's answers. host: where the processes of this machine queue up, and tell each other what S3
    holds and what time it is there.
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
        objects.hear_dates(self._time.heard)

    def read(self) -> Document | None:
        return _parsed(self._objects.get(self._key))

    def glance(self) -> Glimpse:
        known = self._host.glance()
        age_s = inf if known is None else self._time.steady() - known.at
        if known is None or known.found is None or age_s > _KNOWN_S:
            return Glimpse(None)
        latest = not known.crowded or age_s <= _CROWDED_FRESH_S
        return Glimpse(_parsed(known.found), fresh=age_s <= _FRESH_S, latest=latest)

    def transact(
        self, change: Change[Result], say: Callable[[], bytes] = _nothing, *, linger_s: float = 0.0
    ) -> Result:
        with self._host.held(say, linger_s=linger_s) as seat:
            known = self._begun(seat)
            for round_number in range(_MOST_ROUNDS):
                result, changed = change(_parsed(known.found), seat.others)
                if changed is None:
                    if self._time.steady() - known.at <= _FRESH_S:
                        return result
                    known = self._looked(seat, known)
                    continue
                known, won = self._swapped(known, changed, seat)
                if won:
                    return result
                self._time.sleep(_pause_s(round_number))
        raise Transient("storage/unavailable", "Too many writers changed the limiter's state at once.")

    def _begun(self, seat: Seat) -> Known:
        known = seat.read()
        if known is None:
            return self._looked(seat, None)
        self._time.learn(known.bounds)
        stale = known.crowded and self._time.steady() - known.at > _CROWDED_FRESH_S
        return self._looked(seat, known) if stale else known

    def _looked(self, seat: Seat, before: Known | None) -> Known:
        found = self._objects.get(self._key)
        crowded = before is not None and _etag(before.found) != _etag(found)
        return self._remember(found, seat, crowded=crowded)

    def _swapped(self, known: Known, changed: Document, seat: Seat) -> tuple[Known, bool]:
        """What is there afterwards, and whether that is ours; the nonce makes each body unlike any other."""
        body = to_json({**changed, "nonce": secrets.token_hex(4)})
        present = self._objects.swap(self._key, body, etag=_etag(known.found))
        won = present is not None and present.body == body
        return self._remember(present, seat, crowded=known.crowded or not won), won

    def _remember(self, found: StoredObject | None, seat: Seat, *, crowded: bool) -> Known:
        known = Known(found, self._time.steady(), self._time.bounds, crowded)
        seat.write(known)
        return known


class MemoryStateStore:
    """The same promise for one process; the document still passes through JSON, as it would in S3."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.body: bytes | None = None

    def read(self) -> Document | None:
        return None if self.body is None else _parsed(StoredObject(self.body, ""))

    def glance(self) -> Glimpse:
        return Glimpse(self.read())

    def transact(
        self, change: Change[Result], say: Callable[[], bytes] = _nothing, *, linger_s: float = 0.0
    ) -> Result:
        with self._lock:
            result, changed = change(self.read(), list)
            if changed is not None:
                self.body = to_json(changed)
            return result


def _etag(found: StoredObject | None) -> str:
    return found.etag if found else ""


def _parsed(found: StoredObject | None) -> Document | None:
    """An object that is no JSON object comes back empty: there, but unreadable."""
    if found is None:
        return None
    try:
        document = json.loads(found.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _pause_s(round_number: int) -> float:
    return random.uniform(0, min(_LONGEST_PAUSE_S, 0.01 * 2**round_number))  # noqa: S311 - spreads writers
