import json

import pytest

from core.observability.metrics import NAMESPACE, EmfMetrics, Metric, NullMetrics, unit_of
from core.queueing.topology import QUEUES

MOST_SERIES = 50


def emitted(queue, values):
    lines = []
    EmfMetrics(env="test", now=lambda: 1_800_000_000.5, write=lines.append).put(queue, values)
    (line,) = lines
    return json.loads(line)


def test_a_line_is_what_cloudwatch_extracts():
    line = emitted("analysis", {Metric.MODEL_CALLS: 1, Metric.MODEL_LATENCY: 2300})
    directive = line["_aws"]["CloudWatchMetrics"][0]
    assert line["_aws"]["Timestamp"] == 1_800_000_000_500
    assert (directive["Namespace"], directive["Dimensions"]) == (NAMESPACE, [["Env", "Queue"]])
    assert directive["Metrics"] == [
        {"Name": "ModelCalls", "Unit": "Count"},
        {"Name": "ModelLatency", "Unit": "Milliseconds"},
    ]
    assert (line["Env"], line["Queue"], line["ModelCalls"], line["ModelLatency"]) == (
        "test",
        "analysis",
        1,
        2300,
    )


def test_series_are_bounded_because_each_has_a_price():
    assert len(Metric) * len(QUEUES) <= MOST_SERIES


@pytest.mark.parametrize("metric", list(Metric))
def test_every_metric_has_a_unit_cloudwatch_knows(metric):
    assert unit_of(metric) in {"Count", "Milliseconds", "None"}


def test_a_line_is_one_line_on_standard_output(capfd):
    EmfMetrics(env="test", now=lambda: 0.0).put("chat", {Metric.MODEL_CALLS: 1})
    assert json.loads(capfd.readouterr().out)["Queue"] == "chat"


def test_no_metrics_write_nothing(capfd):
    NullMetrics().put("chat", {Metric.MODEL_CALLS: 1})
    assert capfd.readouterr().out == ""
