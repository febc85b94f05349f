import json

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock, epoch
from core.errors import Permanent, Throttled, Transient
from core.models.exchange import ModelAnswer, Tried
from core.models.model import Usage
from core.observability.metrics import Metric
from core.pipeline.daily_cost import DailyCost
from core.pipeline.metering import PipelineMeter

NOON = epoch("2026-11-21T12:00:00.000Z")
KEY = "quotas/cost/2026-11-21.json"


def costs(cap_usd=1.0, store=None, clock=None):
    return DailyCost(store or MemoryObjectStore(), clock or ScriptedClock(NOON), cap_usd=cap_usd)


def test_calls_add_up_over_all_processes():
    store = MemoryObjectStore()
    costs(store=store).charge(0.25)
    costs(store=store).charge(0.5)
    assert costs(store=store).spent_usd() == 0.75
    assert json.loads(store.objects[KEY])["calls"] == 2


def test_below_the_limit_nothing_is_refused():
    cost = costs()
    cost.charge(0.99)
    cost.refuse_new_work()
    cost.refuse_call()


def test_at_the_limit_new_work_is_told_when_the_day_ends():
    cost = costs()
    cost.charge(1.0)
    with pytest.raises(Throttled) as error:
        cost.refuse_new_work()
    assert (error.value.code, error.value.kind.status) == ("limits/daily_cost", 429)
    assert error.value.retry_after_s == 12 * 3600
    assert "00:00 UTC" in error.value.detail


def test_at_the_limit_work_under_way_ends_for_good():
    cost = costs()
    cost.charge(1.5)
    with pytest.raises(Permanent) as error:
        cost.refuse_call()
    assert error.value.code == "limits/daily_cost"


def test_the_next_day_begins_at_midnight_utc():
    clock = ScriptedClock(NOON)
    cost = costs(clock=clock)
    cost.charge(2.0)
    clock.at += 12 * 3600
    cost.refuse_call()


def test_without_a_limit_nothing_is_written_or_read():
    store = MemoryObjectStore()
    cost = costs(0.0, store)
    cost.charge(5.0)
    cost.refuse_call()
    assert store.objects == {}


def test_what_could_not_be_booked_counts_and_is_booked_with_the_next_call():
    store = MemoryObjectStore()
    cost, create = costs(store=store), store.create

    def broken(*_, **__):
        raise Transient("storage/unavailable")

    store.create = broken
    cost.charge(0.6)
    assert cost.spent_usd() == 0.6
    store.create = create
    cost.charge(0.6)
    assert costs(store=store).spent_usd() == 1.2


class ListedMetrics:
    def __init__(self):
        self.lines = []

    def put(self, queue, values):
        self.lines.append((queue, dict(values)))


def answered(**changes):
    fields = {
        "model_id": "m",
        "model_name": "M",
        "content": "",
        "thinking": "",
        "usage": Usage(input=100, output=20, cache_read=1000, cache_write=50),
        "stop_reason": "end_turn",
        "brain": "",
        "latency_s": 2.5,
        "cost_usd": 0.125,
        "quota_tokens": 250,
        "fingerprint": "f",
    }
    return ModelAnswer(**{**fields, **changes})


def test_every_answer_is_counted_and_charged():
    metrics, cost = ListedMetrics(), costs()
    PipelineMeter(metrics, cost).answered("chat", answered(tried=(Tried("a", "ThrottlingException"),)))
    ((queue, values),) = metrics.lines
    assert queue == "chat"
    assert values[Metric.INPUT_TOKENS] == 150
    assert (values[Metric.OUTPUT_TOKENS], values[Metric.CACHED_TOKENS]) == (20, 1000)
    assert (values[Metric.QUOTA_TOKENS], values[Metric.MODEL_LATENCY]) == (250, 2500)
    assert (values[Metric.MODEL_CALLS], values[Metric.MODEL_FALLBACKS]) == (1, 1)
    assert values[Metric.ESTIMATED_COST_USD] == cost.spent_usd() == 0.125


@pytest.mark.parametrize(
    ("throttled", "metric"), [(True, Metric.MODEL_THROTTLED), (False, Metric.MODEL_FAILED)]
)
def test_a_call_without_an_answer_is_counted_by_why(throttled, metric):
    metrics = ListedMetrics()
    PipelineMeter(metrics, costs()).failed("analysis", "m", "X", throttled=throttled)
    assert metrics.lines == [("analysis", {Metric.MODEL_CALLS: 1, metric: 1})]


def test_waiting_is_counted_in_milliseconds_and_not_waiting_is_not():
    metrics = ListedMetrics()
    meter = PipelineMeter(metrics, costs())
    meter.waited("analysis", 0.0)
    meter.waited("analysis", 1.25)
    assert metrics.lines == [("analysis", {Metric.RATE_LIMITER_WAIT: 1250})]
