"""Each limit as blocks: periods of time in which no further slot may be planned.

Concurrency is predicted as a window as well: if calls take about `typical_call_s`, as many run at once as start
within that time. That is good enough to choose a slot's time. Whether the call may really start is decided by rank
when the time has come: of all leases whose calls should have started by then, only the first `concurrent` may run.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple

from core.models.model import Model
from core.throttling.limits import STALE_S, Limits
from core.throttling.state import Debt, Lease, LimiterState, Request
from core.throttling.windows import Block, WaitingFor, Window, blocked, where_both

_LEAST_CALL_S = 0.02
_OVERDUE_WAIT_S = 1.0
_RANKS_APART_S = 0.001

_Weighed = tuple[float, int, str]
"""(epoch seconds, weight, queue)"""


@dataclass(frozen=True)
class SlotRequest:
    """A request for one slot.

    lease_id: idempotency key of this execution. ticket: the task's own key, the same in every delivery of it, so
    that a later one finds the slot reserved for it; "" for none. input_tokens: estimated. answer_tokens: room for
    the answer; thinking comes on top, per model. tried: models that already failed this call, taken only if no
    other is free. patience_s: how far ahead a slot may lie for the caller to sleep until then; a farther one
    becomes a ticket. again: this is asked at the slot's time; most likely nothing has changed.
    """

    lease_id: str
    queue: str
    input_tokens: int
    answer_tokens: int
    tried: frozenset[str] = frozenset()
    ticket: str = ""
    patience_s: float = inf
    again: bool = False

    def reservation(self, model: Model) -> int:
        """Returns the quota tokens that the service itself reserves at the start of a call."""
        return self.input_tokens + model.tokens_for(self.answer_tokens)


class Ahead(NamedTuple):
    """Everything that the constraints of all models share, computed once per decision."""

    state: LimiterState
    limits: Limits
    queue: str
    span_s: float
    charges: list[Request | Debt]
    """Oldest first."""


def ahead_of(state: LimiterState, queue: str, *, limits: Limits, span_s: float) -> Ahead:
    state = _long_unsettled_later(state, limits)
    charges: list[Request | Debt] = [*state.requests, *state.debts]
    charges.sort(key=_at)
    return Ahead(state, limits, queue, span_s, charges)


def _long_unsettled_later(state: LimiterState, limits: Limits) -> LimiterState:
    """Counts requests whose leases are long unsettled from the latest start that needs no update.

    Their process may have started a little late and been killed before it wrote that. A call that only takes long is
    counted so too, until it has ended.
    """
    before = state.at - limits.ticket_grace_s
    unsettled = {lease_id for lease_id, lease in state.leases.items() if not lease.ticket}
    requests = (
        item._replace(at=item.at + limits.unreported_delay_s)
        if item.at < before and item.lease_id in unsettled
        else item
        for item in state.requests
    )
    return replace(state, requests=tuple(sorted(requests)))


def tokens_needed(state: LimiterState, request: SlotRequest, *, model: Model, limits: Limits) -> int:
    """Returns the tokens to reserve: the service's own reservation times the model's known overcharge.

    Calls that cost more in the end than was reserved would otherwise exceed the quota with every call in flight.
    """
    hold = request.reservation(model)
    most = min(limits.tokens, model.tpm or limits.tokens)
    return hold if hold >= most else min(most, round(hold * overcharge_of(state, model.id)))


def overcharge_of(state: LimiterState, model_id: str) -> float:
    """Returns the model's overcharge; before its first answer the highest of any other model, as the safe guess."""
    known = state.health_of(model_id).overcharge
    return known or max((health.overcharge for health in state.health.values()), default=0.0) or 1.0


def of_all(ahead: Ahead) -> list[Block]:
    """Returns the blocks of the request rate and the queue's rate, which are the same for every model."""
    limits, requests = ahead.limits, ahead.state.requests
    found = _within(ahead, _ones(requests), Window(limits.requests, ahead.span_s, WaitingFor.REQUESTS))
    if (rate := limits.queue_rates.get(ahead.queue)) is not None:
        own = [(item.at, 1) for item in requests if item.queue == ahead.queue]
        found += blocked(own, 1, Window(rate, ahead.span_s, WaitingFor.QUEUE_RATE))
    return found


