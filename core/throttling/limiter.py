"""The limiter as the rest of the product sees it: acquire a slot, settle it, read the state."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from core.clock import Clock
from core.errors import AppError, Throttled
from core.models.registry import ModelRegistry
from core.observability.logs import get_logger
from core.throttling.batch import Batch
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.flushing import Flush, NoFlusher
from core.throttling.limits import Limits
from core.throttling.outcome import UNUSED, URGENT, Outcome, OutcomeKind
from core.throttling.pending import PendingUpdates
from core.throttling.shared_time import SharedTime
from core.throttling.slot_reuse import SOON_S, may_reuse, unreported_too_long
from core.throttling.state import LimiterState, closed_state
from core.throttling.status import LimiterStatus, describe
from core.throttling.store import Document, Others, StateStore
from core.throttling.updates import Settled, StartedLate, Update
from core.throttling.windows import UNREACHABLE

_log = get_logger(__name__)
_RETRY_UNAVAILABLE_S = 15.0

# How long a write that is not urgent waits for another process of this machine to write it along (linger).
_LINGER_S = 0.04
_TAKE_UP_LINGER_S = 1.0
_LATE_LINGER_S = 0.01
_IDLE_LINGER_S = 0.2

_MOST_RESERVATIONS = 16
"""Limit on promised tickets that are not reserved yet: more would compete for slots that others have promised too."""


class Flusher(Protocol):
    """Has pending updates written later."""

    def soon(self, flush: Flush) -> None: ...


class Limiter:
    """The limits that all processes share through `store`. In memory it keeps only updates that are not written yet.

    Fails closed: without its store acquire, status, revive and probe raise Throttled limiter/unavailable, so that
    no model is called. Times are epoch seconds of `now`, on which all processes agree.
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
        self._pending = PendingUpdates()

    def now(self) -> float:
        return self._time.now()

    def acquire(self, request: SlotRequest) -> Granted | Denied:
        """Returns a slot, now or in the future, or when to ask again.

        Idempotent by the request's lease_id and ticket.

        Every granted slot has to be settled, used or not. Whoever has slept until its time asks again with the same
        request before the call, until the slot is `due`.
        """

        try:
            answer, linger_s = self._answered_from_cache(request)
            answer = answer or self._transact(request, linger_s=linger_s)
        except BaseException:
            # A write whose answer was lost, or another process, may have granted a slot that nobody would use.
            self.settle(request.lease_id, UNUSED)
            raise
        assert answer is not None, "a request has an answer"  # noqa: S101
        if isinstance(answer, Granted):
            self._report_late_start(answer)
        return answer

    def settle(self, lease_id: str, outcome: Outcome) -> None:
        """Ends a lease; idempotent. Written with the next acquire or soon after; an urgent outcome at once."""
        settled = Settled(lease_id, outcome, self.now())
        if outcome.kind is OutcomeKind.ANSWERED:
            self._pending.add_ended(settled)
            self._flusher.soon(self._flush_idly)
            return
        self._add(settled)
        if outcome.kind in URGENT:
            self.flush()

    def flush(self, linger_s: float = 0.0) -> bool:
        """Writes pending updates. Returns False if the store cannot be reached: they stay pending."""
        if not self._pending:
            return True
        try:
            self._transact(None, linger_s=linger_s)
        except Throttled:
            return False
        return True

    def status(self) -> LimiterStatus:
        """Returns what is in use and each model's health, without changing anything."""
        document = self._read()
        limits, now = self._present_limits(), self.now()
        state, _ = self._state_in(document, now)
        state, _ = self._applied(self._pending.all(), state, now=now)
        status = describe(state, models=self._models, limits=limits, now=now)
        return replace(status, clock_offset_s=round(self._time.offset_s, 3))

    def revive(self, model_ids: Sequence[str]) -> list[str]:
        """Lets dead models be called again, because an operator knows that they answer.

        Returns the ids of those revived.
        """

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
        """Reads the shared state once, for readiness checks. Raises Throttled limiter/unavailable."""
        self._read()

    def _answered_from_cache(self, request: SlotRequest) -> tuple[Granted | Denied | None, float]:
        """(answer, 0), where the machine's cached state is enough for it and nothing has to be written at once; else
        (None, how many seconds the write may linger)."""
        document, fresh, latest = self._store.cached()
        if document is None:
            return None, 0.0
        now = self.now()
        shared, recovered = self._state_in(document, now)
        if recovered:
            return None, 0.0
        if fresh and (reused := self._reused(request, shared, now=now)) is not None:
            return reused, 0.0
        state, _ = self._applied(self._pending.all(), shared, now=now)
        after, answer = self._applied(Batch(request=request), state, now=now)
        assert answer is not None, "a request has an answer"  # noqa: S101
        nothing_to_write = after is state
        if isinstance(answer, Denied) or answer.ticket:
            is_final = nothing_to_write or self._promised(request, shared)
        else:
            slot_may_be_gone = answer.due and (self._nearly_full(after) or not latest)
            is_final = nothing_to_write and fresh and not slot_may_be_gone
        if is_final:
            return answer, 0.0
        return None, _linger_s(answer, taken_up=request.ticket in state.leases, now=now)

    def _reused(self, request: SlotRequest, shared: LimiterState, *, now: float) -> Granted | None:
        """The request's slot, if its ticket may be redeemed in the slot of an ended call: see slot_reuse."""
        pending, limits = self._pending.without_ends(), self._present_limits()
        if request.ticket not in shared.leases or unreported_too_long(pending.updates, now):
            return None
        known, _ = self._applied(pending, shared, now=now)
        for ended in self._pending.ended:
            update = may_reuse(request, ended, known=known, limits=limits, now=now)
            if update is None:
                continue
            if update.at > now:
                # Not due yet: it is redeemed when the caller asks again at that time.
                return Granted(update.lease.model_id, request.lease_id, at=update.at)
            started, _ = self._applied(Batch((update,)), known, now=now)
            after, answer = self._applied(Batch(request=request), started, now=now)
            needs_a_write = after is not started
            if needs_a_write or not isinstance(answer, Granted) or answer.at - now > SOON_S:
                continue
            if answer.due and not self._pending.reuse(update):
                # A write has just freed the slot for everybody.
                continue
            self._flusher.soon(self._flush_idly)
            return answer
        return None

    def _promised(self, request: SlotRequest, shared: LimiterState) -> bool:
        """Promises a far slot to a task that will come back, to be reserved with the next write. False: it has to be
        reserved now, because too many are promised or a model is unproven, so that nobody knows what will be free."""
        unsure = any(shared.health_of(model.id).unproven for model in self._models)
        if unsure or self._pending.reserved >= _MOST_RESERVATIONS:
            return False
        self._pending.reserve(request)
        self._flusher.soon(self._flush_idly)
        return True

    def _nearly_full(self, state: LimiterState) -> bool:
        """Whether a write under way may take the last slot: then the answer is decided under the lock."""
        return sum(not lease.ticket for lease in state.leases.values()) >= self._limits.concurrent

    def _report_late_start(self, granted: Granted) -> None:
        """Adds an update for a call that starts now and later than the pad covers."""
        now = self.now()
        if not granted.ticket and now - granted.at > self._limits.tolerated_delay_s:
            self._add(StartedLate(granted.lease_id, now))

    def _add(self, update: Update) -> None:
        self._pending.add(update)
        self._flusher.soon(self._flush_idly)

    def _flush_idly(self) -> bool:
        return self.flush(_IDLE_LINGER_S)

    def _transact(self, request: SlotRequest | None, *, linger_s: float) -> Granted | Denied | None:
        """Applies the pending updates and `request` in one step. If that has to be written, the batches of other
        processes of this machine that wait are written along."""
        batch = self._pending.take(request)

        def changed(
            document: Document | None, others: Others
        ) -> tuple[Granted | Denied | None, Document | None]:
            now = self.now()
            before, recovered = self._state_in(document, now)
            after, answer = self._applied(batch, before, now=now)
            if after is before and not recovered:
                return answer, None
            for other in _readable(others()):
                after, _ = self._applied(other, after, now=now)
            return answer, after.to_dict()

        try:
            answer = self._store.transact(changed, batch.to_bytes, linger_s=linger_s)
        except AppError as error:
            if batch.updates:
                self._flusher.soon(self._flush_idly)
            raise _unavailable(error) from error
        self._pending.written(batch)
        return answer

    def _applied(
        self, batch: Batch, state: LimiterState, *, now: float
    ) -> tuple[LimiterState, Granted | Denied | None]:
        """The state after the batch, and its answer: pure, without requests and files."""
        return batch.applied_to(state, limits=self._present_limits(), models=self._models, now=now)

    def _present_limits(self) -> Limits:
        return replace(self._limits, skew_s=self._limits.skew_s + self._time.skew_s)

    def _read(self) -> Document | None:
        try:
            return self._store.read()
        except AppError as error:
            raise _unavailable(error) from error

    def _state_in(self, document: Document | None, now: float) -> tuple[LimiterState, bool]:
        """The state, and whether it was made anew because the document cannot be read."""
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


def _readable(others: Sequence[bytes]) -> Iterator[Batch]:
    for body in others:
        with suppress(ValueError, TypeError, KeyError):
            yield Batch.from_bytes(body)


def _unavailable(error: AppError) -> Throttled:
    """No model is called while this lasts. Tasks handed back for it raise the alarm StorageUnreachable."""
    _log.error("limiter_unavailable", code=error.code)
    return Throttled(
        "limiter/unavailable",
        "The shared limits could not be read or written.",
        retry_after_s=_RETRY_UNAVAILABLE_S,
        waiting_for=UNREACHABLE,
    )
