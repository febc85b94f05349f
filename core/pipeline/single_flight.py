"""Asks a question only once at a time: a second task is handed back until the first has its answer.

    absent --create--> held until t --replace--> released (until 0)
                       held, t passed (its holder died) --replace--> held by another

Each arrow is a conditional write. A holder whose answer is in the cache need not release: nobody asks past that.
The object stays behind and expires by lifecycle rule.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, ObjectStore, made_of, to_json, with_nonce
from core.clock import Clock
from core.errors import AppError, Throttled
from core.observability.logs import get_logger

_log = get_logger(__name__)

HELD_S = 300.0
"""The hard time limit of a task: who holds longer is dead. Its own redelivery need not wait for that."""
_LOOK_AGAIN_S = 8.0
"""At most: people wait for it, and looking costs one message."""
_ROUNDS = 3


@dataclass
class Flight:
    """The right to ask a question now.

    held_before: another task has held it before, so there may be an answer by now. answered: set by the holder.
    """

    held_before: bool
    answered: bool = False


@dataclass(frozen=True)
class _Held:
    """What is stored. until: epoch seconds."""

    holder: str
    until: float


class SingleFlight:
    """Holds questions while they are asked. look_again_s: delay of a task that is handed back, at most 8 s."""

    def __init__(self, store: ObjectStore, clock: Clock, *, look_again_s: float = _LOOK_AGAIN_S) -> None:
        self._store = store
        self._clock = clock
        self._look_again_s = min(look_again_s, _LOOK_AGAIN_S)

    @contextmanager
    def holding(self, key: str, *, holder: str) -> Iterator[Flight]:
        """Holds the question `key` for the task `holder` inside the `with` block; the same task may enter again.

        Raises Throttled task/same-question while another task holds it. If storage fails everybody may ask: asking
        twice costs money, not asking costs the review.
        """
        try:
            etag, held_before = self._enter(key, holder)
        except Throttled:
            raise
        except AppError as error:
            _log.warning("single_flight_skipped", code=error.code)
            etag, held_before = "", False
        flight = Flight(held_before)
        try:
            yield flight
        finally:
            if etag and not flight.answered:
                self._leave(key, etag)

    def _enter(self, key: str, holder: str) -> tuple[str, bool]:
        body = self._body(holder, until=self._clock.now() + HELD_S)
        for _ in range(_ROUNDS):
            if (etag := self._store.create(key, body)) is not None:
                return etag, False
            found = self._store.get(key)
            if found is None:
                continue
            held = _held(found.body, key)
            if held.holder != holder and held.until > self._clock.now():
                left_s = held.until - self._clock.now()
                raise _already_asked(min(self._look_again_s, left_s))
            if (etag := self._store.replace(key, body, etag=found.etag)) is not None:
                return etag, True
        raise _already_asked(self._look_again_s)

    def _leave(self, key: str, etag: str) -> None:
        """Releases only the version written here: a holder that was given up for dead must not release another's."""
        try:
            self._store.replace(key, self._body("", until=0.0), etag=etag)
        except AppError as error:
            _log.warning("single_flight_not_released", code=error.code)

    def _body(self, holder: str, *, until: float) -> bytes:
        return to_json(with_nonce({"holder": holder, "until": until}))


def _held(body: bytes, key: str) -> _Held:
    """Who holds the question. A record that cannot be read is void: the next one writes over it."""
    try:
        return made_of(body, key, partial(from_known, _Held))
    except Damaged as error:
        _log.error("single_flight_unreadable", detail=error.detail)
        return _Held("", 0.0)


def _already_asked(retry_after_s: float) -> Throttled:
    return Throttled(
        "task/same-question",
        "The same text is being reviewed at this moment; its answer will be used here too.",
        retry_after_s=retry_after_s,
        waiting_for="the same section, already being asked",
    )