def of_slots(ahead: Ahead) -> list[Block]:
    """Returns the blocks of the concurrency limit, by when running calls are expected to end.

    A queue's guaranteed share stays free whatever the other queues have planned: more of them may wait than can
    run.
    """
    limits, state = ahead.limits, ahead.state
    typical_s = _typical_s(state)
    went_at = {item.lease_id: item.at for item in ahead.state.requests}
    begins = sorted(
        # A lease's own `at` is its rank; when its call starts, its request says.
        (_begin(lease._replace(at=went_at.get(lease_id, lease.at)), ahead), lease.queue)
        for lease_id, lease in state.leases.items()
    )
    points = [(at, 1) for at, _ in begins]
    found = blocked(points, 1, Window(limits.concurrent, typical_s, WaitingFor.SLOT))
    shared = Window(limits.without_share(limits.concurrent), typical_s, WaitingFor.SLOT)
    if found and ahead.queue in limits.queue_rates:
        own = [(at, 1) for at, queue in begins if queue == ahead.queue]
        share = Window(limits.concurrent - shared.limit, typical_s, WaitingFor.SLOT)
        found = where_both(found, blocked(own, 1, share))
    for others in _shares(ahead):
        found += blocked([(at, 1) for at, queue in begins if queue != others], 1, shared)
    return found


def of_model(ahead: Ahead, model: Model, need: int) -> list[Block]:
    """Returns the blocks of the model's own quotas and of the shared token limit.

    need: tokens, which depend on the model.
    """
    limits, span_s = ahead.limits, ahead.span_s
    all_tokens = Window(limits.tokens, span_s, WaitingFor.TOKENS)
    found = _within(ahead, _tokens(ahead.charges), all_tokens, need=need)
    if model.rpm is not None:
        own = _ones(item for item in ahead.state.requests if item.model_id == model.id)
        found += _within(ahead, own, Window(model.rpm, span_s, WaitingFor.REQUESTS))
    if model.tpm is not None:
        own = _tokens(item for item in ahead.charges if item.model_id == model.id)
        found += _within(ahead, own, Window(model.tpm, span_s, WaitingFor.TOKENS), need=need)
    return found


def healthy_for(state: LimiterState, lease_id: str) -> bool:
    """Whether the lease's model may be called at its slot's time; an unproven model only by its probe."""
    lease = state.leases[lease_id]
    health, at = state.health_of(lease.model_id), max(state.starts_at(lease_id), state.at)
    probes = not health.unproven or health.probe == lease_id
    return probes and max(health.cool_until, health.open_until, health.dead_until) <= at


def healthy_at(state: LimiterState, model_id: str) -> float:
    """Returns the epoch seconds from which another call of the model may be planned.

    Of an unproven one, after its probe.
    """
    health = state.health_of(model_id)
    at = max(health.cool_until, health.open_until, health.dead_until)
    if (probe := _probe_of(state, model_id)) is not None:
        ends_at = max(probe.at + _typical_s(state), state.at + overdue_s(state))
        at = max(at, min(probe.expires_at, ends_at))
    return at


def awaits_probe(state: LimiterState, model_id: str) -> bool:
    """Whether a probe of the model is under way."""
    return _probe_of(state, model_id) is not None


def _probe_of(state: LimiterState, model_id: str) -> Lease | None:
    """None also where a due ticket that nobody has redeemed holds the probe: workers that are there must not wait for
    a task that waits for a worker."""
    health = state.health_of(model_id)
    probe = state.leases.get(health.probe) if health.unproven else None
    return None if probe is not None and probe.ticket and probe.at <= state.at else probe


def rank_of(state: LimiterState, lease: Lease, *, limits: Limits) -> float:
    """Returns the lease's rank; for a ticket, the rank that it would get if it were redeemed now."""
    return rank_of_newcomer(state, lease.at, limits=limits) if lease.ticket else lease.at


