import json
from dataclasses import replace

import boto3
import pytest
from botocore.stub import Stubber

from core.models.converse import converse_request, read_answer
from core.models.exchange import ModelAnswer, ModelRequest, Tried, fingerprint_of
from core.models.model import Model, Prices, StructuredOutput, ThinkingMode, Usage

SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
REQUEST = ModelRequest(
    system=("rules", "checklist"),
    user=("context", "text"),
    schema=SCHEMA,
    schema_name="section_review",
    prompt_version="v1",
    fingerprint="f1",
)


def model(structured=StructuredOutput.NATIVE, *, thinking=False, max_tokens=8192):
    return Model(
        id="vendor.model",
        name="The Model",
        priority=1,
        max_tokens=max_tokens,
        structured_output=structured,
        prices=Prices(3, 15, 0.3, 3.75),
        thinking=ThinkingMode.ENABLED if thinking else ThinkingMode.NONE,
        thinking_budget=2000 if thinking else 0,
    )


def answered(*blocks, **envelope):
    response = {
        "output": {"message": {"role": "assistant", "content": list(blocks)}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120, "cacheReadInputTokens": 7},
        **envelope,
    }
    return read_answer(model(), REQUEST, response=response, latency_s=1.23456, tried=(Tried("old", "Gone"),))


def test_a_native_schema_travels_as_a_string_beside_thinking():
    shaped = converse_request(model(thinking=True), REQUEST)
    schema = shaped["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]
    assert isinstance(schema, str)
    assert json.loads(schema) == SCHEMA
    assert shaped["additionalModelRequestFields"]["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert shaped["inferenceConfig"] == {"maxTokens": 3500}
    assert "toolConfig" not in shaped


def test_without_native_schemas_one_tool_is_forced_and_nothing_thinks():
    shaped = converse_request(model(StructuredOutput.TOOL), REQUEST)
    assert shaped["toolConfig"]["toolChoice"] == {"tool": {"name": "section_review"}}
    assert shaped["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"] == SCHEMA
    assert "additionalModelRequestFields" not in shaped
    assert shaped["inferenceConfig"] == {"maxTokens": 1500}


def test_as_a_last_resort_the_schema_is_said_in_words_after_the_stable_prompt():
    shaped = converse_request(model(StructuredOutput.TEXT), REQUEST)
    assert [block["text"] for block in shaped["system"][:2]] == ["rules", "checklist"]
    assert json.dumps(SCHEMA) in shaped["system"][2]["text"]


@pytest.mark.parametrize("structured", list(StructuredOutput))
def test_botocore_takes_every_shape(structured):
    client = boto3.client(
        "bedrock-runtime", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    response = {
        "output": {"message": {"role": "assistant", "content": [{"text": "{}"}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }
    with Stubber(client) as stub:
        stub.add_response("converse", response)
        client.converse(**converse_request(model(structured), REQUEST))
        stub.assert_no_pending_responses()


def test_thinking_is_kept_apart_from_the_answer():
    answer = answered(
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
        {"reasoningContent": {"redactedContent": b"x"}},
        {"text": '{"findings":'},
        {"text": "[]}"},
    )
    assert (answer.thinking, answer.content) == ("hm", '{"findings":[]}')


def test_a_forced_tools_input_is_the_answer():
    answer = answered({"text": "Here:"}, {"toolUse": {"toolUseId": "1", "name": "x", "input": {"a": "é"}}})
    assert answer.content == '{"a": "é"}'


def test_usage_cost_and_who_answered_are_read():
    answer = answered({"text": "{}"}, additionalModelResponseFields={"brain": "rules"})
    assert answer.usage == Usage(input=100, output=20, cache_read=7)
    assert answer.quota_tokens == 100 + 5 * 20
    assert answer.cost_usd == pytest.approx((100 * 3 + 20 * 15 + 7 * 0.3) / 1e6, abs=1e-6)
    assert (answer.brain, answer.latency_s, answer.fingerprint) == ("rules", 1.235, "f1")


def test_an_answer_without_content_is_empty_and_no_error():
    assert answered().content == ""


@pytest.mark.parametrize(("reason", "cut"), [("max_tokens", True), ("end_turn", False), ("tool_use", False)])
def test_an_answer_that_ran_out_of_room_says_so(reason, cut):
    assert answered({"text": "{"}, stopReason=reason).cut_off is cut


def test_an_answer_survives_being_stored():
    answer = answered({"text": "{}"})
    assert ModelAnswer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer


def test_the_estimate_counts_the_schema_too():
    longer = ModelRequest(**{**REQUEST.__dict__, "schema": {**SCHEMA, "description": "x" * 350}})
    assert longer.input_tokens() - REQUEST.input_tokens() == pytest.approx(100, abs=8)


def test_fingerprints_tell_the_borders_of_their_parts():
    assert fingerprint_of("ab", "c") != fingerprint_of("a", "bc")


@pytest.mark.parametrize(
    ("least", "points"), [(0, 0), (5_000, 0), (1_024, 1)], ids=["no cache", "too short", "long enough"]
)
@pytest.mark.parametrize("structured", list(StructuredOutput))
def test_a_cache_point_ends_the_instructions_where_the_model_keeps_so_much(structured, least, points):
    asked = replace(REQUEST, system=("rules" * 400, "checklist" * 300))
    shaped = converse_request(replace(model(structured), least_cached_tokens=least), asked)
    assert [block for block in shaped["system"] if "cachePoint" in block] == [
        {"cachePoint": {"type": "default"}}
    ] * points
    assert ("cachePoint" in shaped["system"][-1]) is bool(points)
    assert "cachePoint" not in json.dumps(shaped["messages"])
