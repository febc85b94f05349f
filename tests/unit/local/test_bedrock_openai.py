"""Converse put into OpenAI's chat completions, and an answer of those put back."""

import json
from typing import Any

import pytest

from infra.local.bedrock.catalogue import resolve
from infra.local.bedrock.conversation import read_conversation
from infra.local.bedrock.errors import ServiceError
from infra.local.bedrock.openai_brain import read_llm
from infra.local.bedrock.openai_messages import brain_answer, chat_request

MODEL = resolve("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
ASK = {"messages": [{"role": "user", "content": [{"text": "One."}, {"text": "Two."}]}]}
TOOL = {
    "toolSpec": {"name": "record", "description": "Takes it.", "inputSchema": {"json": {"type": "object"}}}
}
SCHEMA = {"type": "object", "additionalProperties": False}


def sent(**more: Any) -> dict[str, Any]:
    return chat_request(read_conversation(MODEL, {**ASK, **more}), model="llama")


def completion(message: dict[str, Any], *, finish: str = "stop") -> dict[str, Any]:
    usage = {"prompt_tokens": 11, "completion_tokens": 7}
    return {"choices": [{"message": message, "finish_reason": finish}], "usage": usage}


def test_system_and_messages_are_passed_on() -> None:
    body = sent(system=[{"text": "Be brief."}, {"cachePoint": {"type": "default"}}])
    assert body["model"] == "llama"
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One.\n\nTwo."},
    ]


def test_limits_and_sampling_are_passed_on() -> None:
    body = sent(inferenceConfig={"maxTokens": 300, "topP": 0.9, "stopSequences": ["END"]})
    assert (body["max_tokens"], body["top_p"], body["stop"]) == (300, 0.9, ["END"])


def test_a_schema_becomes_a_response_format() -> None:
    structure = {"jsonSchema": {"schema": json.dumps(SCHEMA), "name": "review"}}
    body = sent(outputConfig={"textFormat": {"type": "json_schema", "structure": structure}})
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "review", "schema": SCHEMA, "strict": True},
    }


@pytest.mark.parametrize(
    ("choice", "passed_on"),
    [
        ({"tool": {"name": "record"}}, {"type": "function", "function": {"name": "record"}}),
        ({"any": {}}, "required"),
        ({"auto": {}}, "auto"),
    ],
)
def test_tools_and_their_choice_are_passed_on(choice: dict[str, Any], passed_on: Any) -> None:
    body = sent(toolConfig={"tools": [TOOL], "toolChoice": choice})
    function = {"name": "record", "description": "Takes it.", "parameters": {"type": "object"}}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["tool_choice"] == passed_on
    assert "response_format" not in body


def test_a_conversation_with_tools_keeps_its_turns() -> None:
    used = {"toolUse": {"toolUseId": "t1", "name": "record", "input": {"a": 1}}}
    result = {"toolResult": {"toolUseId": "t1", "content": [{"text": "done"}, {"json": {"b": 2}}]}}
    turns = [
        *ASK["messages"],
        {"role": "assistant", "content": [{"text": "I will."}, used]},
        {"role": "user", "content": [result, {"text": "Go on."}]},
    ]
    call = {"id": "t1", "type": "function", "function": {"name": "record", "arguments": '{"a": 1}'}}
    assert sent(messages=turns)["messages"][1:] == [
        {"role": "assistant", "content": "I will.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "t1", "content": 'done\n{"b": 2}'},
        {"role": "user", "content": "Go on."},
    ]


def test_what_cannot_be_passed_on_is_refused_not_dropped() -> None:
    image = {"image": {"format": "png", "source": {"bytes": "AA=="}}}
    with pytest.raises(ServiceError, match="image"):
        sent(messages=[{"role": "user", "content": [{"text": "See."}, image]}])


@pytest.mark.parametrize(
    ("finish", "stop_reason"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "content_filtered"),
        (None, "end_turn"),
    ],
)
def test_a_text_answer_is_read_with_its_usage(finish: Any, stop_reason: str) -> None:
    given = brain_answer(completion({"content": "Yes."}, finish=finish))
    assert (given.content, given.stop_reason) == ("Yes.", stop_reason)
    assert (given.input_tokens, given.output_tokens) == (11, 7)


@pytest.mark.parametrize("arguments", ['{"a": 1}', {"a": 1}])
def test_a_tool_call_is_read(arguments: Any) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "record", "arguments": arguments}}
    given = brain_answer(completion({"content": None, "tool_calls": [call]}, finish="stop"))
    assert (given.content, given.tool, given.stop_reason) == ({"a": 1}, "record", "tool_use")


@pytest.mark.parametrize(
    "message",
    [
        {"content": "Yes.", "reasoning_content": "Hm."},
        {"content": "Yes.", "reasoning": "Hm."},
        {"content": "<think>\nHm.\n</think>\n\nYes."},
    ],
)
def test_thoughts_are_parted_from_the_answer(message: dict[str, Any]) -> None:
    given = brain_answer(completion(message))
    assert (given.content, given.thinking) == ("Yes.", "Hm.")


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
        ("http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1/chat/completions"),
        ("http://llm/api/v1/chat/completions", "http://llm/api/v1/chat/completions"),
    ],
)
def test_the_servers_address_may_be_given_as_people_know_it(url: str, endpoint: str) -> None:
    assert read_llm({"url": url, "model": "llama"}).endpoint == endpoint


@pytest.mark.parametrize(
    "data",
    [
        {"url": "file:///etc/passwd", "model": "m"},
        {"url": "llm", "model": "m"},
        {"url": "http://x", "model": ""},
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(data: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="local model"):
        read_llm(data)
