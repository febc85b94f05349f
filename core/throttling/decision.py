"""The five layers as one pure decision: who may call which model when, and what a finished call changes.

Pure functions: they take the shared document and return the next one, or the same object where nothing has to be
stored; a store makes that atomic. Every limit is kept by what the document says, never by trial: a request that the
service would refuse is not sent.

A slot may lie in the future, at most one window ahead. Its holder sleeps until then, or hands its task back to the
queue and a later delivery redeems it (a ticket). Either way it asks again at the slot's time, because models may
have failed and calls may have taken longer than expected meanwhile. Nobody polls.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, inf

from core.models.model import Model
from core.throttling import constraints
from core.throttling.constraints import SlotRequest, ahead_of
from core.throttling.health import after_call
from core.throttling.limits import Limits
from core.throttling.outcome import REFUSED, Outcome, OutcomeKind
from core.throttling.state import Debt, Lease, LimiterState, Request, present
from core.throttling.windows import Block, Free, WaitingFor, first_free

_SMOOTHING = 0.2
_MOST_OVERCHARGE = 8.0


@dataclass(frozen=True)
class Granted:
    """A slot. at: its time, epoch seconds.

    due: the call may start now; if not, ask again at `at`, even if that has passed already, because the slot has to
    be confirmed at its time. ticket: the slot is too far ahead to wait for; lease_id is then the key that every
    delivery of the task knows.
    """

    model_id: str
    lease_id: str
    at: float
    ticket: bool = False
    waiting_for: WaitingFor = WaitingFor.TURN
    due: bool = False


@dataclass(frozen=True)
class Denied:
    """No slot within one window. until: epoch seconds from which it is worth asking again; infinite for never."""

    until: float
    waiting_for: WaitingFor


@dataclass(frozen=True)
class _Place:
    model: Model
    free: Free
    tokens: int


def acquire(
    state: LimiterState, request: SlotRequest, *, limits: Limits, models: Sequence[Model], now: float
) -> tuple[LimiterState, Granted | Denied]:
    """Reserves a slot: on the first model in order that is free now, else on the one that is free earliest.

    One step takes the queue's rate, the request rate, tokens and concurrency together. models: in fallback order.
    Idempotent: asking again with the same lease_id or ticket gives the same slot, or another where that one can no
    longer be kept. An execution that finds its ticket near enough to wait for redeems it: from then on it is a lease
    under this execution's lease_id, and no other delivery of the task finds it.
    """
    current = present(state, limits=limits, now=now)
    held_id = request.lease_id if request.lease_id in current.leases else request.ticket
    held = current.leases.get(held_id)
    if held is not None and (kept := _confirmed(current, held_id, limits=limits, models=models)):
        if not held.ticket:
            return _with_late_start(state, kept, limits=limits, now=current.at), kept
        if kept.at - current.at > request.patience_s:
            return state, replace(kept, ticket=True)
        return _redeemed(current, request, kept=kept, limits=limits)
    # An expired ticket's request still counts: its holder has come late and gets another slot in its place.
    current = current.without(held_id).without(request.ticket)
    found = _placed(current, request, limits=limits, models=models)
    if isinstance(found, Denied):
        return (state if held is None else current), found
    if held is not None and _waits_for_same_probe(held, found):
        return state, Granted(held.model_id, held_id, at=found.free.at)
    return _grant(current, request, place=found, limits=limits)


def begin(state: LimiterState, lease_id: str, *, limits: Limits, at: float) -> LimiterState:
    """Records that the lease's call starts `at`, if that is later than planned: its request counts from then.

    Its rank stays as it was, because the leases behind it were ranked by that.
    """
    lease, at = state.leases.get(lease_id), round(at, 3)
    late = any(item.lease_id == lease_id and item.at < at for item in state.requests)
    if lease is None or not late:
        return state
    begun = lease._replace(expires_at=at + limits.lease_s)
    requests = (item._replace(at=at) if item.lease_id == lease_id else item for item in state.requests)
    return replace(
        state,
        at=max(at, state.at),
        requests=tuple(sorted(requests)),
        leases={**state.leases, lease_id: begun},
    )


def _with_late_start(state: LimiterState, kept: Granted, *, limits: Limits, now: float) -> LimiterState:
    """Records a start that is much later than planned before the call is made: the process may be killed in it."""
    late = kept.due and now - state.starts_at(kept.lease_id) > limits.unreported_delay_s
    return begin(state, kept.lease_id, limits=limits, at=now) if late else state


def settle(
    state: LimiterState, lease_id: str, *, outcome: Outcome, limits: Limits, now: float
) -> LimiterState:
    """Ends a lease: frees its slot, charges what was used, records the model's health. now: when the call ended.

    Idempotent: an unknown lease (settled before, or expired and removed) returns the same object.
    """
    lease = state.leases.get(lease_id)
    if lease is None:
        return state
    at = max(now, state.at)
    health = after_call(
        state.health_of(lease.model_id), outcome.kind, lease_id=lease_id, limits=limits, now=now
    )
    if outcome.kind is OutcomeKind.ANSWERED and lease.reserved:
        known = constraints.overcharge_of(state, lease.model_id)
        health = health._replace(overcharge=_overcharge(known, outcome, lease=lease))
    return replace(
        state,
        at=at,
        requests=_settled_requests(state.requests, lease_id, outcome=outcome),
        debts=tuple(sorted([*state.debts, *_debt(lease, outcome, at=at)])),
        leases={other: held for other, held in state.leases.items() if other != lease_id},
        health={**state.health, lease.model_id: health},
        typical_call_s=_typical(state.typical_call_s, outcome, now=now),
    )


def _redeemed(
    state: LimiterState, request: SlotRequest, *, kept: Granted, limits: Limits
) -> tuple[LimiterState, Granted]:
    """Turns a ticket into the lease of this execution. One redeemed late is ranked from now on, because others have
    not waited for it; its request counts from now, so that its start needs no further update."""
    ticket, mine = request.ticket, request.lease_id
    lease, starts_at = state.leases[ticket], max(kept.at, state.at)
    ranked = lease._replace(at=constraints.rank_of(state, lease, limits=limits))
    redeemed = _as_lease(state, ticket, mine, lease=ranked, limits=limits, at=starts_at)
    return redeemed, replace(kept, lease_id=mine, at=starts_at)


def reuse(
    state: LimiterState, ticket: str, lease_id: str, *, lease: Lease, limits: Limits, at: float
) -> LimiterState:
    """Records that a ticket was redeemed `at` in the slot of an ended call of the same process: see slot_reuse.

    lease: the new one, with the rank of the ended call. Idempotent. If another delivery of the task has redeemed
    the ticket meanwhile, both count.
    """
    at = round(at, 3)
    if lease_id in state.leases or any(item.lease_id == lease_id for item in state.requests):
        return state
    return _as_lease(
        replace(state, at=max(at, state.at)), ticket, lease_id, lease=lease, limits=limits, at=at
    )


def _as_lease(
    state: LimiterState, ticket: str, lease_id: str, *, lease: Lease, limits: Limits, at: float
) -> LimiterState:
    """Replaces a ticket by a lease whose call starts `at`."""
    leases = {other: held for other, held in state.leases.items() if other != ticket}
    leases[lease_id] = lease._replace(ticket=False, expires_at=max(lease.at, at) + limits.lease_s)
    requests = [item for item in state.requests if item.lease_id != ticket]
    requests.append(Request(at, lease.model_id, lease.queue, lease.reserved, lease_id))
    health = state.health_of(lease.model_id)
    if health.probe == ticket:
        health = health._replace(probe=lease_id)
    return replace(
        state,
        leases=leases,
        requests=tuple(sorted(requests)),
        health={**state.health, lease.model_id: health},
    )


def _confirmed(
    state: LimiterState, lease_id: str, *, limits: Limits, models: Sequence[Model]
) -> Granted | None:
    """The lease's slot if it can be kept, at its time or a little later; None: another one has to be found.

    Before its time only the model's health can have changed; at its time also its neighbours: they were late, cost
    more or take longer. Slots planned after this one are not considered: each is confirmed at its own time in the
    same way, so a delay is passed on and nobody has to be planned anew.
    """
    lease = state.leases[lease_id]
    model = next((model for model in models if model.id == lease.model_id), None)
    if model is None or not constraints.healthy_for(state, lease_id):
        return None
    at = planned = state.starts_at(lease_id)
    if at <= state.at:
        before = _begun_by(state.without(lease_id), state.at + limits.skew_s)
        ahead = ahead_of(before, lease.queue, limits=limits, span_s=limits.confirm_span_s)
        blocks = [*constraints.of_all(ahead), *constraints.of_model(ahead, model, lease.reserved)]
        at = first_free(blocks, at).at
        if at <= state.at and not constraints.in_turn(state, lease_id, limits=limits):
            at = state.at + constraints.overdue_s(state)
    if max(at, state.at) - planned > limits.most_delay_s:
        return None
    return Granted(model.id, lease_id, at=at, due=at <= state.at)


def _begun_by(state: LimiterState, at: float) -> LimiterState:
    return replace(state, requests=tuple(item for item in state.requests if item.at <= at))


def _waits_for_same_probe(held: Lease, found: _Place) -> bool:
    """Whether it would only go on waiting for the same model's probe: then nothing has to be written."""
    return not held.ticket and found.model.id == held.model_id and found.free.why is WaitingFor.MODEL


