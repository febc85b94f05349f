"""docs/runbook.md has an entry for each alarm, and commands that exist."""

import re
import shlex
import subprocess

import pytest

from core.observability.metrics import series
from core.ops.__main__ import make_parser
from infra import costs
from infra.deployment.__main__ import make_parser as deploy_parser
from infra.local.environment import PROJECT
from tests.support.templates import TEMPLATES, of_type, read_template

DOCS = {name: (PROJECT / "docs" / f"{name}.md").read_text() for name in ("runbook", "deployment")}
ANCHORS = set(re.findall(r"^## ([a-z-]+)$", DOCS["runbook"], re.MULTILINE))


def alarms() -> dict[str, str]:
    """Name -> where its description sends people."""
    resources = read_template(TEMPLATES["observability"])["Resources"]
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    return {
        name: alarm["AlarmDescription"]["Fn::Sub"].partition("${RunbookUrl}#")[2]
        for name, alarm in of_type(resources, *kinds).items()
    }


def entries() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", DOCS["runbook"], flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def commands(program: str) -> list[str]:
    """What follows `program` in code blocks and in code within lines."""
    lines = [
        line.partition("  #")[0].strip()
        for text in DOCS.values()
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.replace("\\\n", " ").splitlines()
    ]
    inline = [code for text in DOCS.values() for code in re.findall(r"`([^`\n]+)`", text)]
    found = {code.removeprefix(program).strip() for code in lines + inline if code.startswith(f"{program} ")}
    assert found
    return sorted(found)


@pytest.mark.parametrize(("alarm", "anchor"), sorted(alarms().items()))
def test_an_alarm_leads_to_its_entry(alarm: str, anchor: str) -> None:
    assert anchor in ANCHORS


def test_no_entry_is_without_an_alarm() -> None:
    assert set(alarms().values()) == ANCHORS


@pytest.mark.parametrize("anchor", sorted(ANCHORS))
def test_an_entry_says_what_it_means_where_to_look_and_what_to_type(anchor: str) -> None:
    entry = entries()[anchor]
    assert [entry.count(f"\n**{word}**") for word in ("Means", "Look", "Type")] == [1, 1, 1]
    assert "```sh" in entry


@pytest.mark.parametrize("command", commands("python -m core.ops"))
def test_an_operators_command_exists(command: str) -> None:
    make_parser().parse_args(shlex.split(command))


@pytest.mark.parametrize("command", commands("infra/deploy"))
def test_a_deployment_command_exists(command: str) -> None:
    deploy_parser().parse_args(shlex.split(command))


def test_what_a_deployment_sets_are_parameters() -> None:
    known = {name for path in TEMPLATES.values() for name in read_template(path)["Parameters"]}
    for command in commands("infra/deploy"):
        assert {name for name, _ in deploy_parser().parse_args(shlex.split(command)).set} <= known


def test_links_between_the_entries_hold() -> None:
    assert set(re.findall(r"\]\(#([a-z-]+)\)", DOCS["runbook"])) <= ANCHORS


def test_the_costs_are_those_that_the_prices_give() -> None:
    """Write them anew with `python -m infra.costs`."""
    assert costs.tables() in DOCS["deployment"]


def test_the_costs_count_what_alarms_and_metrics_there_are() -> None:
    alarms = of_type(
        read_template(TEMPLATES["observability"])["Resources"], "AWS::CloudWatch::Alarm"
    ).values()
    behind_load_balancer = [alarm for alarm in alarms if alarm.get("Namespace") != "AWS/AppRunner"]
    watched = sum(max(1, len(alarm.get("Metrics", ())) - 1) for alarm in behind_load_balancer)
    assert (watched, len(series())) == (costs.ALARM_METRICS, costs.SERIES)


def test_the_costs_are_those_of_the_sizes_in_the_template() -> None:
    parameters = read_template(TEMPLATES["compute"])["Parameters"]
    for task, name in zip(costs.DEFAULTS, ("Web", "Worker", "ChatWorker"), strict=False):
        shipped = [parameters[f"{name}{what}"]["Default"] for what in ("Count", "Cpu", "Memory")]
        assert shipped == [task.count, task.vcpu * 1024, task.gb * 1024], name


def test_the_command_is_there_and_explains_itself() -> None:
    shown = subprocess.run(
        [PROJECT / "infra" / "deploy", "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "rollback" in shown.stdout
