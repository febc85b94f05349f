"""The rules of Converse that a request is held to, without a server."""

import json
from typing import Any

import pytest

from infra.local.bedrock.catalogue import resolve
from infra.local.bedrock.conversation import read_conversation
from infra.local.bedrock.errors import ServiceError

NEWEST = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
OLDEST = "anthropic.claude-3-5-sonnet-20240620-v1:0"
ASK = {"messages": [{"role": "user", "content": [{"text": "Review this."}]}]}
TOOL = {"toolSpec": {"name": "answer", "inputSchema": {"json": {"type": "object"}}}}


def thinking(budget: int) -> dict[str, Any]:
    return {"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": budget}}}


def schema(document: Any) -> dict[str, Any]:
    text = document if isinstance(document, str) else json.dumps(document)
    structure = {"jsonSchema": {"schema": text, "name": "answer"}}
    return {"outputConfig": {"textFormat": {"type": "json_schema", "structure": structure}}}


def refusal(body: dict[str, Any], *, model: str = NEWEST) -> str:
    with pytest.raises(ServiceError) as caught:
        read_conversation(resolve(model), body)
    assert caught.value.code == "ValidationException"
    return caught.value.message


def test_a_plain_question_is_read() -> None:
    read = read_conversation(resolve(NEWEST), ASK)
    assert read.texts == ("Review this.",)
    assert (read.budget_tokens, read.tool, read.native_schema) == (0, "", False)


def test_thinking_and_a_schema_go_together() -> None:
    body = {**ASK, **thinking(2000), **schema({"type": "object", "additionalProperties": False})}
    read = read_conversation(resolve(NEWEST), body)
    assert (read.budget_tokens, read.native_schema) == (2000, True)


@pytest.mark.parametrize("choice", [{"tool": {"name": "answer"}}, {"any": {}}])
def test_a_forced_tool_is_named(choice: dict[str, Any]) -> None:
    body = {**ASK, "toolConfig": {"tools": [TOOL], "toolChoice": choice}}
    assert read_conversation(resolve(NEWEST), body).tool == "answer"


def test_a_tool_the_model_may_use_is_not_forced() -> None:
    body = {**ASK, **thinking(2000), "toolConfig": {"tools": [TOOL], "toolChoice": {"auto": {}}}}
    assert read_conversation(resolve(NEWEST), body).tool == ""


def test_thinking_rules_out_a_forced_tool() -> None:
    body = {**ASK, **thinking(2000), "toolConfig": {"tools": [TOOL], "toolChoice": {"any": {}}}}
    assert "Thinking may not be enabled when tool_choice forces tool use" in refusal(body)


@pytest.mark.parametrize(
    ("sampling", "budget", "words"),
    [
        ({"maxTokens": 2000}, 2000, "`max_tokens` must be greater than `thinking.budget_tokens`"),
        ({"maxTokens": 4000}, 1023, "greater than or equal to 1024"),
        ({"maxTokens": 4000, "temperature": 0.5}, 2000, "`temperature` may only be set to 1"),
        ({"maxTokens": 4000, "topP": 0.5}, 2000, "`top_p` must be"),
    ],
)
def test_thinking_has_its_limits(sampling: dict[str, Any], budget: int, words: str) -> None:
    assert words in refusal({**ASK, **thinking(budget), "inferenceConfig": sampling})


def test_old_models_do_not_think() -> None:
    assert "thinking" in refusal({**ASK, **thinking(2000)}, model=OLDEST)


def test_an_answer_cannot_be_begun_for_a_thinking_model() -> None:
    begun = [*ASK["messages"], {"role": "assistant", "content": [{"text": "{"}]}]
    assert "begun" in refusal({"messages": begun, **thinking(2000)})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"type": "object"}, "additionalProperties"),
        (
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {"n": {"type": "integer", "minimum": 1}},
            },
            "minimum",
        ),
        (
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {"n": {"type": "array", "items": {"type": "object"}}},
            },
            "additionalProperties",
        ),
        ("{", "not valid JSON"),
        ([1], "must describe an object"),
    ],
)
def test_a_schema_the_service_refuses_is_refused(document: Any, words: str) -> None:
    assert words in refusal({**ASK, **schema(document)})


def test_a_property_may_be_called_minimum() -> None:
    document = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"minimum": {"type": "string"}},
    }
    assert read_conversation(resolve(NEWEST), {**ASK, **schema(document)}).native_schema


def test_old_models_take_no_schema() -> None:
    assert "outputConfig" in refusal(
        {**ASK, **schema({"type": "object", "additionalProperties": False})}, model=OLDEST
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"messages": [{"role": "assistant", "content": [{"text": "x"}]}]},
        {"messages": [{"role": "user", "content": []}]},
        {"messages": [{"role": "user", "content": [{"text": "  "}]}]},
        {"messages": [{"role": "user", "content": ["x"]}]},
        {**ASK, "inferenceConfig": {"maxTokens": 0}},
        {**ASK, "toolConfig": {"tools": [TOOL], "toolChoice": {"tool": {"name": "other"}}}},
        {**ASK, "toolConfig": {"tools": [{"toolSpec": {}}]}},
    ],
)
def test_a_malformed_request_is_a_validation_error(body: dict[str, Any]) -> None:
    assert refusal(body)


@pytest.mark.parametrize(
    ("identifier", "known"),
    [
        (NEWEST, True),
        ("us.anthropic.claude-sonnet-4-6", True),
        (f"arn:aws:bedrock:us-east-2:123456789012:inference-profile/{NEWEST}", True),
        (OLDEST, True),
        ("anthropic.claude-sonnet-4-6", False),
        ("us.anthropic.claude-9", False),
        ("arn:aws:s3:::bucket", False),
    ],
)
def test_identifiers_resolve_as_the_service_does_it(identifier: str, known: bool) -> None:
    if known:
        assert resolve(identifier).id in identifier
    else:
        with pytest.raises(ServiceError):
            resolve(identifier)


def test_a_request_without_a_maximum_reserves_all_the_model_could_answer() -> None:
    assert read_conversation(resolve(NEWEST), ASK).max_tokens == 64_000


def test_more_than_the_model_can_answer_is_refused() -> None:
    words = refusal({**ASK, "inferenceConfig": {"maxTokens": 4097}}, model=OLDEST)
    assert "exceeds the model limit of 4096" in words


def test_a_prompt_over_the_context_window_is_refused() -> None:
    long = [{"role": "user", "content": [{"text": "x" * 800_004}]}]
    assert "prompt is too long: 200001 tokens" in refusal({"messages": long})


def test_thinking_rules_out_top_k() -> None:
    fields = {**thinking(2000)["additionalModelRequestFields"], "top_k": 5}
    assert "`top_k`" in refusal({**ASK, "additionalModelRequestFields": fields})