def _placed(
    state: LimiterState, request: SlotRequest, *, limits: Limits, models: Sequence[Model]
) -> _Place | Denied:
    ahead = ahead_of(state, request.queue, limits=limits, span_s=limits.span_s)
    everywhere = [*constraints.of_all(ahead), *constraints.of_slots(ahead)]
    places: list[_Place] = []
    for model in sorted(models, key=lambda model: model.id in request.tried):
        need = constraints.tokens_needed(state, request, model=model, limits=limits)
        healthy = Block(-inf, constraints.healthy_at(state, model.id), WaitingFor.MODEL)
        free = first_free([*everywhere, *constraints.of_model(ahead, model, need), healthy], state.at)
        places.append(_Place(model, free, need))
        if free.at <= state.at:
            break
    # Slots planned on a model that may fail its probe would be lost together, so such a model is chosen only where
    # there is no other.
    sure = [
        place
        for place in places
        if state.health_of(place.model.id).dead_until <= state.at
        and not constraints.awaits_probe(state, place.model.id)
    ]
    earliest = min(sure or places, key=lambda place: place.free.at)
    if earliest.free.at <= state.at + limits.span_s:
        return earliest
    return _denied(state, sure or places, limits=limits)


def _denied(state: LimiterState, places: Sequence[_Place], *, limits: Limits) -> Denied:
    """Asking again is worth it once the earliest slot lies within one window. Where all fitting models are dead, no
    model is left to wait for: theirs are hours away."""
    free = min((place.free for place in places), key=lambda free: free.at)
    fitting = [place.model.id for place in places if place.free.at < inf]
    why = free.why or WaitingFor.MODEL
    if fitting and all(state.health_of(model_id).dead_until > state.at for model_id in fitting):
        why = WaitingFor.NO_MODEL
    return Denied(free.at - limits.span_s, why)


