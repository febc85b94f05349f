"""Finding reviews by name while somebody types: each name is read every 15 s at most, not for every letter typed."""

import threading
from collections.abc import Iterable

from core.clock import Clock
from core.queueing.parallel import in_parallel
from core.review.repository import ReviewRepository

_KEPT_S = 15.0
"""For so long another process may still find a review by its former name."""


class ReviewNames:
    """One per process. The caller checks who may read a review."""

    def __init__(self, reviews: ReviewRepository, clock: Clock) -> None:
        self._reviews = reviews
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[str, tuple[float, str]] = {}

    def having(self, words: Iterable[str], session_ids: Iterable[str]) -> list[str]:
        """Those of the reviews whose names have all of the words, in upper or lower case; in the same order."""
        wanted, ids = [word.casefold() for word in words], list(session_ids)
        names = self._names(ids)
        return [one for one in ids if all(word in names[one] for word in wanted)]

    def forget(self, session_id: str) -> None:
        """To be called when the review was renamed."""
        with self._lock:
            self._read.pop(session_id, None)

    def _names(self, ids: list[str]) -> dict[str, str]:
        now = self._clock.now()
        with self._lock:
            self._read = {one: read for one, read in self._read.items() if now - read[0] < _KEPT_S}
            known = {one: self._read[one][1] for one in ids if one in self._read}
        missing = [one for one in ids if one not in known]
        sessions = zip(missing, in_parallel(self._reviews.get, missing), strict=True)
        read = {one: session.document_name.casefold() if session else "" for one, session in sessions}
        with self._lock:
            self._read.update({one: (now, name) for one, name in read.items()})
        return {**known, **read}
