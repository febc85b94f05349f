"""InvokeModel, CountTokens, identifiers and the control API of the local Bedrock."""

import json
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.bedrock import LocalBedrock

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
BARE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
BODY = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 3000,
    "messages": [{"role": "user", "content": "Good morning."}],
}


@pytest.fixture(scope="module")
def client(bedrock_server: LocalBedrock) -> Iterator[Any]:
    made = bedrock_server.client()
    yield made
    made.close()


def invoked(client: Any, model: str = MODEL, **more: Any) -> dict[str, Any]:
    response = client.invoke_model(modelId=model, body=json.dumps({**BODY, **more}))
    found: dict[str, Any] = json.load(response["body"])
    return found


def test_a_messages_body_is_answered_in_its_own_shape(bedrock: LocalBedrock, client: Any) -> None:
    answer = invoked(client)
    assert (answer["type"], answer["role"], answer["stop_reason"]) == ("message", "assistant", "end_turn")
    assert answer["content"][0]["type"] == "text"
    assert answer["usage"]["input_tokens"] > 0
    assert answer["brain"] == "rules"
    assert bedrock.calls()[-1]["operation"] == "invoke"


def test_thoughts_and_tools_have_anthropics_shape(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(
        answers=[
            {"content": {"a": 1}, "thinking": "Hm.", "tool": "record"},
        ]
    )
    tools = [{"name": "record", "input_schema": {"type": "object"}}]
    thinking = {"type": "enabled", "budget_tokens": 2000}
    answer = invoked(client, tools=tools, tool_choice={"type": "auto"}, thinking=thinking)
    thought, used = answer["content"]
    assert (thought["type"], thought["thinking"], bool(thought["signature"])) == ("thinking", "Hm.", True)
    assert (used["type"], used["name"], used["input"]) == ("tool_use", "record", {"a": 1})
    assert answer["stop_reason"] == "tool_use"


@pytest.mark.parametrize(
    "code", ["ServiceQuotaExceededException", "ThrottlingException", "ModelErrorException"]
)
def test_errors_of_invoke_model_are_the_services(bedrock: LocalBedrock, client: Any, code: str) -> None:
    bedrock.configure(faults=[{"code": code, "operation": "invoke"}])
    with pytest.raises(ClientError) as caught:
        invoked(client)
    assert caught.value.response["Error"]["Code"] == code


def test_what_the_models_own_host_said_is_passed_on(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(faults=[{"code": "ModelErrorException", "original_status": 429}])
    with pytest.raises(ClientError) as caught:
        invoked(client)
    assert caught.value.response["originalStatusCode"] == 429


def test_tokens_are_counted_as_the_call_would_be(bedrock: LocalBedrock, client: Any) -> None:
    messages = [{"role": "user", "content": [{"text": "x" * 4000}]}]
    converse = {"messages": messages, "system": [{"text": "y" * 400}]}
    counted = client.count_tokens(modelId=MODEL, input={"converse": converse})["inputTokens"]
    used = client.converse(modelId=MODEL, **converse)["usage"]["inputTokens"]
    assert counted == used == 1100


def test_tokens_of_a_messages_body_are_counted(bedrock: LocalBedrock, client: Any) -> None:
    body = {**BODY, "messages": [{"role": "user", "content": "x" * 4000}]}
    counted = client.count_tokens(modelId=MODEL, input={"invokeModel": {"body": json.dumps(body)}})
    assert counted["inputTokens"] == 1000


def test_counting_tokens_takes_nothing_of_the_quota(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(quotas={"each": {"rpm": 1, "tpm": 1}})
    request = {"converse": {"messages": [{"role": "user", "content": [{"text": "Hello."}]}]}}
    for _ in range(3):
        assert client.count_tokens(modelId=MODEL, input=request)["inputTokens"] == 2
    assert (bedrock.stats()["calls"], bedrock.stats()["count_tokens"]) == (0, 3)


@pytest.mark.parametrize(
    "identifier",
    [
        MODEL,
        BARE,
        f"arn:aws:bedrock:us-east-2:123456789012:inference-profile/{MODEL}",
        f"arn:aws:bedrock:us-east-2::foundation-model/{BARE}",
        f"arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.{MODEL[3:]}",
    ],
)
def test_ids_and_arns_name_the_same_model(bedrock: LocalBedrock, client: Any, identifier: str) -> None:
    bedrock.configure(eol=[], quotas={"models": {MODEL: {"rpm": 1}, BARE: {"rpm": 1}}})
    messages = [{"role": "user", "content": [{"text": "Hello."}]}]
    assert client.converse(modelId=identifier, messages=messages)["stopReason"] == "end_turn"
    with pytest.raises(ClientError) as caught:
        client.converse(modelId=BARE if BARE in identifier else MODEL, messages=messages)
    assert caught.value.response["Error"]["Code"] == "ThrottlingException"


def test_a_model_without_on_demand_throughput_needs_its_profile(bedrock: LocalBedrock, client: Any) -> None:
    arn = f"arn:aws:bedrock:us-east-2::foundation-model/{MODEL[3:]}"
    with pytest.raises(ClientError) as caught:
        client.converse(modelId=arn, messages=[{"role": "user", "content": [{"text": "Hello."}]}])
    assert "on-demand throughput" in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    "settings",
    [
        {"colour": "red"},
        {"latency": {"fixed_s": -1}},
        {"faults": [{"code": "Nonsense"}]},
        {"quotas": {"each": {"rps": 1}}},
        {"answers": [{"text": "no content"}]},
        {"llm": {"url": "ftp://x", "model": "m"}},
        {"eol": 5},
    ],
)
def test_a_configuration_that_is_none_changes_nothing(
    bedrock: LocalBedrock, client: Any, settings: dict[str, Any]
) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        bedrock.configure(eol=[MODEL], **settings) if "eol" not in settings else bedrock.configure(**settings)
    assert caught.value.code == 400
    caught.value.close()
    messages = [{"role": "user", "content": [{"text": "Hello."}]}]
    assert client.converse(modelId=MODEL, messages=messages)["stopReason"] == "end_turn"


def test_a_reset_forgets_quotas_faults_and_calls(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(quotas={"each": {"rpm": 0}}, faults=[{"code": "InternalServerException"}])
    with pytest.raises(ClientError):
        invoked(client)
    bedrock.reset()
    assert (bedrock.stats()["calls"], bedrock.calls()) == (0, [])
    assert invoked(client)["brain"] == "rules"


CITATION = {
    "type": "object",
    "properties": {"block_id": {"type": "string"}, "quote": {"type": "string"}},
    "required": ["block_id", "quote"],
    "additionalProperties": False,
}
CHAT = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "citations": {"type": "array", "items": CITATION}},
    "required": ["answer", "citations"],
    "additionalProperties": False,
}


def test_a_question_about_a_document_is_answered_with_its_passages(
    bedrock: LocalBedrock, client: Any
) -> None:
    document = "<<<document a1>>>\n[b1] It rains.\n[b2] Anna owns the remediation.\n<<<end a1>>>"
    question = "<<<question a1>>>\nWho owns the remediation?\n<<<end a1>>>"
    structure = {"jsonSchema": {"schema": json.dumps(CHAT), "name": "chat"}}
    answer = client.converse(
        modelId=MODEL,
        messages=[{"role": "user", "content": [{"text": document}, {"text": question}]}],
        outputConfig={"textFormat": {"type": "json_schema", "structure": structure}},
    )
    given = json.loads(answer["output"]["message"]["content"][0]["text"])
    assert given["answer"].startswith("No model is configured")
    assert given["citations"] == [{"block_id": "b2", "quote": "Anna owns the remediation."}]
