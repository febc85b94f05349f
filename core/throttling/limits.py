"""The limits a decision is made under."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.config import LimitSettings

STALE_S = 2.0
"""So old may be what a process knows when it goes at the slot that it has."""
_UNSEEN = 0.3
_KEPT_PAD = 0.6
"""Of the pad: lateness up to the first is not told, and the second must be left at a slot's time."""
_QUIET = 1 / 60
_LATE = 1 / 3
"""A slot may be taken up so late, in parts of the window: long before anybody who was planned behind it."""


@dataclass(frozen=True)
class Limits:
    """All limits hold in every sliding window of `window_s` seconds, over all processes.

    pad_s: added to the window, because the service stamps a request later than we do: sends were up to 0.11 s
    late, and each slip costs a whole cooldown. skew_s: most that two processes' clocks may differ. tokens: quota
    tokens. queue_rates: queue key -> requests; a queue without a rate is held by the global limits alone.
    dead_s: how long a retired or denied model is left out. ticket_grace_s: a reserved slot that nobody has taken
    up so long after its time is given up. guaranteed: one such part of requests, tokens and slots is kept for
    each queue with a rate, so that no other queue can starve it.
    """

    requests: int = 60
    concurrent: int = 15
    tokens: int = 180_000
    window_s: float = 60.0
    pad_s: float = 0.15
    skew_s: float = 0.0
    cooldown_s: float = 60.0
    daily_cooldown_s: float = 3600.0
    breaker_failures: int = 10
    breaker_open_s: float = 60.0
    breaker_open_most_s: float = 600.0
    dead_s: float = 6 * 3600.0
    lease_s: float = 150.0
    ticket_grace_s: float = 20.0
    guaranteed: int = 5
    queue_rates: Mapping[str, int] = field(default_factory=dict)

    @property
    def span_s(self) -> float:
        """How long a request counts; also the farthest that a slot may lie ahead."""
        return self.window_s + self.pad_s + self.skew_s

    @property
    def kept_span_s(self) -> float:
        """How long it counts against a slot reserved earlier, whose neighbours have moved by their lateness."""
        return self.window_s + _KEPT_PAD * self.pad_s + self.skew_s

    @property
    def late_s(self) -> float:
        """A slot that cannot be taken up by then is planned anew. Until then its delay is passed on."""
        return min(self.ticket_grace_s, _LATE * self.window_s)

    @property
    def unseen_s(self) -> float:
        """Lateness that the pad covers until the call is settled."""
        return _UNSEEN * self.pad_s

    @property
    def quiet_s(self) -> float:
        """So late after its time a ticket may be taken up before the others are told."""
        return _QUIET * self.window_s

    def without_share(self, limit: int) -> int:
        """What all queues but one may have of `limit` together."""
        return limit - limit // self.guaranteed


def limits_from(settings: LimitSettings) -> Limits:
    return Limits(
        requests=settings.requests_per_minute,
        concurrent=settings.concurrent_requests,
        tokens=settings.tokens_per_minute,
        window_s=settings.window_s,
        cooldown_s=settings.cooldown_s,
        breaker_failures=settings.breaker_failures,
        lease_s=settings.lease_s,
        queue_rates=queue_rates(settings),
    )


def queue_rates(settings: LimitSettings) -> dict[str, int]:
    """Queue key -> tasks that reach a model in any window; monitoring asks no model."""
    return {"analysis": settings.analysis_per_minute, "chat": settings.chat_per_minute}
