"""infra/data.yaml made real on an emulator: created, or brought up to date, and checked piece by piece."""

import re
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core.config import AwsSettings
from core.queueing.topology import QUEUES, dead_letter_name, queue_name
from infra.local.environment import PROJECT
from infra.local.errors import CannotStart

DATA_TEMPLATE = PROJECT / "infra" / "data.yaml"
_UNUSABLE = {"ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"}
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_POLL_S = 0.05


def deploy_data(settings: AwsSettings, *, endpoint: str, timeout_s: float = 60.0) -> None:
    """Queues, bucket and roles of these settings at `endpoint`. Raises CannotStart saying what is missing."""
    template = DATA_TEMPLATE.read_text()
    client = _client("cloudformation", settings.region, endpoint)
    try:
        name = stack_name(settings)
        _send(client, name, template=template, parameters=parameters(settings))
        _wait(client, name, timeout_s=timeout_s)
        check_resources(resource_ids(template), _resources(client, name))
        _check_really_there(settings, endpoint)
    except (ClientError, BotoCoreError) as error:
        raise CannotStart(f"The local queues and bucket could not be created: {error}") from error


def stack_name(settings: AwsSettings) -> str:
    return f"{settings.queue_prefix.rstrip('-_')}-data"


def parameters(settings: AwsSettings) -> dict[str, str]:
    return {
        "QueuePrefix": settings.queue_prefix,
        "BucketName": settings.bucket,
        "BasePath": settings.base_path,
        "BedrockRegion": settings.bedrock_region,
    }


def resource_ids(template: str) -> set[str]:
    """Logical ids under `Resources:`; enough of YAML for our own template, a test holds it to a real parser."""
    body = re.search(r"^Resources:\n(.*?)(?=^\w|\Z)", template, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^  (\w+):\s*$", body.group(1), re.MULTILINE)) if body else set()


def check_resources(expected: set[str], states: Mapping[str, str]) -> None:
    """Emulators may skip what they do not know without a word. states: logical id -> resource status."""
    wrong = sorted(
        f"{name} ({states.get(name, 'missing')})" for name in expected if states.get(name) not in _DONE
    )
    if wrong:
        raise CannotStart(f"The local stack is incomplete: {', '.join(wrong)}.")


def _send(client: Any, name: str, *, template: str, parameters: Mapping[str, str]) -> None:
    present = _status(client, name)
    if present in _UNUSABLE:
        client.delete_stack(StackName=name)
        present = ""
    request = {
        "StackName": name,
        "TemplateBody": template,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM"],
    }
    if not present:
        client.create_stack(**request)
        return
    try:
        client.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise


def _status(client: Any, name: str) -> str:
    try:
        status = str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" in str(error):
            return ""
        raise
    return "" if status == "DELETE_COMPLETE" else status


def _wait(client: Any, name: str, *, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while (status := _status(client, name)).endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise CannotStart(f"The local stack {name} was still {status} after {timeout_s:g} s.")
        time.sleep(_POLL_S)
    if status not in _DONE:
        raise CannotStart(f"The local stack {name} ended as {status or 'deleted'}: {_reasons(client, name)}")


def _reasons(client: Any, name: str) -> str:
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    return "; ".join(
        f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason', 'no reason')}" for e in failed
    )


def _resources(client: Any, name: str) -> dict[str, str]:
    found = client.describe_stack_resources(StackName=name)["StackResources"]
    return {item.get("LogicalResourceId", ""): item["ResourceStatus"] for item in found}


def _check_really_there(settings: AwsSettings, endpoint: str) -> None:
    """A stack can say complete over queues that a killed emulator has forgotten."""
    sqs, s3 = _client("sqs", settings.region, endpoint), _client("s3", settings.region, endpoint)
    for spec in QUEUES:
        for name in (queue_name, dead_letter_name):
            sqs.get_queue_url(QueueName=name(settings.queue_prefix, spec.key))
    s3.head_bucket(Bucket=settings.bucket)


@cache
def _client(service: str, region: str, endpoint: str) -> Any:
    return boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test").client(  # noqa: S106
        service,
        region_name=region,
        endpoint_url=endpoint,
        config=Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "total_max_attempts": 3}),
    )
