"""A review stays whole for as long as it is used: RETENTION_DAYS after somebody looked at it last.

The bucket's lifecycle takes each object by its own age: the text of a review would go a year after its upload, amid
somebody's work, and its findings after that. So whoever opens a review makes its parts young again:

    upload              opened                    opened             nobody opens it any more
    --|-------------------|-------------------------|------------------|-------------------------->
    document, text,       all that is older than    less than that
    results, decisions    a week is written anew    ago: nothing

What is not looked at any more goes by the lifecycle alone: no process needs the right to remove reviews for it.
"""

from collections import OrderedDict
from functools import partial

from core.aws.object_store import ObjectStore
from core.clock import Clock, epoch
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.keys import result_key
from core.queueing.parallel import Later, in_parallel
from core.review.chat import ChatLog
from core.review.presence import session_prefix
from core.review.repository import ReviewRepository
from core.review.session import ReviewSession

_log = get_logger(__name__)
_DAY_S = 86_400.0
_SHARE = 50
"""Of RETENTION_DAYS, a week of a year: so seldom a review is written anew, and by so much less it may stay."""
_LOOKED_AT = 5_000
_MADE_ANEW = ("exports/", "pages/", "undo/")
"""Below a review's prefix: bundles and pictures can be made again, and nobody undoes what is so old."""


class Retention:
    """Shared by the threads of a process."""

    def __init__(
        self, store: ObjectStore, reviews: ReviewRepository, clock: Clock, *, days: int, later: Later
    ) -> None:
        """days: RETENTION_DAYS. later: nobody waits for it."""
        self._store = store
        self._reviews = reviews
        self._clock = clock
        self._young_s = days * _DAY_S / _SHARE
        self._later = later
        self._looked: OrderedDict[str, float] = OrderedDict()

    def opened(self, session: ReviewSession) -> None:
        """Asks for nothing but once a week in each process, of reviews that are older than that."""
        now = self._clock.now()
        since = max(epoch(session.created_at), self._looked.get(session.id, 0.0))
        if now - since >= self._young_s:
            self._looked[session.id] = now
            while len(self._looked) > _LOOKED_AT:
                self._looked.popitem(last=False)
            self._later(partial(self._renew_quietly, session))

    def _renew_quietly(self, session: ReviewSession) -> None:
        try:
            self._renew(session)
        except AppError as error:
            self._looked.pop(session.id, None)
            _log.warning("review_not_renewed", session_id=session.id, code=error.code)

    def _renew(self, session: ReviewSession) -> None:
        old = self._old_parts(session.id)
        if not old:
            return
        tasks = [*session.every_task, *ChatLog(self._store).question_ids(session.id)]
        others = [*map(result_key, tasks), *self._reviews.index_keys(session)]
        # The parts last: as long as one of them is old, all this is done again.
        for keys in (others, old):
            in_parallel(self._store.renew, keys)
        if self._reviews.get(session.id) is None:
            # Deleted meanwhile, by somebody who had listed only what there was before.
            in_parallel(self._store.purge, [*others, *old])

    def _old_parts(self, session_id: str) -> list[str]:
        before, prefix = self._clock.now() - self._young_s, session_prefix(session_id)
        return [
            info.key
            for info in self._store.list(prefix)
            if info.modified_at <= before and not info.key.removeprefix(prefix).startswith(_MADE_ANEW)
        ]
