"""Whether this process can do its work, asked at most every few seconds however often a load balancer asks."""

import threading
from collections.abc import Callable

from core.clock import Clock
from core.errors import AppError
from core.observability.logs import get_logger

KEPT_S = 5.0

log = get_logger(__name__)


class Readiness:
    """Asks `probe` at most every few seconds, and remembers the answer."""

    def __init__(self, probe: Callable[[], None], clock: Clock) -> None:
        self._probe = probe
        self._clock = clock
        self._lock = threading.Lock()
        self._answer = False
        self._asked_at: float | None = None

    def is_ready(self) -> bool:
        # Held while asking: when storage hangs, one thread waits for it and the others for that one answer.
        with self._lock:
            if self._asked_at is None or self._clock.now() - self._asked_at >= KEPT_S:
                self._answer = self._ask()
                self._asked_at = self._clock.now()
            return self._answer

    def _ask(self) -> bool:
        try:
            self._probe()
        except AppError as error:
            log.warning("not_ready", code=error.code, detail=error.detail)
            return False
        return True
