"""What AWS refuses is said so that the setting to look at is named."""

import pytest
from botocore.exceptions import ClientError

from core.aws.errors import queue_errors, storage_errors
from core.errors import Transient


@pytest.mark.parametrize(
    ("door", "code", "setting"),
    [
        (storage_errors, "NoSuchBucket", "S3_BUCKET_NAME"),
        (queue_errors, "AWS.SimpleQueueService.NonExistentQueue", "SQS_QUEUE_PREFIX"),
        (storage_errors, "SlowDown", "404 (SlowDown)"),
    ],
)
def test_a_name_that_nothing_has_leads_to_the_setting_that_it_comes_from(door, code, setting):
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 404}}

    with pytest.raises(Transient) as told, door():
        raise ClientError(answer, "Any")

    assert setting in told.value.detail
