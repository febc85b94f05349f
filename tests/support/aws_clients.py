"""boto3 clients of emulators, each made once: reading what botocore knows of a service takes longer than requests."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config


@cache
def aws_client(
    endpoint: str,
    service: str,
    region: str,
    *credentials: str,
    attempts: int = 1,
    read_timeout_s: float = 60.0,
) -> Any:
    """credentials: id, secret and, of a session, its token; without any those that emulators take for the root's."""
    session = boto3.session.Session(*(credentials or ("test", "test")))
    config = Config(
        s3={"addressing_style": "path"}, retries={"total_max_attempts": attempts}, read_timeout=read_timeout_s
    )
    return session.client(service, region_name=region, endpoint_url=endpoint, config=config)
