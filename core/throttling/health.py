"""Cooldown, circuit breaker and end of life of one model: pure transitions."""

from core.throttling.limits import Limits
from core.throttling.outcome import OutcomeKind
from core.throttling.state import Health

_COOLING = frozenset({OutcomeKind.THROTTLED, OutcomeKind.THROTTLED_DAILY})
_FAILING = frozenset({OutcomeKind.FAILED, OutcomeKind.TIMEOUT})
_DYING = frozenset({OutcomeKind.GONE, OutcomeKind.DENIED})


def after_call(health: Health, kind: OutcomeKind, *, lease_id: str, limits: Limits, now: float) -> Health:
    """The model's health after a call that ended as `kind`. Throttling starts a cooldown and no breaker failure.

    While the breaker is not closed, or the model has not answered since its cooldown, only the outcome of
    the probe counts: calls that started before it say nothing new.
    """
    probing = health.probe == lease_id
    if probing:
        health = health._replace(probe="")
    if kind in _COOLING:
        pause_s = limits.cooldown_s if kind is OutcomeKind.THROTTLED else limits.daily_cooldown_s
        return health._replace(cool_until=max(health.cool_until, now + pause_s))
    if kind in _DYING:
        return health._replace(dead_until=now + limits.dead_s, dead_reason=str(kind))
    if health.open_until and not probing:
        return health
    if kind is OutcomeKind.ANSWERED:
        cool_until = 0.0 if probing else health.cool_until
        return health._replace(failures=0, cool_until=cool_until, open_until=0.0, openings=0)
    return _after_failure(health, limits=limits, now=now) if kind in _FAILING else health


def _after_failure(health: Health, *, limits: Limits, now: float) -> Health:
    """A failed probe opens the breaker again at once, for twice as long."""
    failures = health.failures + 1
    if not health.open_until and failures < limits.breaker_failures:
        return health._replace(failures=failures)
    open_s = min(limits.breaker_open_s * 2**health.openings, limits.breaker_open_most_s)
    # Past 16 doublings the ceiling holds anyhow, and the number must not grow without bound.
    return health._replace(failures=0, open_until=now + open_s, openings=min(health.openings + 1, 16))
