"""S3, SQS and Bedrock fail in every way they can, while a review runs: it ends as if nothing had been."""

import urllib.error
import urllib.request
from collections.abc import Sequence

import pytest

from tests.chaos.invariants import Watch, check, ended
from tests.chaos.system import System
from tests.support.fault_proxy import Fault
from tests.support.waiting import wait_until

PUT_S3 = {"method": "PUT"}
SEND = {"operation": "SendMessage"}


def ready(system: System) -> int:
    try:
        with urllib.request.urlopen(f"{system.web.url}/ready", timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_sqs_is_gone_when_work_is_accepted(system: System, watch: Watch) -> None:
    session_id, words = system.upload()
    system.sqs.faults = [Fault("reset")]
    accepted = watch.follow(system.ask(session_id, words))
    assert ready(system) == 503
    system.sqs.lift()
    wait_until(lambda: ready(system) == 200, timeout_s=10)
    check(system, watch)
    assert system.called(accepted) == len(accepted.marks)


def test_s3_is_gone_between_the_model_call_and_the_result(system: System, watch: Watch) -> None:
    system.model_takes(1.5)
    accepted = watch.follow(system.accept())
    system.wait_called(accepted, 3)
    gone = Fault("reset")
    system.s3.faults = [gone]
    wait_until(lambda: gone.hits >= 12, timeout_s=20)
    system.s3.lift()
    check(system, watch)


@pytest.mark.long
def test_s3_is_silent_for_a_while(system: System, watch: Watch) -> None:
    accepted = watch.follow(system.accept())
    system.wait_called(accepted, 1)
    silence = Fault("silence", count=4)
    system.s3.faults = [silence]
    wait_until(lambda: silence.hits >= 2, timeout_s=20)
    system.s3.lift()
    check(system, watch)


@pytest.mark.parametrize(
    "faults",
    [
        [{"code": "ThrottlingException", "rate": 0.4}],
        pytest.param(
            [
                {"code": "InternalServerException", "rate": 0.3},
                {"code": "ModelTimeoutException", "rate": 0.2},
            ],
            marks=pytest.mark.long,
        ),
        [{"code": "ConnectionReset", "count": 3}, {"code": "Hang", "count": 1}],
    ],
    ids=["throttled", "5xx and time-outs", "broken connections"],
)
def test_bedrock_fails_calls(system: System, watch: Watch, faults: Sequence[dict[str, object]]) -> None:
    system.bedrock.configure(faults=list(faults), seed=5)
    watch.follow(system.accept(sections=6))
    # A call that hangs may have been answered for all anyone knows, so it counts like a crash.
    check(system, watch, crashes=4 if "Hang" in str(faults) else 0, failures=1)


def test_bedrock_is_gone_and_comes_back(system: System, watch: Watch) -> None:
    system.model.faults = [Fault("reset")]
    watch.follow(system.accept())
    wait_until(lambda: system.model.faults[0].hits >= 3, timeout_s=20)
    system.model.lift()
    check(system, watch)


@pytest.mark.parametrize(
    ("s3", "sqs"),
    [
        pytest.param([Fault("slow", delay_s=0.15)], [Fault("slow", delay_s=0.15)], marks=pytest.mark.long),
        ([Fault("503", rate=0.15)], [Fault("503", rate=0.15)]),
        ([Fault("lost", rate=0.25, **PUT_S3)], [Fault("503", operation="DeleteMessage", rate=0.6)]),
        ([], [Fault("lost", rate=0.3, **SEND), Fault("twice", **SEND)]),
    ],
    ids=["slow", "5xx", "reply of S3 lost and not deleted", "reply of SQS lost and delivered twice"],
)
def test_storage_and_queue_misbehave_all_along(
    system: System, watch: Watch, s3: list[Fault], sqs: list[Fault]
) -> None:
    session_id, words = system.upload()
    system.s3.faults, system.sqs.faults = s3, sqs
    accepted = watch.follow(system.ask(session_id, words))
    ended(system, accepted, timeout_s=60)
    assert sum(fault.hits for fault in (*s3, *sqs)) > 0
    system.s3.lift()
    system.sqs.lift()
    check(system, watch)
