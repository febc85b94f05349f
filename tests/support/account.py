"""An emulated AWS account for whole deployments: with ECS, a load balancer, secrets and topics besides."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.deployment.deploying import STACKS
from infra.local import children, ministack
from infra.local.environment import EMULATOR_PYTHON, PROJECT
from infra.local.ports import free_port
from infra.local.reaper import Reaper
from tests.support.aws_clients import aws_client

REGION = "us-east-1"
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_MORE_SERVICES = "ecs,ec2,elbv2,secretsmanager,sns,bedrock-runtime"


@dataclass(frozen=True)
class Account:
    endpoint: str

    def client(self, service: str, credentials: Mapping[str, str] = ROOT, *, region: str = REGION) -> Any:
        """credentials: as a process's environment has them: id, secret, token."""
        return aws_client(self.endpoint, service, region, *credentials.values())

    def assume(self, role_arn: str) -> dict[str, str]:
        """Credentials of a role, as a task of ECS gets them."""
        found = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="a-task")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
            "AWS_SESSION_TOKEN": found["SessionToken"],
        }

    def network(self) -> dict[str, str]:
        """Parameters of infra/compute.yaml that name the account's own things."""
        ec2 = self.client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        subnets = ",".join(item["SubnetId"] for item in found[:2])
        return {
            "VpcId": vpc,
            "LoadBalancerSubnetIds": subnets,
            "TaskSubnetIds": subnets,
            "PublicUrl": "https://reviews.example.org",
            "CertificateArn": f"arn:aws:acm:{REGION}:000000000000:certificate/1",
        }


@contextmanager
def account(directory: Path, reaper: Reaper, *, checks_permissions: bool = False) -> Iterator[Account]:
    """checks_permissions: requests are held to the policies of whoever sends them; "test" is the root."""
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    environ = ministack.environ(directory, port=port)
    environ["SERVICES"] += f",{_MORE_SERVICES}"
    if checks_permissions:
        environ["AUTH"] = "true"
    with (directory / "account.log").open("wb") as output:
        process = children.spawn(
            ministack.command(EMULATOR_PYTHON), environ=environ, cwd=directory, output=output
        )
    reaper.watch(process.pid, last=True)
    emulator = ministack.Ministack(process, ministack.address(port))
    try:
        ministack.wait_ready(emulator)
        yield Account(emulator.endpoint)
    finally:
        emulator.stop()
        reaper.forget(process.pid)


_ONE_METRIC = (
    "      Namespace: AIPrism\n      MetricName: TasksFailed\n      Statistic: Sum\n      Period: 60\n"
)


def templates_for_emulator(target: Path) -> Path:
    """The templates but for what ministack 1.5.33 cannot: a parameter as DesiredCount, metric math in an alarm, and
    a composite alarm."""
    for name in STACKS:
        text = (PROJECT / "infra" / f"{name}.yaml").read_text()
        text = re.sub(r"DesiredCount: !Ref \w+", "DesiredCount: 2", text)
        text = re.sub(r"^  Page:\n(?:    .*\n|\n)+", "", text, flags=re.MULTILINE)
        text = re.sub(r"^      Metrics:\n(?:        .*\n)+", _ONE_METRIC, text, flags=re.MULTILINE)
        (target / f"{name}.yaml").write_text(text)
    return target


def data_without_denials() -> str:
    """infra/data.yaml without the policies of queues and bucket: they deny what comes without TLS, which is all that
    comes here, and know conditions (s3:if-match) that ministack 1.5.33 does not. For it batches are actions of their
    own; for AWS they are not."""
    text = (PROJECT / "infra" / "data.yaml").read_text()
    text = re.sub(r"^( +- sqs:ChangeMessageVisibility)$", r"\1\n\1Batch", text, flags=re.MULTILINE)
    return re.sub(r"^  (?:QueuesTlsOnly|BucketRules):\n(?:    .*\n|\n)+", "", text, flags=re.MULTILINE)
