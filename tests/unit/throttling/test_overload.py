"""With more demand than the quotas allow, the quotas are still used up."""

from benchmarks.capacity_demand import CALLS, Habits, per_minute
from benchmarks.capacity_simulation import simulated
from core.config import LimitSettings

SETTINGS = LimitSettings()


def test_a_crowd_at_the_limit_uses_its_tokens():
    """Calls cost 1.7 times what the service holds back, and fifteen begin before anybody knows."""
    minutes, users = 5, 400
    rates = per_minute(users, Habits())
    hour = simulated(SETTINGS, minutes=minutes, children={"analysis": 16, "chat": 4}, rates=rates)
    tokens = sum(CALLS[queue].quota_tokens * number for queue, number in hour.called.items())
    assert tokens / minutes / SETTINGS.tokens_per_minute >= 0.94
