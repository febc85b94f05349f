"""Going on at the next ticket in the place of a call that has just ended, before the others are told of either.

What the others know     call A runs ............................| both told in one write
What really happens      call A runs ...| ends, call B at its ticket ...

For them nothing changes: as many calls run as before. So a burst of short calls costs a write in all, not one each.
What is to be told lies on the machine meanwhile: if the process is killed, whoever writes next tells it.
"""

from collections.abc import Sequence

from core.throttling.constraints import SlotRequest
from core.throttling.decision import Granted
from core.throttling.limits import Limits
from core.throttling.notes import Followed, Note, Settled
from core.throttling.state import LimiterState

_SOON_S = 0.3
_LONGEST_S = 1.0
"""Nobody keeps what it knows to itself for longer."""
_LEFT = 0.8
"""Of a lease: the place must be certain for as long as a call may take, even if nobody can be told meanwhile."""


def following(
    request: SlotRequest,
    answer: Granted,
    *,
    notes: Sequence[Note],
    shared: LimiterState,
    limits: Limits,
    now: float,
) -> Followed | None:
    """What is to be told later, if `request` may take up its ticket in silence. answer: it would get this slot.

    notes: what this process has yet to tell. shared: what the others know.
    """
    ticket = shared.leases.get(request.ticket)
    if ticket is None or not ticket.ticket or answer.ticket:
        return None
    if answer.at > min(ticket.at + limits.quiet_s, now + _SOON_S) or now - _oldest(notes, now) > _LONGEST_S:
        return None
    ended = {note.lease_id for note in notes if isinstance(note, Settled)}
    ranks = sorted(
        lease.at
        for lease_id, lease in shared.leases.items()
        if lease_id in ended
        and not lease.ticket
        and lease.queue == ticket.queue
        and lease.expires_at - now > _LEFT * limits.lease_s
    )
    taken = sum(isinstance(note, Followed) and note.lease_id not in ended for note in notes)
    if taken >= len(ranks):
        return None
    return Followed(request.ticket, request.lease_id, ticket._replace(at=ranks[taken]), answer.at)


def _oldest(notes: Sequence[Note], now: float) -> float:
    return min((note.ended_at for note in notes if isinstance(note, Settled)), default=now)
