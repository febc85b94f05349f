"""One process that uses the shared limiter on S3: asks, "calls" for a while, settles; writes what it did.

Usage: python -m tests.integration.limiter_client '{"calls": 5, "call_s": 0.05, "limits": {...}}'
Prints one JSON object a line: each call with its start and end (epoch seconds), then the S3 requests it made.
"""

import json
import sys
import time
import uuid
from math import inf
from typing import Any

from core.aws.clients import make_s3
from core.aws.object_store import S3ObjectStore
from core.clock import SystemClock
from core.config import load_settings
from core.errors import Throttled
from core.models.registry import load_registry
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Granted
from core.throttling.flushing import IdleFlusher
from core.throttling.host_file import host_file
from core.throttling.limiter import Limiter
from core.throttling.limits import Limits
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.shared_time import SharedTime
from core.throttling.slot_waiting import SlotWaiter
from core.throttling.store import STATE_KEY, S3StateStore


def main(plan: dict[str, Any]) -> None:
    requests: list[str] = []
    limits = Limits(**plan["limits"])
    limiter = make_limiter(limits, requests)
    slots = SlotWaiter(limiter, SystemClock(), window_s=limits.window_s)
    for _ in range(plan["calls"]):
        ask = SlotRequest(uuid.uuid4().hex[:12], "analysis", input_tokens=10, answer_tokens=10)
        granted = slot_for(ask, slots)
        started_at = time.time()
        say(start=started_at)
        time.sleep(plan["call_s"])
        say(start=started_at, end=time.time())
        outcome = Outcome(OutcomeKind.ANSWERED, charged_tokens=10, sent_at=limiter.now() - plan["call_s"])
        limiter.settle(granted.lease_id, outcome)
    limiter.flush()
    say(s3_requests=requests)


def slot_for(ask: SlotRequest, slots: SlotWaiter) -> Granted:
    """As a task that is handed back comes again."""
    while True:
        try:
            return slots.wait_for_slot(ask, deadline_at=inf)[0]
        except Throttled as error:
            time.sleep(error.retry_after_s)


def make_limiter(limits: Limits, requests: list[str]) -> Limiter:
    aws, clock = load_settings().aws, SystemClock()
    client = make_s3(aws.region)
    client.meta.events.register("before-send.s3", lambda event_name, **_: requests.append(event_name))
    objects = S3ObjectStore(client, aws.bucket, aws.base_path)
    shared_time = SharedTime(clock, steady=time.monotonic)
    host = host_file(f"{objects.location}{STATE_KEY}", clock=clock)
    return Limiter(
        store=S3StateStore(objects, shared_time, host=host),
        clock=shared_time,
        limits=limits,
        registry=load_registry(),
        flusher=IdleFlusher(),
    )


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
