"""infra/data.yaml says what the queue table and the design say."""

from collections.abc import Iterator
from typing import Any

import cfnlint.decode
import pytest

from core.config import AwsSettings
from core.queueing.topology import QUEUES, QueueSpec
from infra.local.stack import DATA_TEMPLATE, parameters, resource_ids
from tests.support.roles import may

TEXT = DATA_TEMPLATE.read_text()
TEMPLATE: dict[str, Any] = cfnlint.decode.decode_str(TEXT)[0]
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]


def of_type(kind: str) -> dict[str, Any]:
    return {name: item["Properties"] for name, item in RESOURCES.items() if item["Type"] == kind}


def queue_named(suffix: str) -> tuple[str, dict[str, Any]]:
    return next(
        (name, properties)
        for name, properties in of_type("AWS::SQS::Queue").items()
        if properties["QueueName"] == {"Fn::Sub": "${QueuePrefix}" + suffix}
    )


def statements(role: str) -> Iterator[dict[str, Any]]:
    for policy in RESOURCES[role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def actions(role: str) -> set[str]:
    return {
        action
        for statement in statements(role)
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def test_the_queues_are_those_of_the_topology() -> None:
    expected = {spec.key for spec in QUEUES} | {f"{spec.key}-dlq" for spec in QUEUES}
    found = {
        properties["QueueName"]["Fn::Sub"].removeprefix("${QueuePrefix}")
        for properties in of_type("AWS::SQS::Queue").values()
    }
    assert found == expected


@pytest.mark.parametrize("spec", QUEUES, ids=lambda spec: spec.key)
def test_a_queue_redrives_to_its_own_dead_letters(spec: QueueSpec) -> None:
    _, queue = queue_named(spec.key)
    dead_letters, _ = queue_named(f"{spec.key}-dlq")
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead_letters, "Arn"]},
        "maxReceiveCount": spec.max_receives,
    }
    assert queue["VisibilityTimeout"] == 3600


@pytest.mark.parametrize("spec", QUEUES, ids=lambda spec: spec.key)
def test_dead_letters_are_taken_from_their_queue_only_and_kept_longer(spec: QueueSpec) -> None:
    _, queue = queue_named(spec.key)
    _, dead_letters = queue_named(f"{spec.key}-dlq")
    allowed = dead_letters["RedriveAllowPolicy"]
    assert allowed["redrivePermission"] == "byQueue"
    (source,) = allowed["sourceQueueArns"]
    assert source["Fn::Sub"].endswith(f":${{QueuePrefix}}{spec.key}")
    assert dead_letters["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert dead_letters["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]


def test_every_queue_and_the_bucket_outlive_the_stack() -> None:
    kept = {"AWS::SQS::Queue", "AWS::S3::Bucket"}
    for name, item in RESOURCES.items():
        if item["Type"] in kept:
            assert (item["DeletionPolicy"], item["UpdateReplacePolicy"]) == ("Retain", "Retain"), name


def test_nothing_is_reached_without_tls() -> None:
    covered = of_type("AWS::SQS::QueuePolicy")["QueuesTlsOnly"]["Queues"]
    assert {item["Ref"] for item in covered} == set(of_type("AWS::SQS::Queue"))
    for policy in ("QueuesTlsOnly", "BucketRules"):
        statement = RESOURCES[policy]["Properties"]["PolicyDocument"]["Statement"][0]
        assert (statement["Effect"], statement["Condition"]) == (
            "Deny",
            {"Bool": {"aws:SecureTransport": "false"}},
        )


