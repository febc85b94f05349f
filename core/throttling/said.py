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
from core.throttling.notes import Begun, Note, Settled, told
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.state import LimiterState


@dataclass(frozen=True)
class Said:
    notes: tuple[Note, ...] = ()
    ask: SlotRequest | None = None

    def heard(
        self, state: LimiterState, *, limits: Limits, models: Sequence[Model], now: float
    ) -> tuple[LimiterState, Granted | Denied | None]:
        """The next state, the same object where nothing is new, and the answer to the question."""
        state = told(state, self.notes, limits=limits)
        if self.ask is None:
            return state, None
        return decision.acquire(state, self.ask, limits=limits, models=models, now=now)

    def to_bytes(self) -> bytes:
        ask = self.ask and {**asdict(self.ask), "tried": sorted(self.ask.tried)}
        return json.dumps({"notes": [asdict(note) for note in self.notes], "ask": ask}).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> "Said":
        """Raises ValueError, TypeError or KeyError for anything that `to_bytes` did not write to its end."""
        said = json.loads(body)
        ask = said["ask"] and SlotRequest(**{**said["ask"], "tried": frozenset(said["ask"]["tried"])})
        return cls(tuple(_note(item) for item in said["notes"]), ask)


def _note(item: dict[str, Any]) -> Note:
    if "outcome" not in item:
        return Begun(**item)
    outcome = {**item["outcome"], "kind": OutcomeKind(item["outcome"]["kind"])}
    return Settled(item["lease_id"], Outcome(**outcome), item["ended_at"])
