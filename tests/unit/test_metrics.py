import json

import pytest

from core.observability.load import Load
from core.observability.metrics import (
    ABOUT,
    EVERYWHERE,
    NAMESPACE,
    EmfMetrics,
    Metric,
    NullMetrics,
    put_load,
)


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


def test_what_is_of_the_whole_deployment_has_one_dimension():
    line = emitted(EVERYWHERE, {Metric.STORAGE_UNREACHABLE: 1})
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Env"]]
    assert "Queue" not in line


def test_a_series_that_is_not_in_the_table_costs_nothing():
    lines = []
    metrics = EmfMetrics(env="test", now=lambda: 0.0, write=lines.append)
    metrics.put("monitoring", {Metric.MODEL_CALLS: 1})
    metrics.put("monitoring", {Metric.MODEL_CALLS: 1, Metric.QUEUE_DEPTH: 4})
    (line,) = map(json.loads, lines)
    assert (line["QueueDepth"], "ModelCalls" in line) == (4, False)


@pytest.mark.parametrize("metric", list(Metric))
def test_every_metric_has_a_unit_cloudwatch_knows(metric):
    assert ABOUT[metric].unit in {"Count", "Milliseconds", "Seconds", "Percent", "None"}


def test_an_unknown_load_is_left_out_and_a_worker_counts_with_its_first_queue():
    lines = []
    metrics = EmfMetrics(env="test", now=lambda: 0.0, write=lines.append)
    put_load(metrics, ("monitoring", "analysis", "chat"), Load(cpu_percent=None, memory_percent=40.5))
    put_load(metrics, ("chat",), Load())
    (line,) = map(json.loads, lines)
    assert (line["Queue"], line["MemoryPercent"], "CpuPercent" in line) == ("analysis", 40.5, False)


def test_a_line_is_one_line_on_standard_output(capfd):
    EmfMetrics(env="test", now=lambda: 0.0).put("chat", {Metric.MODEL_CALLS: 1})
    assert json.loads(capfd.readouterr().out)["Queue"] == "chat"


def test_no_metrics_write_nothing(capfd):
    NullMetrics().put("chat", {Metric.MODEL_CALLS: 1})
    assert capfd.readouterr().out == ""
