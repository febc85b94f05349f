"""Updates of the shared document that a process writes along with its next decision, which saves half of all writes.

They are idempotent: one that is written twice changes nothing the second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.throttling import decision
from core.throttling.limits import Limits
from core.throttling.outcome import Outcome
from core.throttling.state import Lease, LimiterState


@dataclass(frozen=True)
class Settled:
    """A call ended. ended_at: epoch seconds."""

    lease_id: str
    outcome: Outcome
    ended_at: float


@dataclass(frozen=True)
class StartedLate:
    """A call started later than planned. at: epoch seconds."""

    lease_id: str
    at: float


@dataclass(frozen=True)
class Reused:
    """A ticket was redeemed in the slot of another call of the same process that had ended: see slot_reuse.

    lease: what the new call holds, with the rank of the ended one. at: when it started, epoch seconds.
    """

    ticket: str
    lease_id: str
    lease: Lease
    at: float
    ended: Settled


Update = Settled | StartedLate | Reused


def applied(state: LimiterState, updates: Sequence[Update], *, limits: Limits) -> LimiterState:
    """Returns the state after `updates`, in their order; the same object if they change nothing."""
    for update in updates:
        if isinstance(update, StartedLate):
            state = decision.begin(state, update.lease_id, limits=limits, at=update.at)
            continue
        if isinstance(update, Reused):
            state = decision.reuse(
                state, update.ticket, update.lease_id, lease=update.lease, limits=limits, at=update.at
            )
        ended = update.ended if isinstance(update, Reused) else update
        state = decision.settle(
            state, ended.lease_id, outcome=ended.outcome, limits=limits, now=ended.ended_at
        )
    return state
