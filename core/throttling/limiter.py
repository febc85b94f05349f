"""The limiter as the rest of the product sees it: ask for a slot, give it back, look at its state."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from core.clock import Clock
from core.errors import AppError, Throttled
from core.models.registry import ModelRegistry
from core.observability.logs import get_logger
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.flushing import Flush, NoFlusher
from core.throttling.following import SOON_S, long_silent, may_follow
from core.throttling.limits import Limits
from core.throttling.notes import Begun, Note, Settled
from core.throttling.outcome import URGENT, Outcome, OutcomeKind
from core.throttling.said import Said
from core.throttling.shared_time import SharedTime
from core.throttling.state import LimiterState, closed_state
from core.throttling.status import LimiterStatus, describe
from core.throttling.store import Document, Others, StateStore
from core.throttling.untold import Untold
from core.throttling.windows import UNREACHABLE

_log = get_logger(__name__)
_RETRY_UNAVAILABLE_S = 15.0
_UNUSED = Outcome(OutcomeKind.UNUSED)

# How long what is in no hurry waits for somebody on this machine to write it along.
_LINGER_S = 0.04
_TAKE_UP_LINGER_S = 1.0
_LATE_LINGER_S = 0.01
_IDLE_LINGER_S = 0.2

_MOST_WISHES = 16
"""More of them would promise slots that others have promised too."""


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
        self._untold = Untold()

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
        if isinstance(answer, Granted):
            self._begun(answer)
        return answer

    def settle(self, lease_id: str, outcome: Outcome) -> None:
        """Idempotent. Told to the others with the next acquire, at once where they are about to fail the same."""
        settled = Settled(lease_id, outcome, self.now())
        if outcome.kind is OutcomeKind.ANSWERED:
            self._untold.answered(settled)
            self._flusher.soon(self._flush_idly)
            return
        self._note(settled)
        if outcome.kind in URGENT:
            self.flush()

    def flush(self, linger_s: float = 0.0) -> bool:
        """Tells what is left to tell. False: the store cannot be reached, it stays to be told."""
        if not self._untold:
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
        state, _ = self._heard(self._untold.said(), state, now=now)
        status = describe(state, models=self._models, limits=limits, now=now)
        return replace(status, clock_offset_s=round(self._time.offset_s, 3))

    def revive(self, model_ids: Sequence[str]) -> list[str]:
        """Those of them that were dead, and are called again from now on: an operator knows that they answer."""

        def changed(document: Document | None, _others: Others) -> tuple[list[str], Document | None]:
            now = self.now()
            state, _ = self._state_in(document, now)
            dead = [model_id for model_id in model_ids if state.health_of(model_id).dead_until > now]
            alive = {one: state.health_of(one)._replace(dead_until=0.0, dead_reason="") for one in dead}
            return dead, replace(state, health={**state.health, **alive}).to_dict() if dead else None

        try:
            return self._store.transact(changed)
        except AppError as error:
            raise _unavailable(error) from error

    def probe(self) -> None:
        """A sign of life of the shared state. Raises Throttled limiter/unavailable."""
        self._read()

    def _glanced(self, request: SlotRequest) -> tuple[Granted | Denied | None, float]:
        """The answer, where what this machine knows of late is enough for it and nothing is to be written; else
        how many seconds that may wait."""
        document, fresh, latest = self._store.glance()
        if document is None:
            return None, 0.0
        now = self.now()
        shared, recovered = self._state_in(document, now)
        if recovered:
            return None, 0.0
        if fresh and (followed := self._followed(request, shared, now=now)) is not None:
            return followed, 0.0
        state, _ = self._heard(self._untold.said(), shared, now=now)
        after, answer = self._heard(Said(ask=request), state, now=now)
        assert answer is not None, "a question has an answer"  # noqa: S101
        if isinstance(answer, Denied) or answer.ticket:
            known = after is state or self._promised(request, shared)
        else:
            known = after is state and fresh and not (answer.due and (self._tight(after) or not latest))
        if known:
            return answer, 0.0
        return None, _linger_s(answer, taken_up=request.ticket in state.leases, now=now)

    def _followed(self, request: SlotRequest, shared: LimiterState, *, now: float) -> Granted | None:
        """The slot, if it may be taken up in the place of a call that has ended and told later."""
        happened, limits = self._untold.happened(), self._present_limits()
        if request.ticket not in shared.leases or long_silent(happened.notes, now):
            return None
        known, _ = self._heard(happened, shared, now=now)
        for place in self._untold.places:
            note = may_follow(request, place, known=known, limits=limits, now=now)
            if note is None:
                continue
            if note.at > now:
                return Granted(note.lease.model_id, request.lease_id, at=note.at)
            gone, _ = self._heard(Said((note,)), known, now=now)
            after, answer = self._heard(Said(ask=request), gone, now=now)
            if after is not gone or not isinstance(answer, Granted) or answer.at - now > SOON_S:
                continue
            if answer.due and not self._untold.follow(note):
                continue
            self._flusher.soon(self._flush_idly)
            return answer
        return None

    def _promised(self, request: SlotRequest, shared: LimiterState) -> bool:
        """Whether a far slot, for a task that comes back, may be reserved later. Where a model is not proven what
        is free by then is anybody's guess."""
        unsure = any(shared.health_of(model.id).unproven for model in self._models)
        if unsure or self._untold.wished >= _MOST_WISHES:
            return False
        self._untold.wish(request)
        self._flusher.soon(self._flush_idly)
        return True

    def _tight(self, state: LimiterState) -> bool:
        """Whether somebody whose write is under way may be about to take the last slot: behind the lock one knows."""
        return sum(not lease.ticket for lease in state.leases.values()) >= self._limits.concurrent

    def _begun(self, granted: Granted) -> None:
        """Whose time has come calls now. Others must know if that is later than the pad covers."""
        now = self.now()
        if not granted.ticket and now - granted.at > self._limits.unseen_s:
            self._note(Begun(granted.lease_id, now))

    def _note(self, note: Note) -> None:
        self._untold.note(note)
        self._flusher.soon(self._flush_idly)

    def _flush_idly(self) -> bool:
        return self.flush(_IDLE_LINGER_S)

    def _transacted(self, ask: SlotRequest | None, *, linger_s: float) -> Granted | Denied | None:
        """What this process has yet to tell and what it asks, in one step; if that has to be written, with what
        others on this machine wait to say."""
        said = self._untold.telling(ask)

        def changed(
            document: Document | None, others: Others
        ) -> tuple[Granted | Denied | None, Document | None]:
            now = self.now()
            before, recovered = self._state_in(document, now)
            after, answer = self._heard(said, before, now=now)
            if after is before and not recovered:
                return answer, None
            for other in _readable(others()):
                after, _ = self._heard(other, after, now=now)
            return answer, after.to_dict()

        try:
            answer = self._store.transact(changed, said.to_bytes, linger_s=linger_s)
        except AppError as error:
            if said.notes:
                self._flusher.soon(self._flush_idly)
            raise _unavailable(error) from error
        self._untold.told(said)
        return answer

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


def _linger_s(answer: Granted | Denied, *, taken_up: bool, now: float) -> float:
    if isinstance(answer, Denied):
        return _LINGER_S
    most_s = _TAKE_UP_LINGER_S if taken_up else _LINGER_S
    least_s = _LATE_LINGER_S if taken_up else 0.0
    return max(least_s, min(most_s, 0.5 * (answer.at - now)))


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