def _grant(
    state: LimiterState, request: SlotRequest, *, place: _Place, limits: Limits
) -> tuple[LimiterState, Granted]:
    model, at = place.model, ceil(place.free.at * 1000) / 1000
    ticket = bool(request.ticket) and at - state.at > request.patience_s
    lease_id = request.ticket if ticket else request.lease_id
    health = state.health_of(model.id)
    if health.unproven and not constraints.awaits_probe(state, model.id):
        health = health._replace(probe=lease_id)
    kept_s = limits.ticket_grace_s if ticket else limits.lease_s
    entry = Request(at, model.id, request.queue, place.tokens, lease_id)
    rank = at if ticket else constraints.rank_of_newcomer(state, at, limits=limits)
    lease = Lease(rank, at + kept_s, model.id, request.queue, place.tokens, ticket)
    granted = replace(
        state,
        requests=tuple(sorted([*state.requests, entry])),
        leases={**state.leases, lease_id: lease},
        health={**state.health, model.id: health},
    )
    why = place.free.why or WaitingFor.TURN
    due = not ticket and place.free.at <= state.at
    if due and not constraints.in_turn(granted, lease_id, limits=limits):
        due, at = False, state.at + constraints.overdue_s(state)
    return granted, Granted(model.id, lease_id, at=at, ticket=ticket, waiting_for=why, due=due)


def _settled_requests(
    requests: tuple[Request, ...], lease_id: str, *, outcome: Outcome
) -> tuple[Request, ...]:
    """Without the request of an unused slot; a call that was sent counts from when it was sent."""
    if outcome.kind is OutcomeKind.UNUSED:
        return tuple(item for item in requests if item.lease_id != lease_id)
    return tuple(sorted(_settled(item, outcome) if item.lease_id == lease_id else item for item in requests))


def _settled(item: Request, outcome: Outcome) -> Request:
    tokens = item.tokens
    if outcome.kind in REFUSED:
        tokens = 0
    elif outcome.kind is OutcomeKind.ANSWERED:
        tokens = min(item.tokens, outcome.charged_tokens)
    return item._replace(at=max(item.at, outcome.sent_at or 0.0), tokens=tokens)


def _debt(lease: Lease, outcome: Outcome, *, at: float) -> tuple[Debt, ...]:
    over = outcome.charged_tokens - lease.reserved
    if outcome.kind is not OutcomeKind.ANSWERED or over <= 0:
        return ()
    return (Debt(at, lease.model_id, lease.queue, over),)


def _typical(typical_s: float, outcome: Outcome, *, now: float) -> float:
    if outcome.kind is not OutcomeKind.ANSWERED or outcome.sent_at is None:
        return typical_s
    return (1 - _SMOOTHING) * typical_s + _SMOOTHING * max(0.0, now - outcome.sent_at)


def _overcharge(known: float, outcome: Outcome, *, lease: Lease) -> float:
    """The real cost of calls as a multiple of what the service reserves at their start.

    Measured against that reservation and not ours, which had the known multiple in it already: calls that ran at the
    same time would all raise it again.
    """
    held = outcome.held_tokens or lease.reserved / known
    learnt = known + _SMOOTHING * (outcome.charged_tokens / held - known)
    return round(min(_MOST_OVERCHARGE, max(1.0, learnt)), 3)
