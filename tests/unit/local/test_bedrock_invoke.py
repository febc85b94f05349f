"""Anthropic's messages body in Converse's words."""

from typing import Any

import pytest

from infra.local.bedrock.errors import ServiceError
from infra.local.bedrock.invoke import converse_request

BODY = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "Hello."}],
}
TOOL = {"name": "record", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral"}}


def test_a_plain_text_is_one_block() -> None:
    request = converse_request({**BODY, "system": "Be brief.", "temperature": 0.2})
    assert request["messages"] == [{"role": "user", "content": [{"text": "Hello."}]}]
    assert request["system"] == [{"text": "Be brief."}]
    assert request["inferenceConfig"] == {"maxTokens": 500, "temperature": 0.2}


def test_cache_control_becomes_a_cache_point_after_its_block() -> None:
    system = [{"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    request = converse_request({**BODY, "system": system, "tools": [TOOL]})
    assert request["system"][1] == {"cachePoint": {"type": "default", "ttl": "1h"}}
    assert request["toolConfig"]["tools"][1] == {"cachePoint": {"type": "default", "ttl": "5m"}}


@pytest.mark.parametrize(
    ("choice", "converted"),
    [({"type": "tool", "name": "record"}, {"tool": {"name": "record"}}), ({"type": "any"}, {"any": {}})],
)
def test_a_tool_choice_keeps_its_meaning(choice: dict[str, str], converted: dict[str, Any]) -> None:
    request = converse_request({**BODY, "tools": [TOOL], "tool_choice": choice})
    assert request["toolConfig"]["toolChoice"] == converted


def test_turns_with_tools_and_thoughts_are_kept() -> None:
    turns = [
        {"role": "user", "content": "Go."},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "s"},
                {"type": "tool_use", "id": "t1", "name": "record", "input": {"a": 1}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "done"}]},
    ]
    thought, used = converse_request({**BODY, "messages": turns})["messages"][1]["content"]
    (result,) = converse_request({**BODY, "messages": turns})["messages"][2]["content"]
    assert thought["reasoningContent"]["reasoningText"] == {"text": "Hm.", "signature": "s"}
    assert used["toolUse"] == {"toolUseId": "t1", "name": "record", "input": {"a": 1}}
    assert result["toolResult"]["content"] == [{"text": "done"}]


@pytest.mark.parametrize(
    "body",
    [
        {**BODY, "anthropic_version": "2023-06-01"},
        {name: value for name, value in BODY.items() if name != "max_tokens"},
        {name: value for name, value in BODY.items() if name != "messages"},
        {**BODY, "messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]},
        {**BODY, "messages": [{"role": "user", "content": [{"text": "no type"}]}]},
    ],
)
def test_a_body_that_is_none_is_a_validation_error(body: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as caught:
        converse_request(body)
    assert caught.value.code == "ValidationException"


def test_counting_tokens_needs_no_maximum() -> None:
    body = {name: value for name, value in BODY.items() if name != "max_tokens"}
    assert converse_request(body, for_counting=True)["inferenceConfig"] == {}
