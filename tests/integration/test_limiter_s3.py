"""The limits hold over processes that share nothing but one object in S3."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.clock import ScriptedClock
from core.errors import Throttled
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Granted
from core.throttling.limits import Limits
from core.web.readiness import KEPT_S, Readiness
from tests.integration.limiter_client import make_limiter
from tests.support.cloud import Space
from tests.support.fault_proxy import fault_proxy

LIMITS = {"requests": 8, "concurrent": 3, "tokens": 100_000, "window_s": 1.5, "pad_s": 0.6, "lease_s": 3.0}
# The pad is what a machine busy with other tests may hold a process back between its slot and its call.
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(space: Space) -> Iterator[Start]:
    """Starts a limiter client; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def make(**plan: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.limiter_client", json.dumps(plan)],
            env={**os.environ, **space.environ},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield make
    for process in started:
        process.kill()
        process.communicate()


def finished(process: "subprocess.Popen[str]") -> tuple[list[tuple[float, float]], list[str]]:
    """(start, end) of each call, and the S3 requests made for them."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    lines = [json.loads(line) for line in output.splitlines()]
    calls = [(line["start"], line["end"]) for line in lines if "end" in line]
    return calls, lines[-1]["s3_requests"]


def test_no_window_and_no_moment_passes_a_limit_over_four_processes(start: Start) -> None:
    clients = [start(calls=6, call_s=0.05, limits=LIMITS) for _ in range(4)]
    calls = sorted(call for client in clients for call in finished(client)[0])
    assert len(calls) == 24
    starts = [begin for begin, _ in calls]
    for first, ninth in zip(starts, starts[8:], strict=False):
        assert ninth - first >= LIMITS["window_s"]
    for begin, _ in calls:
        assert sum(other <= begin < end for other, end in calls) <= LIMITS["concurrent"]


def test_the_slots_of_a_killed_process_come_back_with_their_lease(start: Start) -> None:
    limits = {**LIMITS, "concurrent": 1}
    holder = start(calls=1, call_s=60, limits=limits)
    assert holder.stdout is not None
    held_at = json.loads(holder.stdout.readline())["start"]
    holder.kill()
    calls, _ = finished(start(calls=1, call_s=0.01, limits=limits))
    waited_s = calls[0][0] - held_at
    # They were not free at once. A lease begins before its holder says that it calls, and how long depends on the
    # machine.
    assert limits["lease_s"] / 2 <= waited_s <= limits["lease_s"] + 20


def test_a_call_costs_one_s3_request_on_one_host(start: Start) -> None:
    _, requests = finished(start(calls=5, call_s=0.0, limits={**LIMITS, "requests": 100}))
    assert requests.count("before-send.s3.PutObject") == 6, "one a call, and one to settle the last"
    assert requests.count("before-send.s3.GetObject") <= 1


def test_waiting_for_a_slot_polls_nothing(start: Start) -> None:
    limits = {**LIMITS, "requests": 1, "window_s": 4.0}
    first, second = (start(calls=1, call_s=0.0, limits=limits) for _ in range(2))
    asked = [requests for _, requests in (finished(first), finished(second))]
    assert sum(len(requests) for requests in asked) <= 8, (
        "about one to ask, one to settle, one look at the time"
    )


def test_while_s3_cannot_be_reached_no_model_is_called_and_it_recovers_by_itself(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ScriptedClock()
    ask = SlotRequest("mine", "analysis", input_tokens=10, answer_tokens=10)
    with fault_proxy(space.endpoint) as proxy:
        proxy.operation = ""
        for name, value in {**space.environ, "AWS_ENDPOINT_URL_S3": proxy.url}.items():
            monkeypatch.setenv(name, value)
        limiter = make_limiter(Limits(), [])
        readiness = Readiness(limiter.probe, clock)
        assert readiness.is_ready()
        for proxy.fault in ("503", "reset"):
            clock.sleep(KEPT_S)
            with capture_logs() as logs, pytest.raises(Throttled) as refused:
                limiter.acquire(ask)
            assert refused.value.code == "limiter/unavailable"
            assert "limiter_unavailable" in [log["event"] for log in logs], "what the alarm counts"
            assert not readiness.is_ready()
        proxy.fault = ""
        clock.sleep(KEPT_S)
        assert readiness.is_ready()
        assert isinstance(limiter.acquire(ask), Granted)


def test_a_process_killed_in_the_middle_of_anything_leaves_the_limits_to_the_others(start: Start) -> None:
    limits = {**LIMITS, "requests": 30, "window_s": 1.0}
    killed = [start(calls=500, call_s=0.0, limits=limits) for _ in range(3)]
    for number, process in enumerate(killed):
        assert process.stdout is not None
        for _ in range(10 + 7 * number):
            process.stdout.readline()
        process.kill()
    calls, _ = finished(start(calls=8, call_s=0.0, limits=limits))
    assert len(calls) == 8
