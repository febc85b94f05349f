"""One call's way through the local Bedrock, without HTTP: what is on record when."""

import json
from typing import Any

import pytest

from infra.local.bedrock.conversation import Conversation
from infra.local.bedrock.latency import read_plan
from infra.local.bedrock.rules_brain import RulesBrain
from infra.local.bedrock.service import BedrockService

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
BODY = json.dumps({"messages": [{"role": "user", "content": [{"text": "Hello."}]}]}).encode()


class BrokenBrain:
    name = "broken"

    def answer(self, conversation: Conversation) -> None:
        raise RuntimeError("a fault of its own")


def service(brain: Any = None) -> BedrockService:
    made = BedrockService(rules=brain or RulesBrain())
    made.setup.latency = read_plan({"fixed_s": 0})
    return made


def test_a_call_is_settled_and_on_record_before_the_last_event_leaves() -> None:
    made = service()
    outcomes = [
        (event.name, made.ledger.calls()[0]["outcome"]) for event in made.converse_stream(MODEL, BODY)
    ]
    assert outcomes[-2:] == [("messageStop", ""), ("metadata", "ok")]
    assert made.stats()["running"] == 0


def test_a_stream_that_is_dropped_is_settled_too() -> None:
    made = service()
    stream = made.converse_stream(MODEL, BODY)
    next(stream)
    stream.close()
    assert [call["outcome"] for call in made.ledger.calls()] == ["ClientGone"]
    assert made.stats()["running"] == 0


def test_a_fault_of_its_own_is_never_on_record_as_an_answer() -> None:
    made = service(BrokenBrain())
    with pytest.raises(RuntimeError):
        made.converse(MODEL, BODY)
    assert [call["outcome"] for call in made.ledger.calls()] == ["Crashed"]


def test_a_call_goes_on_with_the_setup_it_began_with() -> None:
    made = service()
    stream = made.converse_stream(MODEL, BODY)
    next(stream)
    made.reset()
    assert list(stream)[-1].name == "metadata"
    assert made.stats()["calls"] == 0
