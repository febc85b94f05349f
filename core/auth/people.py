"""What people are called: reviews and records keep user ids, colleagues read names."""

import threading
from collections.abc import Iterable

from core.auth.identity import IdentityProvider
from core.clock import Clock
from core.errors import AppError
from core.observability.logs import get_logger
from core.queueing.parallel import in_parallel

_KEPT_S = 600.0
"""A new name is everywhere after so long; a page with ten people on it reads none of them anew."""

log = get_logger(__name__)


class People:
    """One per process."""

    def __init__(self, identity: IdentityProvider, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[str, tuple[float, str]] = {}

    def name(self, user_id: str) -> str:
        """The id itself of whoever is not known here any more, or while storage does not answer."""
        return self.names([user_id]).get(user_id, user_id)

    def names(self, user_ids: Iterable[str]) -> dict[str, str]:
        """By user id; those whose name is their id are absent."""
        wanted = sorted({one for one in user_ids if one})
        now = self._clock.now()
        with self._lock:
            self._read = {one: read for one, read in self._read.items() if now - read[0] < _KEPT_S}
            known = {one: self._read[one][1] for one in wanted if one in self._read}
        missing = [one for one in wanted if one not in known]
        named = zip(missing, in_parallel(self._asked, missing), strict=True)
        read = {one: name for one, name in named if name is not None}
        with self._lock:
            self._read.update({one: (now, name) for one, name in read.items()})
        return {one: name for one, name in {**known, **read}.items() if name not in ("", one)}

    def _asked(self, user_id: str) -> str | None:
        """None: it could not be asked. Whoever reads a review gets it without the name, then."""
        try:
            return self._identity.name_of(user_id)
        except AppError as error:
            log.warning("name_not_read", code=error.code)
            return None