def test_a_result_is_never_written_blindly() -> None:
    _, statement = RESOURCES["BucketRules"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::Sub": "${Bucket.Arn}/${BasePath}celery-results/*"}
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:PutObject")
    assert statement["Condition"] == {"Null": {"s3:if-match": "true", "s3:if-none-match": "true"}}


def test_the_bucket_is_private_and_keeps_versions_for_a_day() -> None:
    (bucket,) = of_type("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert rules["old-versions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


@pytest.mark.parametrize(
    ("prefix", "days"),
    [
        ("celery-results", 365),
        ("cache", 30),
        ("attempts", 30),
        ("tasks", 30),
        ("guidelines-condensed", 30),
        ("quotas", 30),
        ("sessions", 365),
        ("users", 365),
        ("dead-letters/archive", 365),
    ],
)
def test_data_ends_when_the_design_says(prefix: str, days: int) -> None:
    (bucket,) = of_type("AWS::S3::Bucket").values()
    (rule,) = [
        rule
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if rule["Prefix"] == {"Fn::Sub": f"${{BasePath}}{prefix}/"}
    ]
    assert TEMPLATE["Parameters"][rule["ExpirationInDays"]["Ref"]]["Default"] == days


def test_no_role_has_a_wildcard_action_or_every_resource() -> None:
    for role in of_type("AWS::IAM::Role"):
        assert not [action for action in actions(role) if "*" in action], role
        for statement in statements(role):
            assert statement["Resource"] != "*", (role, statement["Sid"])


def test_each_role_may_do_its_own_work_only() -> None:
    web, worker, operator = actions("WebRole"), actions("WorkerRole"), actions("OperatorRole")
    assert not {"sqs:ReceiveMessage", "sqs:DeleteMessage", "bedrock:InvokeModel"} & web
    assert {"sqs:SendMessage", "s3:PutObject"} <= web
    assert {"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "bedrock:InvokeModel"} <= worker
    assert "bedrock:InvokeModel" not in operator
    forbidden = {"sqs:PurgeQueue", "sqs:CreateQueue", "sqs:DeleteQueue", "s3:DeleteBucket"}
    assert not forbidden & (web | worker | operator)


def test_workers_cannot_change_reviews() -> None:
    """But for the answers in the chat, which they add."""
    for statement in statements("WorkerRole"):
        if statement["Resource"] == {"Fn::Sub": "${Bucket.Arn}/${BasePath}sessions/*/chat/*"}:
            assert statement["Action"] == ["s3:PutObject"]
        elif "sessions" in str(statement["Resource"]):
            assert statement["Action"] == ["s3:GetObject"]


_READ, _KEEP, _OWN = {"Get"}, {"Get", "Put"}, {"Get", "Put", "Delete"}


@pytest.mark.parametrize(
    ("key", "web", "worker", "operator"),
    [
        ("sessions/a/session.json", _OWN, _READ, _KEEP),
        ("sessions/a/activity/1-b.json", _OWN, _READ, _KEEP),
        ("sessions/a/blocks.json", _OWN, _READ, _READ),
        ("sessions/a/exports/b/manifest.json", _OWN, _READ, _READ),
        ("sessions/a/chat/1-b-answer.json", _OWN, _KEEP, _READ),
        ("users/a/1-b", _OWN, set(), {"Put", "Delete"}),
        ("team/guidance/current.json", _KEEP, set(), set()),
        ("quotas/a/2026-01-31.json", _KEEP, set(), set()),
        ("quotas/cost/2026-01-31.json", _KEEP, _KEEP, _READ),
        ("celery-results/a.json", _OWN, _OWN, _OWN),
        ("outbox/analysis/sent/a/b-1", _OWN, _OWN, _OWN),
        ("outbox/revoked/a", _OWN, _OWN, _OWN),
        ("attempts/a/1/1.json", {"Get", "Delete"}, _OWN, {"Get", "Delete"}),
        ("tasks/2026-01-31/chat/1-failed-a", _KEEP, _KEEP, _KEEP),
        ("workers/a.json", _READ, _OWN, _OWN),
        ("limiter/state.json", _READ, _KEEP, _KEEP),
        ("cache/aa/b.json", set(), _KEEP, set()),
        ("guidelines-condensed/aa/b.json", set(), _KEEP, _READ),
        ("monitoring/slot.json", set(), _KEEP, set()),
        ("dead-letters/chat/a/1-b.json", _OWN, _OWN, _OWN),
        ("dead-letters/archive/chat/a-1.json", _OWN, _OWN, _OWN),
        ("accounts/a.json", _KEEP, set(), _KEEP),
        ("audit/2026-01-31/1-a.json", _KEEP, {"Put"}, _KEEP),
    ],
)
def test_a_role_reaches_only_the_objects_that_it_works_on(
    key: str, web: set[str], worker: set[str], operator: set[str]
) -> None:
    found = [
        {verb for verb in ("Get", "Put", "Delete") if may(role, f"{verb}Object", key)}
        for role in ("WebRole", "WorkerRole", "OperatorRole")
    ]
    assert found == [web, worker, operator]


def test_every_worker_key_lies_under_the_base_path() -> None:
    for role in of_type("AWS::IAM::Role"):
        for statement in statements(role):
            listed = (
                statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            )
            for resource in listed:
                text = resource.get("Fn::Sub", "")
                assert not text.startswith("${Bucket.Arn}/") or text.startswith("${Bucket.Arn}/${BasePath}")


def test_the_defaults_are_those_of_the_settings() -> None:
    for name, value in parameters(AwsSettings()).items():
        assert TEMPLATE["Parameters"][name]["Default"] == value


def test_the_deployment_checks_every_resource() -> None:
    assert resource_ids(TEXT) == set(RESOURCES)
