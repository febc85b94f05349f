"""One emulated AWS for the test session, and spaces in it: own queues, own bucket, made from infra/data.yaml."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config import Settings, load_settings
from infra.local import ministack, stack
from infra.local.environment import emulated_aws
from infra.local.ports import free_port
from infra.local.reaper import Reaper
from tests.support.aws_clients import aws_client


@dataclass(frozen=True)
class Space:
    """Queues and a bucket nobody else uses. environ: what a process needs to work in it."""

    endpoint: str
    environ: dict[str, str]

    @property
    def settings(self) -> Settings:
        return load_settings(self.environ)

    @property
    def bucket(self) -> str:
        return self.environ["S3_BUCKET_NAME"]

    @property
    def base_path(self) -> str:
        return self.environ["S3_BASE_PATH"]

    @property
    def queue_prefix(self) -> str:
        return self.environ["SQS_QUEUE_PREFIX"]

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator."""
        return aws_client(self.endpoint, service, self.environ["AWS_REGION"], attempts=2)

    def queue_url(self, key: str) -> str:
        """key: "analysis", "analysis-dlq", ..."""
        return str(self.client("sqs").get_queue_url(QueueName=f"{self.queue_prefix}{key}")["QueueUrl"])

    def queue_depth(self, key: str) -> int:
        """Messages waiting, in flight and delayed."""
        names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
        found = self.client("sqs").get_queue_attributes(QueueUrl=self.queue_url(key), AttributeNames=names)
        return sum(int(found["Attributes"].get(name, 0)) for name in names)

    def keys(self, prefix: str = "") -> list[str]:
        """Keys under the base path, without it."""
        pages = self.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.bucket, Prefix=self.base_path + prefix)
        return [
            item["Key"].removeprefix(self.base_path) for page in found for item in page.get("Contents", [])
        ]


@dataclass(frozen=True)
class Cloud(Space):
    """The session's emulator; itself a space, shared by the tests that do not mind each other."""

    log: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_space(self) -> Space:
        return make_space(self.endpoint, f"t{next(self.numbers)}")

    def logs(self) -> list[tuple[str, str]]:
        return [("ministack", self.log.read_text(errors="replace")[-2_000:])]


def make_space(endpoint: str, name: str) -> Space:
    environ = {
        **emulated_aws(cloud=endpoint),
        "AWS_REGION": "us-east-1",
        "S3_BUCKET_NAME": f"test-{name}",
        "S3_BASE_PATH": "tara/",
        "SQS_QUEUE_PREFIX": f"{name}-",
        "MESSAGE_KEYS": "a-key-of-the-tests-messages-that-is-long-enough",
        "SQS_WAIT_TIME_S": "1",
    }
    space = Space(endpoint, environ)
    stack.deploy_data(space.settings.aws, endpoint=endpoint)
    return space


def run_cloud(directory: Path, reaper: Reaper) -> Iterator[Cloud]:
    log = directory / "ministack.log"
    with log.open("wb") as output:
        emulator = ministack.start(directory / "data", port=free_port(), output=output)
    reaper.watch(emulator.process.pid, last=True)
    try:
        ministack.wait_ready(emulator)
        yield Cloud(emulator.endpoint, make_space(emulator.endpoint, "shared").environ, log)
    finally:
        emulator.stop()
        reaper.forget(emulator.process.pid)
