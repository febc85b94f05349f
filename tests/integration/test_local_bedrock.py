"""An unmodified boto3 client against the local Bedrock: what AWS answers, in AWS's shapes."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ConnectionError, ReadTimeoutError

from infra.local.bedrock.errors import STATUS
from tests.support.bedrock import LocalBedrock
from tests.support.waiting import wait_until

NEWEST = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
SUCCESSORS = ["us.anthropic.claude-sonnet-4-6", "us.anthropic.claude-haiku-4-5-20251001-v1:0"]
RETIRED = [
    "us.anthropic.claude-sonnet-4-20250514-v1:0",
    "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
]
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"findings": {"type": "array", "items": {"type": "string"}}},
        "required": ["findings"],
        "additionalProperties": False,
    }
)
TOOL = {"toolSpec": {"name": "record", "inputSchema": {"json": {"type": "object"}}}}
DOCUMENT = (
    "<<<document 51ab>>>\n"
    "[b1 heading] Action plan\n"
    "[b2] The team will clear the backlog soon.\n"
    "<<<end 51ab>>>"
)


def ask(bedrock: LocalBedrock, model: str = NEWEST, **more: Any) -> dict[str, Any]:
    content = [{"text": "Review the section."}, {"text": DOCUMENT}]
    request = {"messages": [{"role": "user", "content": content}], "inferenceConfig": {"maxTokens": 3500}}
    answer: dict[str, Any] = bedrock.client().converse(**{"modelId": model, **request, **more})
    return answer


def refused(bedrock: LocalBedrock, model: str = NEWEST, **more: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        ask(bedrock, model, **more)
    response: dict[str, Any] = caught.value.response
    return response


def thinking(budget: int = 2000) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


def schema(text: str = SCHEMA) -> dict[str, Any]:
    structure = {"jsonSchema": {"schema": text, "name": "review"}}
    return {"textFormat": {"type": "json_schema", "structure": structure}}


def test_a_schema_with_thinking_gives_reasoning_first_then_json(bedrock: LocalBedrock) -> None:
    answer = ask(bedrock, outputConfig=schema(), additionalModelRequestFields=thinking())
    first, second = answer["output"]["message"]["content"]
    assert first["reasoningContent"]["reasoningText"]["signature"]
    assert set(json.loads(second["text"])) == {"findings", "checked"}
    assert answer["stopReason"] == "end_turn"
    assert answer["additionalModelResponseFields"] == {"brain": "rules"}


def test_a_forced_tool_is_called(bedrock: LocalBedrock) -> None:
    answer = ask(bedrock, toolConfig={"tools": [TOOL], "toolChoice": {"tool": {"name": "record"}}})
    (block,) = answer["output"]["message"]["content"]
    assert block["toolUse"]["name"] == "record"
    assert set(block["toolUse"]["input"]) == {"findings", "checked"}
    assert answer["stopReason"] == "tool_use"


def test_plain_text_is_answered_with_text(bedrock: LocalBedrock) -> None:
    messages = [{"role": "user", "content": [{"text": "Good morning."}]}]
    answer = ask(bedrock, messages=messages)
    assert "not a model" in answer["output"]["message"]["content"][0]["text"]


def test_usage_and_latency_are_reported(bedrock: LocalBedrock) -> None:
    bedrock.configure(latency={"min_s": 0.15, "max_s": 0.15})
    answer = ask(bedrock)
    usage = answer["usage"]
    assert usage["inputTokens"] > 20
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
    assert 150 <= answer["metrics"]["latencyMs"] < 1500
    assert answer["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize("code", sorted(set(STATUS) - {"ServiceQuotaExceededException"}))
def test_every_error_comes_as_the_service_sends_it(bedrock: LocalBedrock, code: str) -> None:
    bedrock.configure(faults=[{"code": code}])
    response = refused(bedrock)
    assert response["Error"]["Code"] == code
    assert response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == STATUS[code]
    assert response["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize("model", RETIRED)
def test_models_past_their_end_of_life_are_not_found(bedrock: LocalBedrock, model: str) -> None:
    error = refused(bedrock, model)["Error"]
    assert error["Code"] == "ResourceNotFoundException"
    assert "reached the end of its life" in error["Message"]


@pytest.mark.parametrize("model", [NEWEST, *SUCCESSORS])
def test_present_models_answer(bedrock: LocalBedrock, model: str) -> None:
    assert ask(bedrock, model)["stopReason"] == "end_turn"


def test_the_end_of_a_models_life_can_be_scripted(bedrock: LocalBedrock) -> None:
    bedrock.configure(eol=[NEWEST])
    assert refused(bedrock)["Error"]["Code"] == "ResourceNotFoundException"
    assert ask(bedrock, RETIRED[0])["stopReason"] == "end_turn"


@pytest.mark.parametrize(
    "model", ["us.anthropic.claude-sonnet-9-v1:0", "gpt", "arn:aws:bedrock:us-east-2:1:x/y"]
)
def test_an_unknown_model_is_a_validation_error(bedrock: LocalBedrock, model: str) -> None:
    response = refused(bedrock, model)
    assert response["Error"]["Code"] == "ValidationException"
    assert response["Error"]["Message"] == "The provided model identifier is invalid."
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_profiles_arn_is_decoded_from_the_path(bedrock: LocalBedrock) -> None:
    arn = f"arn:aws:bedrock:us-east-2:123456789012:inference-profile/{NEWEST}"
    assert ask(bedrock, arn)["stopReason"] == "end_turn"
    assert arn in bedrock.stats()["models"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {
                "toolConfig": {"tools": [TOOL], "toolChoice": {"any": {}}},
                "additionalModelRequestFields": thinking(),
            },
            "Thinking may not be enabled when tool_choice forces tool use",
        ),
        (
            {
                "inferenceConfig": {"maxTokens": 3500, "temperature": 0.0},
                "additionalModelRequestFields": thinking(),
            },
            "`temperature` may only be set to 1",
        ),
        (
            {"inferenceConfig": {"maxTokens": 2000}, "additionalModelRequestFields": thinking(2000)},
            "`max_tokens` must be greater than `thinking.budget_tokens`",
        ),
        ({"additionalModelRequestFields": thinking(1000)}, "greater than or equal to 1024"),
        ({"outputConfig": schema('{"type": "object"}')}, "additionalProperties"),
    ],
    ids=[
        "thinking with a forced tool",
        "temperature",
        "budget over maxTokens",
        "small budget",
        "open schema",
    ],
)
def test_what_the_model_does_not_allow_is_refused(
    bedrock: LocalBedrock, more: dict[str, Any], words: str
) -> None:
    response = refused(bedrock, **more)
    assert response["Error"]["Code"] == "ValidationException"
    assert words in response["Error"]["Message"]


def test_scripted_answers_are_given_in_turn(bedrock: LocalBedrock) -> None:
    bedrock.configure(
        answers=[{"content": {"findings": ["a"]}, "thinking": "Because."}, {"content": "{broken"}]
    )
    first = ask(bedrock, outputConfig=schema(), additionalModelRequestFields=thinking())
    assert first["output"]["message"]["content"][1]["text"] == '{"findings":["a"]}'
    assert first["additionalModelResponseFields"] == {"brain": "scripted"}
    assert ask(bedrock)["output"]["message"]["content"][0]["text"] == "{broken"
    assert ask(bedrock)["additionalModelResponseFields"] == {"brain": "rules"}


def test_a_reset_connection_is_a_connection_error(bedrock: LocalBedrock) -> None:
    bedrock.configure(faults=[{"code": "ConnectionReset", "count": 1}])
    with pytest.raises((ConnectionError, ConnectionClosedError)):
        ask(bedrock)
    assert ask(bedrock)["stopReason"] == "end_turn"


def test_a_hanging_call_ends_by_the_clients_own_timeout(bedrock: LocalBedrock) -> None:
    bedrock.configure(faults=[{"code": "Hang", "count": 1}])
    with pytest.raises(ReadTimeoutError):
        bedrock.client(read_timeout_s=0.3).converse(
            modelId=NEWEST, messages=[{"role": "user", "content": [{"text": "Anybody?"}]}]
        )
    assert ask(bedrock)["stopReason"] == "end_turn"


def test_a_fault_of_one_model_leaves_the_others_alone(bedrock: LocalBedrock) -> None:
    bedrock.configure(faults=[{"code": "ThrottlingException", "model": NEWEST}])
    assert refused(bedrock)["Error"]["Code"] == "ThrottlingException"
    assert ask(bedrock, SUCCESSORS[0])["stopReason"] == "end_turn"


def test_statistics_say_what_arrived_and_how_much_at_once(bedrock: LocalBedrock) -> None:
    bedrock.configure(latency={"min_s": 30.0, "max_s": 30.0})
    client = bedrock.client(read_timeout_s=60)
    messages = [{"role": "user", "content": [{"text": "Hello."}]}]
    for _ in range(3):
        threading.Thread(target=_ignore_end, args=(client, messages), daemon=True).start()
    wait_until(lambda: bedrock.stats()["running"] == 3, timeout_s=10)
    bedrock.configure(latency={"min_s": 0.0, "max_s": 0.0})
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: ask(bedrock), range(2)))
    refused(bedrock, RETIRED[0])
    counted = bedrock.stats()["models"][NEWEST]
    assert (counted["calls"], counted["ok"], len(counted["stamps"])) == (5, 2, 5)
    assert counted["max_concurrent"] >= 4
    assert bedrock.stats()["models"][RETIRED[0]]["errors"] == {"ResourceNotFoundException": 1}


def _ignore_end(client: Any, messages: list[Any]) -> None:
    try:
        client.converse(modelId=NEWEST, messages=messages)
    except (ClientError, ConnectionError, ConnectionClosedError, ReadTimeoutError):
        return
