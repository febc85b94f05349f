"""What a process has yet to tell the others. It rides on the next decision of the same process.

Half of all writes are saved that way. A note that is told twice changes nothing the second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.throttling import decision
from core.throttling.limits import Limits
from core.throttling.outcome import Outcome
from core.throttling.state import Lease, LimiterState


@dataclass(frozen=True)
class Settled:
    """ended_at: epoch seconds."""

    lease_id: str
    outcome: Outcome
    ended_at: float


@dataclass(frozen=True)
class Begun:
    """A call leaves later than planned. at: epoch seconds."""

    lease_id: str
    at: float


@dataclass(frozen=True)
class Followed:
    """A call began at a ticket, in the place of another of the same process that had ended.

    lease: what it holds, with the rank of that one. at: epoch seconds.
    """

    ticket: str
    lease_id: str
    lease: Lease
    at: float
    ended: Settled


Note = Settled | Begun | Followed


def told(state: LimiterState, notes: Sequence[Note], *, limits: Limits) -> LimiterState:
    """The state after `notes`, in their order; the same object where they say nothing new."""
    for note in notes:
        if isinstance(note, Begun):
            state = decision.begin(state, note.lease_id, limits=limits, at=note.at)
            continue
        if isinstance(note, Followed):
            state = decision.follow(
                state, note.ticket, note.lease_id, lease=note.lease, limits=limits, at=note.at
            )
        ended = note.ended if isinstance(note, Followed) else note
        state = decision.settle(
            state, ended.lease_id, outcome=ended.outcome, limits=limits, now=ended.ended_at
        )
    return state
