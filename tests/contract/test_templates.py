"""infra/*.yaml: clean for cfn-lint, and held to what it lets pass."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cfnlint.api import lint

from core.config import Settings, documented_settings
from core.observability.metrics import EVERYWHERE, NAMESPACE, series
from core.queueing.topology import QUEUES
from infra.local.environment import PROJECT
from infra.local.procfile import read_procfile
from tests.support.templates import TEMPLATES, containers, environment, faults, of_type, read_template

PARSED = {name: read_template(path) for name, path in TEMPLATES.items()}
RESOURCES: dict[str, Any] = {name: template["Resources"] for name, template in PARSED.items()}
# AWS: CreateChangeSet takes no longer TemplateBody (API reference, read 2026-11).
MOST_BODY_BYTES = 51_200


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_clean(name: str) -> None:
    # App Runner is not in every region.
    assert lint(TEMPLATES[name].read_text(), regions=["us-east-1"]) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_nothing_that_the_linter_overlooks(name: str) -> None:
    assert faults(RESOURCES[name]) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_can_be_sent_as_it_is(name: str) -> None:
    assert TEMPLATES[name].stat().st_size < MOST_BODY_BYTES


Mutate = Callable[[dict[str, Any]], object]


def properties(resource: str, *path: Any) -> Callable[[dict[str, Any]], Any]:
    def found(resources: dict[str, Any]) -> Any:
        item = resources[resource]["Properties"]
        for key in path:
            item = item[key]
        return item

    return found


def without(key: Any, resource: str, *path: Any) -> Mutate:
    return lambda resources: properties(resource, *path)(resources).pop(key)


def with_(change: dict[Any, Any], resource: str, *path: Any) -> Mutate:
    return lambda resources: properties(resource, *path)(resources).update(change)


ROLE = ("Policies", 0, "PolicyDocument", "Statement", 0)
CONTAINER = ("ContainerDefinitions", 0)
MUTANTS: list[tuple[str, Mutate, str]] = [
    ("data", without("maxReceiveCount", "ChatQueue", "RedrivePolicy"), "ChatQueue: RedrivePolicy has"),
    (
        "data",
        with_({"sourceQueueArn": []}, "ChatDeadLetters", "RedriveAllowPolicy"),
        "ChatDeadLetters: RedriveAllowPolicy has",
    ),
    ("data", without("RedriveAllowPolicy", "ChatDeadLetters"), "ChatDeadLetters: RedriveAllowPolicy has []"),
    ("data", without("RedrivePolicy", "ChatQueue"), "ChatQueue: neither has nor is"),
    (
        "data",
        lambda r: r["ChatDeadLetters"]["Properties"].update(
            RedrivePolicy=r["ChatQueue"]["Properties"]["RedrivePolicy"]
        ),
        "ChatDeadLetters: a dead-letter queue would lose",
    ),
    (
        "data",
        with_({"MessageRetentionPeriod": 345600}, "ChatDeadLetters"),
        "ChatDeadLetters: keeps messages no",
    ),
    ("data", with_({"SqsManagedSseEnabled": False}, "ChatQueue"), "ChatQueue: not encrypted"),
    ("data", without("BucketEncryption", "Bucket"), "Bucket: not encrypted"),
    ("data", lambda r: r["ChatQueue"].pop("DeletionPolicy"), "ChatQueue: goes with the stack"),
    ("data", lambda r: r.pop("BucketRules"), "Bucket: reached without TLS"),
    ("data", without(1, "QueuesTlsOnly", "Queues"), "AnalysisDeadLetters: reached without TLS"),
    (
        "data",
        with_({"Effect": "Allow"}, "QueuesTlsOnly", "PolicyDocument", "Statement", 0),
        "ChatQueue: reached without TLS",
    ),
    (
        "data",
        with_({"BlockPublicPolicy": False}, "Bucket", "PublicAccessBlockConfiguration"),
        "Bucket: may become public",
    ),
    (
        "data",
        without("IgnorePublicAcls", "Bucket", "PublicAccessBlockConfiguration"),
        "Bucket: may become public",
    ),
    ("data", with_({"Action": "sqs:*"}, "WebRole", *ROLE), "WebRole: wildcard action sqs:*"),
    ("data", with_({"Resource": "*"}, "WebRole", *ROLE), "WebRole: SendWork on every resource"),
    ("data", with_({"NotAction": ["s3:GetObject"]}, "WebRole", *ROLE), "WebRole: allows all but"),
    ("compute", lambda r: r["MessageKeys"].pop("DeletionPolicy"), "MessageKeys: goes with the stack"),
    (
        "compute",
        with_({"CidrIp": "0.0.0.0/0"}, "WebGroup", "SecurityGroupIngress", 0),
        "WebGroup: open to the world",
    ),
    ("compute", with_({"Protocol": "HTTP"}, "TlsListener"), "TlsListener: serves without TLS"),
    ("compute", with_({"StopTimeout": 90}, "WorkerTask", *CONTAINER), "WorkerTask: killed before"),
    ("compute", with_({"StopTimeout": 121}, "ChatTask", *CONTAINER), "ChatTask: killed before"),
    (
        "compute",
        without("ReadonlyRootFilesystem", "BeatTask", *CONTAINER),
        "BeatTask: may write to its image",
    ),
    (
        "compute",
        with_({"Name": "SECRET_KEY"}, "WebTask", *CONTAINER, "Environment", 0),
        "WebTask: a secret in plain sight",
    ),
    (
        "compute",
        with_({"Rollback": False}, "WebService", "DeploymentConfiguration", "DeploymentCircuitBreaker"),
        "WebService: a bad deployment stays",
    ),
    ("compute", with_({"HealthCheckPath": "/ready"}, "WebTargets"), "WebTargets: judged by /ready"),
    ("compute", without("DesiredCount", "WorkerService"), "WorkerService: as many as"),
    ("compute", with_({"MaxTaskCount": 9}, "WebExpress", "ScalingTarget"), "WebExpress: scales"),
    (
        "compute",
        lambda r: r.update(Grow={"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {}}),
        "Grow: scales",
    ),
    ("observability", with_({"AlarmActions": []}, "ChatSuccess"), "ChatSuccess: tells nobody"),
    ("observability", with_({"AlarmDescription": "Look."}, "Page"), "Page: no link into the runbook"),
    ("observability", without("TreatMissingData", "WorkersSilent"), "WorkersSilent: silence means nothing"),
]


@pytest.mark.parametrize(("name", "mutate", "expected"), MUTANTS, ids=[mutant[2] for mutant in MUTANTS])
def test_each_fault_is_found(name: str, mutate: Mutate, expected: str) -> None:
    resources = copy.deepcopy(RESOURCES[name])
    mutate(resources)
    assert [fault for fault in faults(resources) if fault.startswith(expected)]


def test_parameters_that_templates_share_have_one_default() -> None:
    """infra/deploy gives a parameter to every stack that has it."""
    seen: dict[str, set[str]] = {}
    for template in PARSED.values():
        for name, parameter in template["Parameters"].items():
            seen.setdefault(name, set()).add(str(parameter.get("Default")))
    assert {name: values for name, values in seen.items() if len(values) > 1} == {}


def test_each_container_runs_a_process_of_the_procfile() -> None:
    found = {container["Name"]: container["Command"] for _, container in containers(RESOURCES["compute"])}
    assert found == read_procfile()


def test_app_runner_starts_the_same_web_tier() -> None:
    image = properties("WebAppRunner", "SourceConfiguration", "ImageRepository", "ImageConfiguration")
    configured = image(RESOURCES["compute"])
    assert configured["StartCommand"] == " ".join(read_procfile()["web"])
    (web,) = [item for _, item in containers(RESOURCES["compute"]) if item["Name"] == "web"]
    assert configured["RuntimeEnvironmentVariables"] == web["Environment"]


def test_express_starts_the_same_web_tier() -> None:
    service = RESOURCES["compute"]["WebExpress"]["Properties"]
    (web,) = [item for _, item in containers(RESOURCES["compute"]) if item["Name"] == "web"]
    (task,) = [
        task
        for task in of_type(RESOURCES["compute"], "AWS::ECS::TaskDefinition").values()
        if web in task["ContainerDefinitions"]
    ]
    same = ("Image", "Command", "Environment", "Secrets")
    assert {name: service["PrimaryContainer"][name] for name in same} == {name: web[name] for name in same}
    assert service["PrimaryContainer"]["ContainerPort"] == web["PortMappings"][0]["ContainerPort"]
    for name in ("Cpu", "Memory", "ExecutionRoleArn", "TaskRoleArn"):
        assert service[name] == task[name], name
    targets = properties("WebTargets")(RESOURCES["compute"])
    assert service["HealthCheckPath"] == targets["HealthCheckPath"]


def test_each_platform_has_one_web_tier_and_alarms_that_fit_it() -> None:
    """Who looks for the load balancer's alarms under a name finds them, or App Runner's."""
    resources = RESOURCES["compute"]
    webs = {name: resources[name]["Condition"] for name in ("WebService", "WebExpress", "WebAppRunner")}
    assert webs == {"WebService": "OnFargate", "WebExpress": "OnExpress", "WebAppRunner": "OnAppRunner"}
    assert PARSED["compute"]["Parameters"]["WebPlatform"]["AllowedValues"] == [
        "fargate",
        "express",
        "apprunner",
    ]
    name = PARSED["compute"]["Outputs"]["LoadBalancerName"]["Value"]
    assert name["Fn::If"][2]["Fn::If"][2] == "none"


def test_containers_are_given_known_settings_only() -> None:
    known = {name for name, *_ in documented_settings()}
    for name, container in containers(RESOURCES["compute"]):
        secrets = (item.get("Name", "OIDC_CLIENT_SECRET") for item in container["Secrets"])
        given = {*environment(container), *secrets}
        assert given <= known, name


def test_the_defaults_are_those_of_the_settings() -> None:
    settings = Settings()
    parameters = PARSED["compute"]["Parameters"]
    assert parameters["BedrockRegion"]["Default"] == settings.aws.bedrock_region
    assert parameters["SessionDays"]["Default"] == settings.web.retention_days
    assert parameters["DailyCostCapUsd"]["Default"] == settings.limits.daily_cost_cap_usd


LIMITS = {
    "MAX_REQUESTS_PER_MINUTE": "MaxRequestsPerMinute",
    "MAX_CONCURRENT_REQUESTS": "MaxConcurrentRequests",
    "MAX_TOKENS_PER_MINUTE": "MaxTokensPerMinute",
    "ANALYSIS_RATE_PER_MINUTE": "AnalysisRatePerMinute",
    "CHAT_RATE_PER_MINUTE": "ChatRatePerMinute",
    "DAILY_COST_CAP_USD": "DailyCostCapUsd",
}


@pytest.mark.parametrize("container", ["web", "worker", "chat"])
def test_the_limits_are_moved_by_a_deployment_and_are_the_same_in_all_that_keep_them(container: str) -> None:
    """Two processes with other limits would each let through what the other has not."""
    given = next(item for _, item in containers(RESOURCES["compute"]) if item["Name"] == container)
    found = {name: value for name, value in environment(given).items() if name in LIMITS}
    assert found == {name: {"Ref": parameter} for name, parameter in LIMITS.items()}


def test_a_limit_is_by_default_what_the_setting_is() -> None:
    defaults = {name: default for name, default, *_ in documented_settings() if name in LIMITS}
    parameters = PARSED["compute"]["Parameters"]
    assert {name: str(parameters[LIMITS[name]]["Default"]) for name in LIMITS} == defaults


def test_every_dead_letter_and_every_old_queue_pages() -> None:
    resources = RESOURCES["observability"]
    rule = resources["Page"]["Properties"]["AlarmRule"]["Fn::Sub"]
    paging = {name for name in resources if name.endswith(("DeadLetters", "Oldest"))}
    assert len(paging) == 2 * len(QUEUES)
    assert paging <= set(re.findall(r"\$\{(\w+)\}", rule))


def test_there_are_two_or_three_workers() -> None:
    assert properties("WorkerService", "DesiredCount")(RESOURCES["compute"]) == {"Ref": "WorkerCount"}
    assert PARSED["compute"]["Parameters"]["WorkerCount"]["AllowedValues"] == [2, 3]


def test_the_load_balancer_lets_go_of_a_connection_before_the_web_tier_does() -> None:
    attributes = properties("LoadBalancer", "LoadBalancerAttributes")(RESOURCES["compute"])
    idle_s = {item["Key"]: item["Value"] for item in attributes}["idle_timeout.timeout_seconds"]
    keepalive = re.search(r"^keepalive = (\d+)$", (PROJECT / "gunicorn.conf.py").read_text(), re.MULTILINE)
    assert keepalive is not None
    assert Settings().web.body_stall_s < int(idle_s) < int(keepalive[1])


def test_no_process_has_the_role_of_another() -> None:
    roles = {
        name: task["TaskRoleArn"]["Ref"]
        for name, task in of_type(RESOURCES["compute"], "AWS::ECS::TaskDefinition").items()
    }
    assert roles == {
        "WebTask": "WebRoleArn",
        "WorkerTask": "WorkerRoleArn",
        "ChatTask": "WorkerRoleArn",
        "BeatTask": "WorkerRoleArn",
    }


def test_the_log_groups_keep_the_names_people_look_under() -> None:
    defaults = {
        name: parameter["Default"]
        for name, parameter in PARSED["compute"]["Parameters"].items()
        if name.endswith("LogGroup")
    }
    assert defaults == {
        "WebLogGroup": "/aws/apprunner/tara4",
        "WorkerLogGroup": "/aws/sqs/aiprism-analysis",
        "ChatLogGroup": "/aws/sqs/aiprism-chat",
        "BeatLogGroup": "/aws/sqs/aiprism-monitoring",
    }


def test_alarms_and_dashboard_show_series_that_exist() -> None:
    known = {(str(metric), queue) for metric, queue in series()}
    shown = set(alarm_series()) | set(dashboard_series())
    assert len(shown) > 30
    assert shown - known == set()


def alarm_series() -> Iterator[tuple[str, str]]:
    for alarm in of_type(RESOURCES["observability"], "AWS::CloudWatch::Alarm").values():
        for metric in [alarm, *(item["MetricStat"]["Metric"] for item in alarm.get("Metrics", [])[:-1])]:
            if metric.get("Namespace") == NAMESPACE:
                dimensions = {item["Name"]: item["Value"] for item in metric["Dimensions"]}
                yield metric["MetricName"], dimensions.get("Queue", EVERYWHERE)


def dashboard_series() -> Iterator[tuple[str, str]]:
    """In a dashboard's metrics "." repeats the part above it, and "..." all that is not said."""
    body = RESOURCES["observability"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for widget in json.loads(body)["widgets"]:
        above: list[str] = []
        for line in widget["properties"].get("metrics", []):
            parts = [part for part in line if isinstance(part, str)]
            if parts[:1] == ["..."]:
                parts = [*above[: len(above) - len(parts) + 1], *parts[1:]]
            above = [above[at] if part == "." else part for at, part in enumerate(parts)] or above
            if parts and above[0] == NAMESPACE:
                yield above[1], above[5]
