"""The limiter as the rest of the product sees it: ask for a slot, give it back, look at its state."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from core.clock import Clock
from core.errors import AppError, Throttled
from core.models.registry import ModelRegistry
from core.observability.logs import get_logger
from core.throttling import patience
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.flushing import Flush, NoFlusher
from core.throttling.following import following
from core.throttling.limits import FRESH_S, Limits
from core.throttling.notes import Begun, Followed, Note, Settled, told
from core.throttling.outcome import URGENT, Outcome, OutcomeKind
from core.throttling.said import Said
from core.throttling.shared_time import SharedTime
from core.throttling.state import LimiterState, closed_state
from core.throttling.status import LimiterStatus, describe
from core.throttling.store import Document, Others, StateStore
from core.throttling.windows import UNREACHABLE

_log = get_logger(__name__)
_RETRY_UNAVAILABLE_S = 15.0
_UNUSED = Outcome(OutcomeKind.UNUSED)

_Heard = tuple[Granted | Denied | None, bool]
"""The answer, and whether the others know all that was to be told."""


class Flusher(Protocol):
    def soon(self, flush: Flush) -> None: ...


class Limiter:
    """Shared by all processes through its store; holds nothing itself but what it has yet to tell the others.

    Without its store nobody may call a model: acquire, status and probe raise Throttled limiter/unavailable then.
    Times are those of `now`, which all processes agree on.
    """

    def __init__(
        self,
        *,
        store: StateStore,
        clock: Clock,
        limits: Limits,
        registry: ModelRegistry,
        flusher: Flusher | None = None,
    ) -> None:
        """clock: a SharedTime where other machines take part."""
        self._store = store
        self._time = clock if isinstance(clock, SharedTime) else SharedTime(clock)
        self._limits = limits
        self._models = registry.models
        self._flusher = flusher or NoFlusher()
        # Appending, copying and removing are each one step of the interpreter: no lock that a fork could inherit.
        self._notes: list[Note] = []
        self._telling: list[SlotRequest | None] = []
        # Told or not: the write's answer was lost, or somebody of this machine has read them here.
        self._doubtful: list[Note] = []

    def now(self) -> float:
        return self._time.now()

    def acquire(self, request: SlotRequest) -> Granted | Denied:
        """A slot now or in the future, to be settled in either case, or when to ask again.

        A holder that has waited until its slot's time asks again with the same request before it calls.
        """

        try:
            answer, linger_s = self._glanced(request)
            answer = answer or self._transacted(request, linger_s=linger_s)
        except BaseException:
            # A lost answer or another process may have granted what nobody will use.
            self.settle(request.lease_id, _UNUSED)
            raise
        assert answer is not None, "a question has an answer"  # noqa: S101
        return answer

    def begins(self, granted: Granted) -> None:
        """Its holder calls now. Who is later than the pad covers makes sure first that the others will hear of it,
        for after a SIGKILL nobody could tell them."""
        now = self.now()
        late_s = now - granted.at
        if late_s <= self._limits.unseen_s:
            return
        self._notes.append(Begun(granted.lease_id, now))
        if self._left_word():
            return
        self._flusher.soon(self._flush_idly)
        if late_s > self._limits.untold_s:
            self.flush()

    def settle(self, lease_id: str, outcome: Outcome) -> None:
        """Idempotent. Told to the others with the next acquire, at once where they are about to fail the same."""
        self._note(Settled(lease_id, outcome, self.now()))
        if outcome.kind in URGENT:
            self.flush()

    def flush(self, linger_s: float = 0.0) -> bool:
        """Tells what is left to tell. False: the store cannot be reached, it stays to be told."""
        if not self._notes:
            return True
        try:
            self._transacted(None, linger_s=linger_s)
        except Throttled:
            return False
        return True

    def status(self) -> LimiterStatus:
        """What is in use and how each model is doing, without changing anything."""
        document = self._read()
        limits, now = self._present_limits(), self.now()
        state, _ = self._state_in(document, now)
        state = told(state, self._notes, limits=limits)
        status = describe(state, models=self._models, limits=limits, now=now)
        return replace(status, clock_offset_s=round(self._time.offset_s, 3))

    def probe(self) -> None:
        """A sign of life of the shared state. Raises Throttled limiter/unavailable."""
        self._read()

    def _glanced(self, request: SlotRequest) -> tuple[Granted | Denied | None, float]:
        """The answer, where what this machine knows of late is enough for it and nothing is to be written; else
        how many seconds that may wait."""
        document, age_s, crowded = self._store.glance()
        if document is None or age_s > patience.REFUSAL_S:
            return None, 0.0
        now, notes = self.now(), tuple(self._notes)
        shared, recovered = self._state_in(document, now)
        state, _ = self._heard(Said(notes), shared, now=now)
        after, answer = self._heard(Said(ask=request), state, now=now)
        assert answer is not None, "a question has an answer"  # noqa: S101
        if after is state and not recovered and age_s <= patience.enough_s(request, answer, now=now):
            return answer, 0.0
        if age_s <= FRESH_S and isinstance(answer, Granted) and not recovered:
            limits = self._present_limits()
            followed = following(request, answer, notes=notes, shared=shared, limits=limits, now=now)
            if followed is not None and self._kept_silent(followed, notes):
                return answer, 0.0
        return None, patience.linger_s(
            answer, taken_up=request.ticket in state.leases, crowded=crowded, now=now
        )

    def _kept_silent(self, followed: Followed, notes: Sequence[Note]) -> bool:
        """False: the place may be somebody else's. Another thread tells `notes` just now, or nobody knows whether
        they were told."""
        self._note(followed)
        untold = not self._telling and not self._doubtful and all(note in self._notes for note in notes)
        if untold and self._left_word():
            return True
        self._forget([followed])
        return False

    def _left_word(self) -> bool:
        """What is to be told lies on this machine: whoever writes next tells it, if this process is killed."""
        return self._store.leave(Said(tuple(self._notes)).to_bytes())

    def _note(self, note: Note) -> None:
        self._notes.append(note)
        self._flusher.soon(self._flush_idly)

    def _flush_idly(self) -> bool:
        return self.flush(patience.IDLE_LINGER_S)

    def _transacted(self, ask: SlotRequest | None, *, linger_s: float) -> Granted | Denied | None:
        """What this process has yet to tell and what it asks, in one step; if that has to be written, with what
        others on this machine wait to say."""
        notes, doubtful = self._telling_begins(ask), True
        said = Said(notes, ask)
        try:
            answer, all_told = self._store.transact(
                lambda document, others: self._changed(said, document, others),
                said.to_bytes,
                linger_s=linger_s,
                within_s=patience.within_s(ask),
            )
            doubtful = False
        except AppError as error:
            if notes:
                self._flusher.soon(self._flush_idly)
            raise _unavailable(error) from error
        finally:
            self._doubtful += notes if doubtful else ()
            self._telling.pop()
        self._forget(notes if all_told else ())
        return answer

    def _telling_begins(self, ask: SlotRequest | None) -> tuple[Note, ...]:
        """What there is to tell from here on: announced first, so that nobody counts on its being untold."""
        self._telling.append(ask)
        return tuple(self._notes)

    def _forget(self, notes: Sequence[Note]) -> None:
        for note in notes:
            for kept in (self._notes, self._doubtful):
                while note in kept:
                    with suppress(ValueError):
                        kept.remove(note)
        if notes and not self._notes:
            self._store.take_back()

    def _changed(
        self, said: Said, document: Document | None, others: Others
    ) -> tuple[_Heard, Document | None]:
        """What the store is to hold next. A question that changes nothing leaves what is to be told for later."""
        now = self.now()
        before, recovered = self._state_in(document, now)
        own, _ = self._heard(Said(said.notes), before, now=now)
        after, answer = self._heard(Said(ask=said.ask), own, now=now)
        if after is (before if said.ask is None else own) and not recovered:
            return (answer, after is before), None
        for other in _readable(others()):
            after, _ = self._heard(other, after, now=now)
        return (answer, True), after.to_dict()

    def _heard(
        self, said: Said, state: LimiterState, *, now: float
    ) -> tuple[LimiterState, Granted | Denied | None]:
        """The pure step: no request, no file."""
        return said.heard(state, limits=self._present_limits(), models=self._models, now=now)

    def _present_limits(self) -> Limits:
        return replace(self._limits, skew_s=self._limits.skew_s + self._time.skew_s)

    def _read(self) -> Document | None:
        try:
            return self._store.read()
        except AppError as error:
            raise _unavailable(error) from error

    def _state_in(self, document: Document | None, now: float) -> tuple[LimiterState, bool]:
        """The state, and whether it had to be made anew from a document that nobody can read."""
        if document is None:
            return LimiterState(), False
        try:
            return LimiterState.from_dict(document), False
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            _log.error("limiter_state_unreadable", error=type(error).__name__)
            until = now + self._limits.span_s
            return closed_state((model.id for model in self._models), until), True


def _readable(others: Sequence[bytes]) -> Iterator[Said]:
    for body in others:
        with suppress(ValueError, TypeError, KeyError):
            yield Said.from_bytes(body)


def _unavailable(error: AppError) -> Throttled:
    """While it lasts no model is called. What is handed back for it rings StorageUnreachable; the event says why."""
    _log.error("limiter_unavailable", code=error.code)
    return Throttled(
        "limiter/unavailable",
        "The shared limits could not be read or written.",
        retry_after_s=_RETRY_UNAVAILABLE_S,
        waiting_for=UNREACHABLE,
    )
