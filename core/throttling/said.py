"""What one process has to say to the shared document: what it has yet to tell, and what it asks for.

Said by itself, or by the process of the same machine that is writing just now: one write serves all who wait for
the lock. Who was asked for finds its slot under its lease id when its turn comes, and has nothing left to write.
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
from core.throttling.notes import Begun, Followed, Note, Settled, told
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.state import Lease, LimiterState


@dataclass(frozen=True)
class Said:
    """wishes: tickets that were promised, to be reserved: each gets what is free by then, or nothing."""

    notes: tuple[Note, ...] = ()
    ask: SlotRequest | None = None
    wishes: tuple[SlotRequest, ...] = ()

    def heard(
        self, state: LimiterState, *, limits: Limits, models: Sequence[Model], now: float
    ) -> tuple[LimiterState, Granted | Denied | None]:
        """The next state, the same object where nothing is new, and the answer to the question."""
        state = told(state, self.notes, limits=limits)
        for wish in self.wishes:
            after, answer = decision.acquire(state, wish, limits=limits, models=models, now=now)
            if isinstance(answer, Granted) and answer.ticket:
                state = after
        if self.ask is None:
            return state, None
        return decision.acquire(state, self.ask, limits=limits, models=models, now=now)

    def to_bytes(self) -> bytes:
        notes, wishes = [asdict(note) for note in self.notes], [_plain(wish) for wish in self.wishes]
        return json.dumps({"notes": notes, "ask": self.ask and _plain(self.ask), "wishes": wishes}).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> "Said":
        """Raises ValueError, TypeError or KeyError for anything that `to_bytes` did not write to its end."""
        said = json.loads(body)
        notes, wishes = map(_note, said["notes"]), map(_request, said["wishes"])
        return cls(tuple(notes), said["ask"] and _request(said["ask"]), tuple(wishes))


def _plain(request: SlotRequest) -> dict[str, Any]:
    return {**asdict(request), "tried": sorted(request.tried)}


def _request(item: dict[str, Any]) -> SlotRequest:
    return SlotRequest(**{**item, "tried": frozenset(item["tried"])})


def _note(item: dict[str, Any]) -> Note:
    if "ended" in item:
        return Followed(**{**item, "lease": Lease(*item["lease"]), "ended": _settled(item["ended"])})
    return _settled(item) if "outcome" in item else Begun(**item)


def _settled(item: dict[str, Any]) -> Settled:
    outcome = {**item["outcome"], "kind": OutcomeKind(item["outcome"]["kind"])}
    return Settled(item["lease_id"], Outcome(**outcome), item["ended_at"])