def rank_of_newcomer(state: LimiterState, at: float, *, limits: Limits) -> float:
    """Returns the rank of a new lease.

    Behind every lease whose call may start before its holder has read of the new one.

    Holders act on a state up to STALE_S old, by clocks that may be `skew_s` ahead.
    """
    at = round(max(at, state.at + limits.skew_s), 3)
    unaware_until = at + STALE_S + limits.skew_s
    there = (other.at for other in state.leases.values() if not other.ticket and other.at <= unaware_until)
    return max(at, round(max(there, default=0.0) + _RANKS_APART_S, 3))


def in_turn(state: LimiterState, lease_id: str, *, limits: Limits) -> bool:
    """Whether the lease's rank is within the concurrency limit.

    Tickets that nobody has redeemed are not ranked: more of them may be due than there are workers. Of other queues
    at most their share of the slots counts, however many leases they have.
    """
    lease = state.leases[lease_id]
    at = rank_of(state, lease, limits=limits)
    before = [
        other.queue
        for other_id, other in state.leases.items()
        if not other.ticket and (other.at, other_id) < (at, lease_id)
    ]
    shared = limits.without_share(limits.concurrent)
    for others in limits.queue_rates:
        if others != lease.queue and sum(queue != others for queue in before) >= shared:
            return False
    own = sum(queue == lease.queue for queue in before)
    most = shared if lease.queue in limits.queue_rates else limits.concurrent
    return own + min(len(before) - own, most) < limits.concurrent


def overdue_s(state: LimiterState) -> float:
    """Returns the seconds until it is worth asking again about a call that takes longer than usual."""
    return min(_OVERDUE_WAIT_S, 0.5 * _typical_s(state))


def _typical_s(state: LimiterState) -> float:
    return max(state.typical_call_s, _LEAST_CALL_S)


def _shares(ahead: Ahead) -> Iterator[str]:
    """The queues for which this one must leave their guaranteed share."""
    return (queue for queue in ahead.limits.queue_rates if queue != ahead.queue)


def _ones(requests: Iterable[Request]) -> list[_Weighed]:
    return [(item.at, 1, item.queue) for item in requests]


def _tokens(charges: Iterable[Request | Debt]) -> list[_Weighed]:
    return [(item.at, item.tokens, item.queue) for item in charges]


def _within(ahead: Ahead, entries: Sequence[_Weighed], window: Window, *, need: int = 1) -> list[Block]:
    """Blocks where an entry of weight `need` does not fit the limit, or what other queues' shares leave of it.

    Against its queue's own share only what has already started counts, not what others have planned: late calls may
    have pushed more of those together than can start, and they are confirmed at their own time. Tokens of others'
    calls may count later than planned (`_long_unsettled_later`), so that of those a share is left for that time too.
    """
    limits, mine = ahead.limits, ahead.queue
    left = limits.without_share(window.limit)
    found = blocked([(at, weight) for at, weight, _ in entries], need, window)
    if found and mine in limits.queue_rates:
        own = [(at, weight) for at, weight, queue in entries if queue == mine]
        begun_at = ahead.state.at + limits.skew_s
        sure = [(at, weight) for at, weight, queue in entries if queue == mine or at <= begun_at]
        share = blocked(own, need, window._replace(limit=window.limit - left))
        found = [*where_both(found, share), *blocked(sure, need, window)]
    for others in _shares(ahead):
        points = [(at, weight) for at, weight, queue in entries if queue != others]
        longer_s = limits.unreported_delay_s if window.why is WaitingFor.TOKENS else 0.0
        shared = window._replace(limit=max(need, left), span_s=window.span_s + longer_s)
        found += blocked(points, need, shared)
    return found


def _begin(lease: Lease, ahead: Ahead) -> float:
    """The start that a call of usual length would have had if it ended when this one is expected to: one that takes
    longer than usual is expected to end soon."""
    now, typical_s = ahead.state.at, _typical_s(ahead.state)
    if lease.at > now + ahead.limits.skew_s:
        return lease.at
    ends_at = max(lease.at + typical_s, now + overdue_s(ahead.state))
    return min(ends_at, lease.expires_at) - typical_s


def _at(item: Request | Debt) -> float:
    return item.at
