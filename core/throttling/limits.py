"""The limits under which a decision is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.config import LimitSettings

STALE_S = 2.0
"""The oldest state on which a process may start a call or deny a request without asking S3."""
_TOLERATED_DELAY = 0.3
_CONFIRM_PAD = 0.6
"""Fractions of the pad: a delay up to the first needs no update; the second must be left when a slot is confirmed."""
_UNREPORTED_DELAY = 1 / 60
_MOST_DELAY = 1 / 3
"""Fractions of the window: the longest delay without an update, and the longest before a slot is planned anew."""


@dataclass(frozen=True)
class Limits:
    """The configured limits. All hold in every sliding window of `window_s` seconds, over all processes.

    tokens: quota tokens. queue_rates: queue key -> requests; a queue without a rate is held by the global limits
    only. pad_s: added to the window, because the service stamps a request later than we do: sends were up to 0.11 s
    late, and each throttled call costs a cooldown. skew_s: the most that two processes' clocks may differ. dead_s:
    how long a retired or denied model is left out. ticket_grace_s: how long after its time a ticket expires that
    nobody has redeemed. guaranteed: the part of requests, tokens and slots kept for each queue with a rate, so that
    no other can starve it.
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
        """How long a request counts; also the farthest ahead that a slot may lie."""
        return self.window_s + self.pad_s + self.skew_s

    @property
    def confirm_span_s(self) -> float:
        """How long a request counts when a reserved slot is confirmed, whose neighbours may have been delayed."""
        return self.window_s + _CONFIRM_PAD * self.pad_s + self.skew_s

    @property
    def most_delay_s(self) -> float:
        """The longest delay of a slot that is passed on to later ones; beyond it another slot is planned."""
        return min(self.ticket_grace_s, _MOST_DELAY * self.window_s)

    @property
    def tolerated_delay_s(self) -> float:
        """The delay of a start that needs no update of its own, because the pad covers it until the settle."""
        return _TOLERATED_DELAY * self.pad_s

    @property
    def unreported_delay_s(self) -> float:
        """How late a ticket may be redeemed in a freed slot before that has to be written: see slot_reuse."""
        return _UNREPORTED_DELAY * self.window_s

    def without_share(self, limit: int) -> int:
        """Returns the part of `limit` that all queues but one may use together."""
        return limit - limit // self.guaranteed


def limits_from(settings: LimitSettings) -> Limits:
    """Returns the limits of these settings."""
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
    """Returns queue key -> tasks that may reach a model in any window; monitoring calls no model."""
    return {"analysis": settings.analysis_per_minute, "chat": settings.chat_per_minute}
