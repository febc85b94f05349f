"""The SQS client of a process, and what time it is at SQS. Without Celery, which most commands never need."""

import os
from typing import Any

from core.aws.clients import OF_A_QUEUE, Patience, make_sqs
from core.queueing.signing import SqsTime

_clients: dict[tuple[int, str], Any] = {}
sqs_time = SqsTime()
"""What time it is at SQS, as this process's client hears it. Children of a fork go on with what is known."""


def shared_client(region: str, *, patience: Patience = OF_A_QUEUE) -> Any:
    """One SQS client per process: boto3 clients may be shared by threads, not by forks.

    patience: of the first who asks.
    """
    key = (os.getpid(), region)
    if key not in _clients:
        _clients[key] = sqs_time.hear(make_sqs(region, patience=patience))
    return _clients[key]
