"""Spaces out the replays of a queue, however many operators, terminals and sweeps replay at once.

dead-letters/pace/<queue>.json has the time of the next free place: each replay takes it and moves it on. So replays
enter the queue no faster than its own work may start; the limiter limits the model calls themselves.
"""

from dataclasses import dataclass
from typing import Any

from core.aws.object_store import ObjectStore, update_json, with_nonce
from core.clock import Clock
from core.queueing.letter import DEAD_LETTERS_PREFIX

_FARTHEST_S = 900.0
"""A place farther ahead than this was given by a wrong clock, and is ignored."""


@dataclass(frozen=True)
class ReplayPace:
    """Gives each replay its place in time. Errors: Transient storage/unavailable, Permanent storage/denied."""

    store: ObjectStore
    clock: Clock

    def take(self, queue: str, *, per_minute: float, latest: float) -> float | None:
        """Takes the next free place and returns the seconds until it.

        latest: epoch seconds. Returns None, and takes nothing, if the next place is later than that.
        """
        now, place = self.clock.now(), 0.0

        def taken(present: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal place
            free_at = present["free_at"] if present else 0.0
            place = max(now, free_at) if free_at < now + _FARTHEST_S else now
            if place > latest:
                return None
            return with_nonce({"free_at": place + 60.0 / per_minute})

        update_json(self.store, f"{DEAD_LETTERS_PREFIX}pace/{queue}.json", taken, clock=self.clock)
        return None if place > latest else place - now
