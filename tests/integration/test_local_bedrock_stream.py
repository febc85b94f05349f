"""ConverseStream of the local Bedrock, read by an unmodified boto3 client."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EventStreamError, HTTPClientError
from urllib3.exceptions import ProtocolError

from core.aws.bedrock import CallFault, call_error
from infra.local.bedrock.errors import IN_STREAM, STATUS
from tests.support.bedrock import LocalBedrock
from tests.support.waiting import wait_until

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ASK = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "Good morning."}]}]}
TOOL = {"toolSpec": {"name": "record", "inputSchema": {"json": {"type": "object"}}}}
FAULT_IN_STREAM = {
    "ThrottlingException": CallFault.THROTTLED,
    "InternalServerException": CallFault.UNAVAILABLE,
    "ServiceUnavailableException": CallFault.UNAVAILABLE,
    "ModelStreamErrorException": CallFault.UNAVAILABLE,
    "ValidationException": CallFault.REJECTED,
}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 2000}}


@pytest.fixture(scope="module")
def client(bedrock_server: LocalBedrock) -> Iterator[Any]:
    made = bedrock_server.client()
    yield made
    made.close()


def streamed(client: Any, **more: Any) -> list[dict[str, Any]]:
    with closing(client.converse_stream(**{**ASK, **more})["stream"]) as stream:
        return list(stream)


def joined(events: list[dict[str, Any]], block: int, *path: str) -> str:
    """One kind of delta of one block, put together."""
    found = []
    for event in events:
        delta: Any = event.get("contentBlockDelta", {})
        if delta.get("contentBlockIndex") == block:
            delta = delta["delta"]
            for name in path:
                delta = delta.get(name, {})
            found.append(delta or "")
    return "".join(found)


def test_a_text_comes_in_the_services_order(bedrock: LocalBedrock, client: Any) -> None:
    events = streamed(client)
    names = [next(iter(event)) for event in events]
    assert names[0] == "messageStart"
    assert names[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    assert set(names[1:-3]) == {"contentBlockDelta"}
    assert events[0]["messageStart"] == {"role": "assistant"}
    assert "not a model" in joined(events, 0, "text")
    assert events[-2]["messageStop"]["additionalModelResponseFields"] == {"brain": "rules"}
    assert events[-1]["metadata"]["usage"]["totalTokens"] > 0
    assert events[-1]["metadata"]["metrics"]["latencyMs"] >= 0


def test_thoughts_come_first_and_are_signed(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(answers=[{"content": {"a": 1}, "thinking": "Let me see. " * 30}])
    events = streamed(client, additionalModelRequestFields=THINKING)
    assert joined(events, 0, "reasoningContent", "text") == "Let me see. " * 30
    assert joined(events, 0, "reasoningContent", "signature")
    assert json.loads(joined(events, 1, "text")) == {"a": 1}


def test_a_tools_input_comes_in_pieces(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(answers=[{"content": {"findings": ["x" * 200]}}])
    choice = {"tools": [TOOL], "toolChoice": {"tool": {"name": "record"}}}
    events = streamed(client, toolConfig=choice)
    assert events[1]["contentBlockStart"]["start"]["toolUse"]["name"] == "record"
    assert json.loads(joined(events, 0, "toolUse", "input")) == {"findings": ["x" * 200]}
    assert events[-2]["messageStop"]["stopReason"] == "tool_use"


@pytest.mark.parametrize("code", sorted(IN_STREAM))
def test_an_error_inside_the_stream_ends_it(bedrock: LocalBedrock, client: Any, code: str) -> None:
    bedrock.configure(faults=[{"code": code, "after_events": 3, "message": "As scripted."}])
    with closing(client.converse_stream(**ASK)["stream"]) as stream:
        events = iter(stream)
        assert [next(iter(next(events))) for _ in range(3)] == ["messageStart"] + ["contentBlockDelta"] * 2
        with pytest.raises(EventStreamError) as caught:
            next(events)
    assert caught.value.response["Error"] == {"Code": code[0].lower() + code[1:], "Message": "As scripted."}
    assert bedrock.stats()["models"][MODEL]["errors"] == {code: 1}
    assert call_error(caught.value).fault is FAULT_IN_STREAM[code]


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException", "ModelTimeoutException"])
def test_an_error_before_the_stream_is_an_answer(bedrock: LocalBedrock, client: Any, code: str) -> None:
    bedrock.configure(faults=[{"code": code, "operation": "converse-stream"}])
    with pytest.raises(ClientError) as caught:
        client.converse_stream(**ASK)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == STATUS[code]
    assert client.converse(**ASK)["stopReason"] == "end_turn"


def test_a_connection_lost_inside_the_stream_is_no_end_of_it(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(faults=[{"code": "ConnectionReset", "after_events": 2, "count": 1}])
    with pytest.raises((ConnectionClosedError, HTTPClientError, ProtocolError, ConnectionError)):
        streamed(client)
    assert len(streamed(client)) > 4


def test_a_call_is_on_record_when_its_stream_has_ended(bedrock: LocalBedrock, client: Any) -> None:
    usage = streamed(client)[-1]["metadata"]["usage"]
    (call,) = bedrock.calls()
    assert (call["operation"], call["outcome"], call["brain"]) == ("converse-stream", "ok", "rules")
    assert call["settled"] == usage["inputTokens"] + 5 * usage["outputTokens"]
    assert call["reserved"] == usage["inputTokens"] + 64_000


def test_a_client_that_leaves_in_the_middle_is_noticed(bedrock: LocalBedrock) -> None:
    bedrock.configure(answers=[{"content": "word " * 2000}], latency={"fixed_s": 1.0})
    leaving = bedrock.client()
    stream = leaving.converse_stream(**ASK)["stream"]
    next(iter(stream))
    stream.close()
    leaving.close()
    wait_until(lambda: bedrock.stats()["models"][MODEL]["errors"] == {"ClientGone": 1}, timeout_s=10)


def test_the_time_of_an_answer_is_spread_over_its_events(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(answers=[{"content": "word " * 200}], latency={"fixed_s": 0.4})
    events = streamed(client)
    (call,) = bedrock.calls()
    assert events[-1]["metadata"]["metrics"]["latencyMs"] == 400
    assert 0.3 <= call["ended_at"] - call["started_at"] < 3
