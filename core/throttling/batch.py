"""A batch: the updates that one process has not written yet, and the slot that it asks for.

It is written by the process itself, or by another one of the same machine that has the lock just now (group commit):
one write serves all processes that wait. A process whose batch was written for it finds its slot by its lease id when
it gets the lock, and has nothing left to write.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.models.model import Model
from core.throttling import decision
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.limits import Limits
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.state import Lease, LimiterState
from core.throttling.updates import Reused, Settled, StartedLate, Update, applied


@dataclass(frozen=True)
class Batch:
    """Updates and slot requests of one process, written in one step.

    request: the slot asked for. reservations: tickets that were promised and are reserved now, if still free.
    """

    updates: tuple[Update, ...] = ()
    request: SlotRequest | None = None
    reservations: tuple[SlotRequest, ...] = ()

    def applied_to(
        self, state: LimiterState, *, limits: Limits, models: Sequence[Model], now: float
    ) -> tuple[LimiterState, Granted | Denied | None]:
        """Returns the next state (the same object if nothing changes) and the answer to `request`, if any."""
        state = applied(state, self.updates, limits=limits)
        for reservation in self.reservations:
            after, answer = decision.acquire(state, reservation, limits=limits, models=models, now=now)
            if isinstance(answer, Granted) and answer.ticket:
                state = after
        if self.request is None:
            return state, None
        return decision.acquire(state, self.request, limits=limits, models=models, now=now)

    def to_bytes(self) -> bytes:
        document = {
            "updates": [asdict(update) for update in self.updates],
            "request": self.request and _plain(self.request),
            "reservations": [_plain(reservation) for reservation in self.reservations],
        }
        return json.dumps(document).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> "Batch":
        """Reads what `to_bytes` wrote.

        Raises ValueError, TypeError or KeyError for anything else, such as a torn file.
        """
        data = json.loads(body)
        updates, reservations = map(_update, data["updates"]), map(_request, data["reservations"])
        return cls(tuple(updates), data["request"] and _request(data["request"]), tuple(reservations))


def _plain(request: SlotRequest) -> dict[str, Any]:
    return {**asdict(request), "tried": sorted(request.tried)}


def _request(item: dict[str, Any]) -> SlotRequest:
    return SlotRequest(**{**item, "tried": frozenset(item["tried"])})


def _update(item: dict[str, Any]) -> Update:
    if "ended" in item:
        return Reused(**{**item, "lease": Lease(*item["lease"]), "ended": _settled(item["ended"])})
    return _settled(item) if "outcome" in item else StartedLate(**item)


def _settled(item: dict[str, Any]) -> Settled:
    outcome = {**item["outcome"], "kind": OutcomeKind(item["outcome"]["kind"])}
    return Settled(item["lease_id"], Outcome(**outcome), item["ended_at"])
