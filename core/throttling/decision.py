"""The five layers as one pure decision: who may call which model when, and what a finished call changes.

`acquire`, `begin` and `settle` take the shared document and give the next one, or the same object where nothing
is to be stored; a store makes that atomic. Every limit is kept by what the document says, never by trying: a
request that the service would refuse is not sent.

A slot may lie in the future, at most one window ahead. Its holder waits at it, or hands its task back and a later
delivery comes for it (a ticket); either way it asks once more when the time has come, because models may have
failed and calls may have taken longer than expected. Nobody polls.
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

_LEARNT = 0.2
_MOST_OVERCHARGE = 8.0


@dataclass(frozen=True)
class Granted:
    """A slot at `at`, epoch seconds. due: it may be used. If not, ask again when its time has come: that may be
    over by the time the answer is here, and what was planned has yet to be looked at.

    ticket: it is too far ahead to wait for; lease_id is then known to every delivery of the task.
    """

    model_id: str
    lease_id: str
    at: float
    ticket: bool = False
    waiting_for: WaitingFor = WaitingFor.TURN
    due: bool = False


@dataclass(frozen=True)
class Denied:
    """No slot inside one window. until: epoch seconds from which it is worth asking again; infinite: never."""

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
    """The first model in order that is free now, else the one that is free earliest, in one step with queue slot,
    request slot, tokens and concurrency.

    models: in fallback order. Asking again with the same lease_id or ticket gives the same slot, or, where that
    cannot be kept, another. Who comes for a ticket and waits at its slot takes it up: from then on it is a lease
    under the lease_id of this execution, and no other delivery of the task finds it.
    """
    current = present(state, limits=limits, now=now)
    held_id = request.lease_id if request.lease_id in current.leases else request.ticket
    held = current.leases.get(held_id)
    if held is not None and (kept := _kept(current, held_id, limits=limits, models=models)):
        if not held.ticket:
            return _gone_late(state, kept, limits=limits, now=current.at), kept
        if kept.at - current.at > request.patience_s:
            return state, replace(kept, ticket=True)
        return _taken_up(current, request, kept=kept, limits=limits)
    # A ticket that was given up still counts; whom it was for has come late and gets another slot for it.
    current = current.without(held_id).without(request.ticket)
    found = _placed(current, request, limits=limits, models=models)
    if isinstance(found, Denied):
        return (state if held is None else current), found
    if held is not None and _still_awaits(held, found):
        return state, Granted(held.model_id, held_id, at=found.free.at)
    return _grant(current, request, place=found, limits=limits)


def begin(state: LimiterState, lease_id: str, *, limits: Limits, at: float) -> LimiterState:
    """The holder of a slot calls now, `at`; where that is later than planned, it counts from now. Its place in the
    order of those who hold slots stays: those behind it looked at that."""
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


def _gone_late(state: LimiterState, kept: Granted, *, limits: Limits, now: float) -> LimiterState:
    """Who goes much later than planned says so before, because it may be killed."""
    planned = next((item.at for item in state.requests if item.lease_id == kept.lease_id), now)
    late = kept.due and now - planned > limits.quiet_s
    return begin(state, kept.lease_id, limits=limits, at=now) if late else state


def settle(
    state: LimiterState, lease_id: str, *, outcome: Outcome, limits: Limits, now: float
) -> LimiterState:
    """Gives the slot back, charges what was used and records how the model did. now: when the call ended.

    An unknown lease (settled before, or expired and cleaned away) returns the same object: nothing to store.
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


def _taken_up(
    state: LimiterState, request: SlotRequest, *, kept: Granted, limits: Limits
) -> tuple[LimiterState, Granted]:
    """Who comes late for its slot is in turn for concurrency from now on: others have not waited for it. Who goes
    at once counts from now, so nobody has to be told that it was late."""
    ticket, mine = request.ticket, request.lease_id
    lease, goes_at = state.leases[ticket], max(kept.at, state.at)
    ranked = lease._replace(at=constraints.rank_of(state, lease, limits=limits))
    taken_up = _in_use(state, ticket, mine, lease=ranked, limits=limits, at=goes_at)
    return taken_up, replace(kept, lease_id=mine, at=goes_at)


def follow(
    state: LimiterState, ticket: str, lease_id: str, *, lease: Lease, limits: Limits, at: float
) -> LimiterState:
    """The holder of a ticket went, `at`, in the place of a call of its process that had ended: see `following`.
    Where another delivery of the task has taken up the ticket meanwhile, it counts beside that one.

    lease: what it holds, with the rank of that call. Told once more it changes nothing.
    """
    at = round(at, 3)
    if lease_id in state.leases or any(item.lease_id == lease_id for item in state.requests):
        return state
    return _in_use(replace(state, at=max(at, state.at)), ticket, lease_id, lease=lease, limits=limits, at=at)


def _in_use(
    state: LimiterState, ticket: str, lease_id: str, *, lease: Lease, limits: Limits, at: float
) -> LimiterState:
    """A ticket becomes the lease of who goes at it, `at`."""
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


def _kept(state: LimiterState, lease_id: str, *, limits: Limits, models: Sequence[Model]) -> Granted | None:
    """The slot if it still stands, at its time or a little later. Before its time only the model's health can have
    changed that; at its time also what neighbours did: they were late, cost more, take longer.

    Those planned behind this one are in nobody's way: they do the same at their time, so a delay is passed on and
    nobody has to plan anew.
    """
    lease = state.leases[lease_id]
    model = next((model for model in models if model.id == lease.model_id), None)
    if model is None or not constraints.healthy_for(state, lease_id):
        return None
    at = planned = state.goes_at(lease_id)
    if at <= state.at:
        before = _begun_by(state.without(lease_id), state.at + limits.skew_s)
        ahead = ahead_of(before, lease.queue, limits=limits, span_s=limits.kept_span_s)
        blocks = [*constraints.of_all(ahead), *constraints.of_model(ahead, model, lease.reserved)]
        at = first_free(blocks, at).at
        if at <= state.at and not constraints.in_turn(state, lease_id, limits=limits):
            at = state.at + constraints.overdue_s(state)
    if max(at, state.at) - planned > limits.late_s:
        return None
    return Granted(model.id, lease_id, at=at, due=at <= state.at)


def _begun_by(state: LimiterState, at: float) -> LimiterState:
    return replace(state, requests=tuple(item for item in state.requests if item.at <= at))


def _still_awaits(held: Lease, found: _Place) -> bool:
    """It waits for the same model to be proven as before: nobody writes only to wait on."""
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
    # Slots planned on a model that may still fail would be lost together: others wait for its probe only where
    # there is no other model.
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
    """Worth asking again when the earliest slot is inside one window. A dead model's is hours away: where there
    are only such, there is none left to wait for."""
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
    """An unused slot goes back; a sent call counts from when it left."""
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
    return (1 - _LEARNT) * typical_s + _LEARNT * max(0.0, now - outcome.sent_at)


def _overcharge(known: float, outcome: Outcome, *, lease: Lease) -> float:
    """What calls cost in the end, in parts of what is held back. Measured against the hold itself: calls that ran at
    the same time were reserved by what was known before, and would all raise it anew."""
    held = outcome.held_tokens or lease.reserved / known
    learnt = known + _LEARNT * (outcome.charged_tokens / held - known)
    return round(min(_MOST_OVERCHARGE, max(1.0, learnt)), 3)
