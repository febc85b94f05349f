"""How many findings of a review are decided, for lists of reviews: counted once for each state of a review."""

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from core.aws.object_store import ObjectStore
from core.review.decision import Verdict
from core.review.decision_files import decisions_prefix
from core.review.overview import OverviewReader
from core.review.result_cache import CachedResults
from core.review.review_parts import standings
from core.review.session import ReviewSession

_KEPT = 5_000


@dataclass(frozen=True)
class Tally:
    """Progress of a review.

    decided: accepted or rejected, reviewers' own findings too. total: every finding that the workspace shows.
    """

    decided: int
    total: int


@dataclass(frozen=True)
class Tallies:
    """Counts decided findings; one instance per process.

    One LIST tells whether a review has changed since it was counted.
    """

    store: ObjectStore
    overviews: OverviewReader
    results: CachedResults
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: OrderedDict[str, tuple[str, Tally]] = field(default_factory=OrderedDict)

    def of(self, session: ReviewSession) -> Tally:
        state = self._state(session)
        with self._lock:
            known = self._known.get(session.id)
        if known is not None and known[0] == state:
            return known[1]
        present = standings(self.overviews.parts(session))
        decided = sum(one.decision.decision is not Verdict.OPEN for one in present)
        tally = Tally(decided, len(present))
        with self._lock:
            self._known[session.id] = (state, tally)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return tally

    def _state(self, session: ReviewSession) -> str:
        """A digest that differs whenever a finding or a decision may have changed."""
        decisions = [(one.key, one.etag) for one in self.store.list(decisions_prefix(session.id))]
        statuses = self.results.statuses((*session.tasks.values(), *session.answered.values()))
        made = [session.to_dict(), sorted(decisions), sorted(statuses.items())]
        return hashlib.sha256(json.dumps(made).encode()).hexdigest()
