"""The one place that makes AWS clients, with time-outs that fit a web request and a worker."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.config import Config
from botocore.loaders import create_loader
from botocore.session import Session
from botocore.utils import parse_timestamp

from core.aws.listings import read_quickly

_DESCRIPTIONS = create_loader()
"""What botocore knows of each service, tens of MB as Python objects: read once, shared by all clients."""


@dataclass(frozen=True)
class ClientTimeouts:
    """Seconds to connect and to be answered, for each attempt, and the number of attempts."""

    connect_s: float
    read_s: float
    attempts: int


WORKER_TIMEOUTS = ClientTimeouts(connect_s=3, read_s=20, attempts=4)
REQUEST_TIMEOUTS = ClientTimeouts(connect_s=2, read_s=5, attempts=2)
"""A person waits, and a thread with them: some 10 s of silence, then it is said that storage does not answer."""
COMMAND_TIMEOUTS = ClientTimeouts(connect_s=3, read_s=5, attempts=3)
"""A person waits at a terminal, most likely because something is broken: a storage that takes connections and says
nothing is reported after some 20 s, where a worker's timeouts would take 80."""
QUEUE_TIMEOUTS = ClientTimeouts(connect_s=3, read_s=10, attempts=4)


def make_s3(region: str, *, connections: int = 16, timeouts: ClientTimeouts = WORKER_TIMEOUTS) -> Any:
    client = _client("s3", region, timeouts, connections=connections)
    read_quickly(client)
    return client


def make_sqs(region: str, *, connections: int = 8, timeouts: ClientTimeouts = QUEUE_TIMEOUTS) -> Any:
    return _client("sqs", region, timeouts, connections=connections)


def make_bedrock(region: str, *, read_timeout_s: float) -> Any:
    """The client for model calls: one attempt, because a retry inside botocore is paid twice and counted once."""
    timeouts = ClientTimeouts(connect_s=3, read_s=read_timeout_s, attempts=1)
    return _client("bedrock-runtime", region, timeouts, connections=4)


def _client(service: str, region: str, timeouts: ClientTimeouts, *, connections: int) -> Any:
    config = Config(
        connect_timeout=timeouts.connect_s,
        read_timeout=timeouts.read_s,
        retries={"mode": "standard", "total_max_attempts": timeouts.attempts},
        max_pool_connections=connections,
        s3={"addressing_style": "path"},
    )
    # A session of its own: sessions are not safe to share between threads that create clients.
    session = Session()
    session.register_component("data_loader", _DESCRIPTIONS)
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    return session.create_client(service, region_name=region, config=config)


def _time(value: Any) -> Any:
    """Every answer has one, a listing a thousand: botocore's parser took a tenth of the one, most of the other."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(TypeError, ValueError):
            return read(value)
    return parse_timestamp(value)


def preload() -> None:
    """Reads botocore's descriptions of the services before a fork, so that children share them.

    With the collector frozen at the same moment, a worker of eight takes 280 MB instead of 560 (PSS,
    2026-11-21).
    """
    for service in ("s3", "sqs", "bedrock-runtime"):
        _client(service, "us-east-1", WORKER_TIMEOUTS, connections=1)
