"""The SQS client of a process, and what time it is at SQS. Without Celery, which most commands never need."""

import os
from typing import Any

from core.aws.clients import QUEUE_TIMEOUTS, ClientTimeouts, make_sqs
from core.queueing.signing import SqsTime

_clients: dict[tuple[int, str], Any] = {}
sqs_time = SqsTime()
"""What time it is at SQS, as this process's client hears it. Children of a fork go on with what is known."""


def shared_client(region: str, *, timeouts: ClientTimeouts = QUEUE_TIMEOUTS) -> Any:
    """Returns this process's SQS client: boto3 clients may be shared by threads, not by forks.

    timeouts: those of the first call count.
    """
    key = (os.getpid(), region)
    if key not in _clients:
        _clients[key] = sqs_time.observe_client(make_sqs(region, timeouts=timeouts))
    return _clients[key]
