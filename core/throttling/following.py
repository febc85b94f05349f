"""Going on at a due ticket in the place of a call that has just ended, before the others are told of either.

What the others know     call A runs ............................| both told in one write
What really happens      call A runs ...| ends, call B at its ticket ...

So a burst of short calls costs a few writes in all, not one each. For the others nothing changes meanwhile:

- Slots: each call that runs has a lease in the document of its own or of the call whose place it took, and no two
  have the same: the place is taken in one step from what nobody has begun to tell, and told as one step. B inherits
  A's rank, so whoever waited behind A waits behind B.
- Windows: B's request was reserved long ago. Having gone later than planned it only reaches farther, against those
  who come a whole window after it; they know by then. Whoever is killed before it could tell leaves a ticket
  that nobody comes for, which counts from `quiet_s` after its time: nobody goes in silence later than that.
- Models: a ticket of a model that is not proven is never taken up in silence, so a half-open one has one probe.
- One task, two deliveries: another machine may take up the same ticket as a lease of its own. Only one of the two
  wins the claim and calls, and who loses it leaves its request counted, so one of them always is.
"""

from core.throttling.constraints import SlotRequest
from core.throttling.limits import Limits
from core.throttling.notes import Followed, Note, Settled
from core.throttling.state import LimiterState

SOON_S = 0.2
_LONGEST_S = 1.0
"""Nobody keeps what it knows to itself for longer."""
_LEFT = 0.8
"""Of a lease: the place must be certain for as long as a call may take, even if nobody can be told meanwhile."""


def may_follow(
    request: SlotRequest, place: Settled, *, known: LimiterState, limits: Limits, now: float
) -> Followed | None:
    """What is to be told later, if `request` takes up its ticket where `place` ended.

    known: what the others know, and what this process has yet to tell but the ends of calls. Whether the slot
    stands, the state after the note has to say.
    """
    ticket, ended = known.leases.get(request.ticket), known.leases.get(place.lease_id)
    if ticket is None or ended is None or not ticket.ticket:
        return None
    due = ticket.at <= now + SOON_S and now <= ticket.at + limits.quiet_s
    certain = ended.expires_at - now > _LEFT * limits.lease_s and ended.queue == ticket.queue
    if not due or not certain or known.health_of(ticket.model_id).unproven:
        return None
    lease = ticket._replace(at=ended.at, ticket=False)
    return Followed(request.ticket, request.lease_id, lease, max(now, ticket.at), ended=place)


def long_silent(notes: tuple[Note, ...], now: float) -> bool:
    return any(isinstance(note, Followed) and now - note.at > _LONGEST_S for note in notes)
