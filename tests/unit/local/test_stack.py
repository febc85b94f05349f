import pytest

from core.config import AwsSettings
from infra.local.errors import CannotStart
from infra.local.stack import check_resources, parameters, resource_ids, stack_name

TEMPLATE = """
Parameters:
  Prefix:
    Type: String
Resources:
  # a comment
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: x
  Bucket:
    Type: AWS::S3::Bucket
Outputs:
  Url: {Value: x}
"""


def test_resources_are_those_under_resources_only() -> None:
    assert resource_ids(TEMPLATE) == {"Queue", "Bucket"}


def test_a_resource_skipped_without_a_word_is_named() -> None:
    with pytest.raises(CannotStart, match=r"Bucket \(missing\), Role \(CREATE_FAILED\)"):
        check_resources({"Queue", "Bucket", "Role"}, {"Queue": "CREATE_COMPLETE", "Role": "CREATE_FAILED"})


def test_created_and_updated_are_both_complete() -> None:
    check_resources({"Queue", "Bucket"}, {"Queue": "CREATE_COMPLETE", "Bucket": "UPDATE_COMPLETE"})


def test_the_stack_has_the_names_of_the_settings() -> None:
    settings = AwsSettings(bucket="b-1", base_path="p/", queue_prefix="mine-", bedrock_region="us-west-2")
    assert stack_name(settings) == "mine-data"
    assert parameters(settings) == {
        "QueuePrefix": "mine-",
        "BucketName": "b-1",
        "BasePath": "p/",
        "BedrockRegion": "us-west-2",
    }
