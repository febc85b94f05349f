"""Events of a stream and their framing, read back with botocore's own parser."""

import json
from typing import Any

from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock.event_stream import frame
from infra.local.bedrock.events import Event, stream_events


def answer(*content: dict[str, Any], stop_reason: str = "end_turn") -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7},
        "metrics": {"latencyMs": 5},
        "additionalModelResponseFields": {"brain": "rules"},
    }


def deltas(events: list[Event]) -> list[Any]:
    return [event.payload["delta"] for event in events if event.name == "contentBlockDelta"]


def test_a_stream_begins_with_the_role_and_ends_with_the_usage() -> None:
    events = stream_events(answer({"text": "Yes."}))
    assert [event.name for event in events] == [
        "messageStart",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert events[-2].payload["stopReason"] == "end_turn"
    assert events[-1].payload["usage"]["totalTokens"] == 7


def test_reasoning_comes_in_pieces_and_then_its_signature() -> None:
    block = {"reasoningContent": {"reasoningText": {"text": "Hm. " * 20, "signature": "sig"}}}
    given = [delta["reasoningContent"] for delta in deltas(stream_events(answer(block)))]
    assert "".join(piece["text"] for piece in given[:-1]) == "Hm. " * 20
    assert given[-1] == {"signature": "sig"}


def test_a_tool_is_named_at_its_start_and_its_input_comes_in_pieces() -> None:
    used = {"toolUseId": "t1", "name": "record", "input": {"findings": ["a" * 100]}}
    events = stream_events(answer({"toolUse": used}, stop_reason="tool_use"))
    assert events[1].payload["start"] == {"toolUse": {"toolUseId": "t1", "name": "record"}}
    given = "".join(delta["toolUse"]["input"] for delta in deltas(events))
    assert json.loads(given) == used["input"]


def test_a_long_answer_is_no_thousand_events() -> None:
    assert len(deltas(stream_events(answer({"text": "x" * 100_000})))) <= 40


@given(st.text(max_size=300), st.booleans())
def test_frames_are_what_botocore_reads(text: str, is_exception: bool) -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(frame(Event("name", {"text": text}, is_exception)))
    (message,) = list(buffer)
    kind = "exception" if is_exception else "event"
    assert message.headers[":message-type"] == kind
    assert message.headers[f":{kind}-type"] == "name"
    assert json.loads(message.payload) == {"text": text}
