"""Costs and throughput of many workers, in virtual time: windows of 60 s as in production, in a second."""

import random

import pytest

from benchmarks.throttling_scenarios import MODELS, RPM, violations
from core.models.registry import ModelRegistry
from core.throttling.limits import Limits
from tests.support.limiter_crowd import Crowd, Service
from tests.unit.throttling.builders import model

LIMITS = Limits(tokens=10_000_000, skew_s=0.03)
REGISTRY = ModelRegistry(tuple(model(name, rpm=RPM) for name in MODELS))
CALLS = 180
OPTIMUM_S = (CALLS // LIMITS.requests - 1) * LIMITS.window_s


@pytest.mark.parametrize(
    ("workers", "hosts", "most_requests"), [(8, 1, 0.7), (16, 1, 0.7), (8, 4, 2.0), (16, 4, 2.0)]
)
def test_a_crowd_uses_its_quotas_never_passes_them_and_asks_s3_little(
    tmp_path, workers, hosts, most_requests
):
    random.seed(1)
    crowd = Crowd(LIMITS, REGISTRY, tmp_path, workers, hosts)
    took_s = crowd.work_off(CALLS)
    over = violations(crowd.calls, window_s=60, most=LIMITS.requests, at_once=LIMITS.concurrent)
    assert not any(over.values()), over
    assert OPTIMUM_S / took_s >= 0.97
    assert crowd.requests / CALLS <= most_requests


@pytest.mark.parametrize("workers", [8, 16])
def test_where_an_outside_consumer_eats_half_of_the_quotas_a_crowd_is_refused_seldom(tmp_path, workers):
    random.seed(1)
    crowd = Crowd(LIMITS, REGISTRY, tmp_path, workers, service=Service(RPM, outside=RPM // 2))
    crowd.work_off(CALLS // 2)
    over = violations(crowd.calls, window_s=60, most=LIMITS.requests, at_once=LIMITS.concurrent)
    assert not any(over.values()), over
    assert sum(not call["admitted"] for call in crowd.calls) <= 3 * len(MODELS)
