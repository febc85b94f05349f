"""What cfn-lint lets pass in a template and must not be: each rule yields a sentence per fault."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cfnlint.decode

from infra.deployment.deploying import STACKS
from infra.local.environment import PROJECT

Resources = dict[str, Any]

TEMPLATES = {name: PROJECT / "infra" / f"{name}.yaml" for name in STACKS}
_TLS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}
_WITHOUT_RESOURCE = {"ecr:GetAuthorizationToken"}
_MOST_STOP_TIMEOUT_S = 120
_SECRETS = {"SECRET_KEY", "MESSAGE_KEYS"}


def read_template(path: Path) -> dict[str, Any]:
    return dict(cfnlint.decode.decode_str(path.read_text())[0])


def faults(resources: Resources) -> list[str]:
    return [fault for rule in RULES for fault in rule(resources)]


def of_type(resources: Resources, *kinds: str) -> dict[str, Any]:
    return {name: item.get("Properties", {}) for name, item in resources.items() if item["Type"] in kinds}


def allowed(resources: Resources) -> Iterator[tuple[str, dict[str, Any]]]:
    """(resource, statement) of all that a role or policy of people or processes allows."""
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])
    for name, policy in of_type(resources, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy").items():
        yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])


def containers(resources: Resources) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, task in of_type(resources, "AWS::ECS::TaskDefinition").items():
        yield from ((name, container) for container in task["ContainerDefinitions"])


def environment(container: dict[str, Any]) -> dict[str, Any]:
    return {item["Name"]: item["Value"] for item in container["Environment"]}


def _redrive(resources: Resources) -> Iterator[str]:
    """SQS ignores a key that it does not know, and so does cfn-lint."""
    sources = {}
    for name, queue in of_type(resources, "AWS::SQS::Queue").items():
        policy = queue.get("RedrivePolicy")
        if policy is not None and set(policy) != {"deadLetterTargetArn", "maxReceiveCount"}:
            yield f"{name}: RedrivePolicy has {sorted(policy)}"
        elif policy is not None:
            sources[policy["deadLetterTargetArn"]["Fn::GetAtt"][0]] = queue
        elif "RedriveAllowPolicy" not in queue:
            yield f"{name}: neither has nor is a dead-letter queue"
    for name, source in sources.items():
        yield from _dead_letter_queue(name, resources[name]["Properties"], source)


def _dead_letter_queue(name: str, queue: dict[str, Any], source: dict[str, Any]) -> Iterator[str]:
    if "RedrivePolicy" in queue:
        yield f"{name}: a dead-letter queue would lose letters to another"
    if set(queue.get("RedriveAllowPolicy", {})) != {"redrivePermission", "sourceQueueArns"}:
        yield f"{name}: RedriveAllowPolicy has {sorted(queue.get('RedriveAllowPolicy', {}))}"
    # A dead letter keeps its first send time.
    if queue["MessageRetentionPeriod"] <= source["MessageRetentionPeriod"]:
        yield f"{name}: keeps messages no longer than its queue"


def _kept(resources: Resources) -> Iterator[str]:
    kinds = ("AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup")
    for name in of_type(resources, *kinds):
        item = resources[name]
        if (item.get("DeletionPolicy"), item.get("UpdateReplacePolicy")) != ("Retain", "Retain"):
            yield f"{name}: goes with the stack"


def _encrypted(resources: Resources) -> Iterator[str]:
    for name, queue in of_type(resources, "AWS::SQS::Queue").items():
        if queue.get("SqsManagedSseEnabled") is not True:
            yield f"{name}: not encrypted"
    for name, bucket in of_type(resources, "AWS::S3::Bucket").items():
        if "BucketEncryption" not in bucket:
            yield f"{name}: not encrypted"


def _tls_only(resources: Resources) -> Iterator[str]:
    covered = set()
    for policy in of_type(resources, "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy").values():
        statements = policy["PolicyDocument"]["Statement"]
        if any(item["Effect"] == "Deny" and item.get("Condition") == _TLS_ONLY for item in statements):
            covered |= {item["Ref"] for item in policy.get("Queues", [policy.get("Bucket")])}
    for name in of_type(resources, "AWS::SQS::Queue", "AWS::S3::Bucket"):
        if name not in covered:
            yield f"{name}: reached without TLS"


def _private(resources: Resources) -> Iterator[str]:
    for name, bucket in of_type(resources, "AWS::S3::Bucket").items():
        block = bucket.get("PublicAccessBlockConfiguration", {})
        if len(block) != 4 or set(block.values()) != {True}:
            yield f"{name}: may become public"


def _least_privilege(resources: Resources) -> Iterator[str]:
    for name, statement in allowed(resources):
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{name}: allows all but something"
            continue
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        yield from (f"{name}: wildcard action {action}" for action in actions if "*" in action)
        if statement["Resource"] == "*" and not _WITHOUT_RESOURCE.issuperset(actions):
            yield f"{name}: {statement.get('Sid')} on every resource"


def _closed_network(resources: Resources) -> Iterator[str]:
    for name, group in of_type(resources, "AWS::EC2::SecurityGroup").items():
        for rule in group.get("SecurityGroupIngress", []):
            if rule.get("CidrIp") in ("0.0.0.0/0", "::/0"):
                yield f"{name}: open to the world"
    for name, listener in of_type(resources, "AWS::ElasticLoadBalancingV2::Listener").items():
        redirects = all(action["Type"] == "redirect" for action in listener["DefaultActions"])
        if listener["Protocol"] != "HTTPS" and not redirects:
            yield f"{name}: serves without TLS"


def _containers(resources: Resources) -> Iterator[str]:
    for name, container in containers(resources):
        grace_s = float(environment(container).get("SHUTDOWN_GRACE_S", 0))
        if not grace_s < container.get("StopTimeout", 30) <= _MOST_STOP_TIMEOUT_S:
            yield f"{name}: killed before it has handed its work back"
        if container.get("ReadonlyRootFilesystem") is not True:
            yield f"{name}: may write to its image"
        if _SECRETS & set(environment(container)):
            yield f"{name}: a secret in plain sight"


def _services(resources: Resources) -> Iterator[str]:
    for name, service in of_type(resources, "AWS::ECS::Service").items():
        breaker = service.get("DeploymentConfiguration", {}).get("DeploymentCircuitBreaker")
        if breaker != {"Enable": True, "Rollback": True}:
            yield f"{name}: a bad deployment stays"
    for name, group in of_type(resources, "AWS::ElasticLoadBalancingV2::TargetGroup").items():
        if group.get("HealthCheckPath") != "/health":
            yield f"{name}: judged by {group.get('HealthCheckPath')}"


def _fixed_numbers(resources: Resources) -> Iterator[str]:
    """The rates are global: a scaled service would wait for itself, and lose calls when it shrinks."""
    for name, item in resources.items():
        if item["Type"].startswith("AWS::ApplicationAutoScaling::"):
            yield f"{name}: scales what has a fixed number"
    for name, service in of_type(resources, "AWS::ECS::Service").items():
        if "DesiredCount" not in service:
            yield f"{name}: as many as somebody has left there"
    for name, service in of_type(resources, "AWS::ECS::ExpressGatewayService").items():
        target = service["ScalingTarget"]
        if target["MinTaskCount"] != target["MaxTaskCount"]:
            yield f"{name}: scales what has a fixed number"


def _alarms(resources: Resources) -> Iterator[str]:
    for name, alarm in of_type(
        resources, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
    ).items():
        if not alarm.get("AlarmActions"):
            yield f"{name}: tells nobody"
        if "${RunbookUrl}#" not in str(alarm.get("AlarmDescription")):
            yield f"{name}: no link into the runbook"
        if resources[name]["Type"] == "AWS::CloudWatch::Alarm" and "TreatMissingData" not in alarm:
            yield f"{name}: silence means nothing"


RULES: tuple[Callable[[Resources], Iterator[str]], ...] = (
    _redrive,
    _kept,
    _encrypted,
    _tls_only,
    _private,
    _least_privilege,
    _closed_network,
    _containers,
    _services,
    _fixed_numbers,
    _alarms,
)
