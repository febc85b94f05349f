"""infra/data.yaml on the emulator: complete, as the product needs it, and repeatable."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from core.queueing.topology import QUEUES, QueueSpec
from infra.local import ministack, stack
from infra.local.errors import CannotStart
from infra.local.ports import free_port
from infra.local.reaper import Reaper
from tests.support.cloud import Space, make_space


@pytest.mark.parametrize("spec", QUEUES, ids=lambda spec: spec.key)
def test_every_queue_redrives_to_its_own_dead_letters(space: Space, spec: QueueSpec) -> None:
    found = attributes(space, spec.key)
    redrive = json.loads(found["RedrivePolicy"])
    assert redrive["maxReceiveCount"] == spec.max_receives
    assert redrive["deadLetterTargetArn"].endswith(f":{space.queue_prefix}{spec.key}-dlq")
    assert found["VisibilityTimeout"] == "3600"
    assert attributes(space, f"{spec.key}-dlq")["MessageRetentionPeriod"] == "1209600"


def test_the_bucket_keeps_versions_and_is_private(space: Space) -> None:
    s3 = space.client("s3")
    assert s3.get_bucket_versioning(Bucket=space.bucket)["Status"] == "Enabled"
    blocked = s3.get_public_access_block(Bucket=space.bucket)["PublicAccessBlockConfiguration"]
    assert all(blocked.values())


def test_deploying_again_changes_nothing(space: Space) -> None:
    space.client("s3").put_object(Bucket=space.bucket, Key="tara/kept", Body=b"1")
    stack.deploy_data(space.settings.aws, endpoint=space.endpoint)
    assert space.keys() == ["kept"]


def test_a_resource_that_was_skipped_is_named() -> None:
    with pytest.raises(CannotStart, match=r"Bucket \(missing\), Role \(CREATE_FAILED\)"):
        stack.check_resources(
            {"Queue", "Bucket", "Role"}, {"Queue": "CREATE_COMPLETE", "Role": "CREATE_FAILED"}
        )


def test_a_stack_that_cannot_be_made_says_why(space: Space) -> None:
    taken = space.client("s3")
    taken.create_bucket(Bucket="somebody-elses")
    settings = Space(
        space.endpoint,
        {**space.environ, "S3_BUCKET_NAME": "somebody-elses", "SQS_QUEUE_PREFIX": "other-"},
    ).settings
    with pytest.raises(CannotStart, match="other-data"):
        stack.deploy_data(settings.aws, endpoint=space.endpoint)


def test_everything_survives_a_clean_stop(tmp_path: Path, reaper: Reaper) -> None:
    port = free_port()
    first = ministack.start(tmp_path, port=port)
    reaper.watch(first.process.pid)
    ministack.wait_ready(first)
    space = make_space(first.endpoint, "kept")
    space.client("sqs").send_message(QueueUrl=space.queue_url("analysis"), MessageBody="waiting")
    space.client("s3").put_object(Bucket=space.bucket, Key="tara/sessions/x", Body=b"1")
    first.stop()
    reaper.forget(first.process.pid)
    second = ministack.start(tmp_path, port=port)
    reaper.watch(second.process.pid)
    ministack.wait_ready(second)
    assert space.queue_depth("analysis") == 1
    assert space.keys() == ["sessions/x"]
    second.stop()
    reaper.forget(second.process.pid)


def test_spaces_do_not_see_each_other(space: Space) -> None:
    with pytest.raises(ClientError, match="NonExistentQueue"):
        space.client("sqs").get_queue_url(QueueName="aiprism-analysis")


def attributes(space: Space, key: str) -> dict[str, str]:
    found = space.client("sqs").get_queue_attributes(QueueUrl=space.queue_url(key), AttributeNames=["All"])
    return dict(found["Attributes"])
