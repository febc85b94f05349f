"""A bucket that keeps versions, as infra/data.yaml makes it, inside the process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import boto3
from moto import mock_aws

from core.aws.object_store import S3ObjectStore


@contextmanager
def versioned_bucket() -> Iterator[tuple[S3ObjectStore, Callable[[str], list[str]]]]:
    """The store, and a function: prefix -> key of every version and delete marker, however old."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        client.create_bucket(Bucket="bucket")
        client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})

        def versions(prefix: str) -> list[str]:
            pages = client.get_paginator("list_object_versions").paginate(
                Bucket="bucket", Prefix=f"tara/{prefix}"
            )
            entries = [
                entry
                for page in pages
                for kind in ("Versions", "DeleteMarkers")
                for entry in page.get(kind, [])
            ]
            return sorted(entry["Key"].removeprefix("tara/") for entry in entries)

        yield S3ObjectStore(client, "bucket", "tara/"), versions
