"""A bucket that keeps versions, as infra/data.yaml makes it, inside the process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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

        yield _OnePurgeAtATime(client, "bucket", "tara/"), versions


class _OnePurgeAtATime(S3ObjectStore):
    """moto's listing of versions breaks where another thread removes some just then; S3's does not."""

    def __init__(self, client: Any, bucket: str, base_path: str) -> None:
        super().__init__(client, bucket, base_path)
        self._purging = threading.Lock()

    def purge(self, prefix: str, *, sparing: str = "") -> None:
        with self._purging:
            super().purge(prefix, sparing=sparing)
