"""One CloudFormation stack: what is there, what would change, and the change itself, waited for."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment.errors import CannotDeploy

_NOTHING_TO_CHANGE = ("didn't contain changes", "No updates are to be performed")
_NEVER_MADE = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"}
_KEEPS_DATA = {"AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}


@dataclass(frozen=True)
class Stack:
    """parameters, outputs: as they are now, both empty before the first deployment."""

    name: str
    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def exists(self) -> bool:
        return bool(self.status) and self.status not in _NEVER_MADE


@dataclass(frozen=True)
class Change:
    """replaced: "True", "False", "Conditional" or "" as CloudFormation says it."""

    action: str
    resource: str
    kind: str
    replaced: str

    @property
    def endangers_data(self) -> bool:
        return self.kind in _KEEPS_DATA and (
            self.action == "Remove" or self.replaced in ("True", "Conditional")
        )


@dataclass(frozen=True)
class ChangeSet:
    stack: str
    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class CloudFormation:
    """client: boto3's. poll_s, timeout_s: how often a stack is looked at while it changes, and for how long."""

    client: Any
    poll_s: float = 3.0
    timeout_s: float = 3600.0

    def stack(self, name: str) -> Stack:
        try:
            found = self.client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return Stack(name, "", {}, {})
        parameters = {item["ParameterKey"]: item["ParameterValue"] for item in found.get("Parameters", [])}
        outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
        return Stack(name, found["StackStatus"], parameters, outputs)

    def declared(self, template: str) -> set[str]:
        """The names of a template's parameters."""
        summary = self.client.get_template_summary(TemplateBody=template)
        return {item["ParameterKey"] for item in summary["Parameters"]}

    def propose(self, stack: Stack, template: str | None, parameters: Mapping[str, str]) -> ChangeSet | None:
        """None: everything is already so. template: None keeps the present one."""
        if stack.status == "ROLLBACK_COMPLETE":
            # Left by a first deployment that failed; CloudFormation takes nothing but its deletion.
            self.client.delete_stack(StackName=stack.name)
            self._wait(stack.name)
        name = f"deploy-{uuid.uuid4().hex[:12]}"
        source = {"UsePreviousTemplate": True} if template is None else {"TemplateBody": template}
        self.client.create_change_set(
            StackName=stack.name,
            ChangeSetName=name,
            ChangeSetType="UPDATE" if stack.exists else "CREATE",
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            **source,
        )
        return self._described(stack.name, name)

    def drop(self, change_set: ChangeSet) -> None:
        self.client.delete_change_set(StackName=change_set.stack, ChangeSetName=change_set.name)
        if self.stack(change_set.stack).status == "REVIEW_IN_PROGRESS":
            self.client.delete_stack(StackName=change_set.stack)

    def execute(self, change_set: ChangeSet) -> Stack:
        """The stack as it is afterwards. Raises CannotDeploy with the reasons; then it is as it was before."""
        started = time.time()
        self.client.execute_change_set(
            StackName=change_set.stack,
            ChangeSetName=change_set.name,
            # A first deployment that fails must not leave queues and a bucket over which the second one stumbles.
            RetainExceptOnCreate=True,
        )
        stack = self._wait(change_set.stack)
        if stack.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            reasons = self._reasons(change_set.stack, since=started)
            raise CannotDeploy(f"{stack.name} ended as {stack.status or 'deleted'}: {reasons}")
        return stack

    def _described(self, stack: str, name: str) -> ChangeSet | None:
        deadline = time.monotonic() + self.timeout_s
        while True:
            found = self.client.describe_change_set(StackName=stack, ChangeSetName=name)
            if not found["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
                break
            self._pause(stack, found["Status"], deadline)
        change_set = ChangeSet(stack, name, tuple(_change(item) for item in self._all_changes(stack, name)))
        if found["Status"] == "CREATE_COMPLETE":
            return change_set
        self.drop(change_set)
        reason = found.get("StatusReason", "")
        if any(words in reason for words in _NOTHING_TO_CHANGE):
            return None
        raise CannotDeploy(f"CloudFormation refuses the changes of {stack}: {reason}")

    def _all_changes(self, stack: str, name: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("describe_change_set").paginate(StackName=stack, ChangeSetName=name)
        return [item["ResourceChange"] for page in pages for item in page.get("Changes", [])]

    def _wait(self, name: str) -> Stack:
        deadline = time.monotonic() + self.timeout_s
        while (stack := self.stack(name)).status.endswith("_IN_PROGRESS"):
            self._pause(name, stack.status, deadline)
        return stack

    def _pause(self, name: str, status: str, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise CannotDeploy(
                f"{name} was still {status} after {self.timeout_s:g} s; AWS goes on with it: look in its console."
            )
        time.sleep(self.poll_s)

    def _reasons(self, name: str, *, since: float) -> str:
        events = self.client.describe_stack_events(StackName=name)["StackEvents"]
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
            for event in events
            if event["ResourceStatus"].endswith("_FAILED") and event["Timestamp"].timestamp() >= since - 1
        ]
        return "; ".join(reversed(failed)) or "its events give no reason"


def _change(item: Mapping[str, str]) -> Change:
    return Change(
        item["Action"], item["LogicalResourceId"], item["ResourceType"], item.get("Replacement", "")
    )
