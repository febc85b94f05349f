"""docs/metrics.md lists every metric and every bound of health, as the code has them; code emits each metric."""

import re
from pathlib import Path

import core
from core.observability.metrics import ABOUT, EVERYWHERE, Metric, series
from core.queueing.topology import QUEUES
from core.statistics.health import bounds

ROOT = Path(core.__file__).parents[1]
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
MOST_SERIES = 50


def rows(heading):
    """Of the table that begins with this heading."""
    lines = PAGE.partition(heading)[2].splitlines()[2:]
    return [line for line in lines[: lines.index("") if "" in lines else None] if line.startswith("| ")]


def test_the_table_of_metrics_says_what_the_code_says():
    said = [
        f"| `{metric}` | {about.unit} | {', '.join(about.of) if about.of != (EVERYWHERE,) else '(none)'} "
        f"| {about.meaning} |"
        for metric, about in ABOUT.items()
    ]
    assert rows("| Metric | Unit |") == said


def test_the_table_of_bounds_says_what_the_code_says():
    assert rows("| Sign | Bounds |") == [f"| {name} | {words} |" for name, words in bounds()]


def test_every_series_has_a_price_so_they_are_few():
    assert len(series()) == len(set(series())) <= MOST_SERIES
    assert f"than these {len(series())}:" in PAGE


def test_a_series_is_of_a_queue_of_the_table_the_web_tier_or_everything():
    assert {of for _metric, of in series()} <= {*(spec.key for spec in QUEUES), "web", EVERYWHERE}


def test_alarms_and_dashboard_look_at_series_that_there_are():
    """A slip in a name would be an alarm that never rings."""
    text = (ROOT / "infra" / "observability.yaml").read_text(encoding="utf-8")
    asked = re.findall(
        r"MetricName: (\w+)[,\s]+Dimensions: \[\{Name: Env, [^}]*\}(?:, \{Name: Queue, Value: (\w+)\})?\]",
        text,
    )
    drawn = re.findall(r'"AIPrism", "(\w+)", "Env", "[^"]*"(?:, "Queue", "(\w+)")?', text)
    known = {(str(metric), of) for metric, of in series()}

    assert len(asked) > 10
    assert len(drawn) > 10
    assert {*asked, *drawn} <= known


def test_every_metric_is_emitted_by_code():
    sources = [file for file in (ROOT / "core").rglob("*.py") if file.name != "metrics.py"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in sources)
    text += (ROOT / "core/observability/metrics.py").read_text(encoding="utf-8").partition("def put_load")[2]

    assert ABOUT.keys() == set(Metric)
    assert [metric for metric in Metric if not re.search(rf"Metric\.{metric.name}\b", text)] == []
