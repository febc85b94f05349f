"""Redeems a due ticket in the slot of a call that has just ended, and writes both in one update afterwards.

Shared document     call A runs ............................| A has ended and B has started: one write
This process        call A runs ...| ends, call B starts on its ticket ...

So a burst of short calls costs a few writes in all, not one each. Until the write nothing changes for the others:

- Concurrency: each running call has a lease in the document, its own or that of the call whose slot it reuses, and no
  two share one: the slot is taken in one step from the ends that no write has taken yet, and written in one step. B
  inherits A's rank, so whoever waited behind A waits behind B.
- Windows: B's request was reserved long ago. Because it started later than planned it counts for longer, which
  matters only to requests a whole window after it, and they read of it before. If the process is killed before the
  write, it leaves a ticket that nobody redeems. Such a request counts from `unreported_delay_s` after its time, and
  no ticket is redeemed without a write later than that.
- Models: tickets of unproven models are never redeemed this way, so a half-open breaker has exactly one probe.
- Two deliveries of one task: another machine may redeem the same ticket as a lease of its own. Only one of the two
  wins the claim and makes the call; the loser leaves its request counted, so one of them always is.
"""

from core.throttling.constraints import SlotRequest
from core.throttling.limits import Limits
from core.throttling.state import LimiterState
from core.throttling.updates import Reused, Settled, Update

SOON_S = 0.2
_LONGEST_S = 1.0
"""The longest that an update may wait for its write; after it no further slot is reused."""
_LEFT = 0.8
"""Fraction of its lease that an ended call must have left: the new call may take that long without any write."""


def may_reuse(
    request: SlotRequest, ended_call: Settled, *, known: LimiterState, limits: Limits, now: float
) -> Reused | None:
    """Returns the update that redeems the request's ticket in the slot of `ended_call`, or None if it must not.

    known: the shared state with this process's pending updates, except ends of calls. Whether the slot can be kept
    has to be decided on the state after the update.
    """
    ticket, ended = known.leases.get(request.ticket), known.leases.get(ended_call.lease_id)
    if ticket is None or ended is None or not ticket.ticket:
        return None
    due = ticket.at <= now + SOON_S and now <= ticket.at + limits.unreported_delay_s
    certain = ended.expires_at - now > _LEFT * limits.lease_s and ended.queue == ticket.queue
    if not due or not certain or known.health_of(ticket.model_id).unproven:
        return None
    lease = ticket._replace(at=ended.at, ticket=False)
    return Reused(request.ticket, request.lease_id, lease, max(now, ticket.at), ended=ended_call)


def unreported_too_long(updates: tuple[Update, ...], now: float) -> bool:
    return any(isinstance(update, Reused) and now - update.at > _LONGEST_S for update in updates)
