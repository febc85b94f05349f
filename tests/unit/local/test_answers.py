"""What the brains say, and how Converse wraps it."""

import json
from dataclasses import replace
from typing import Any

from infra.local.bedrock.answer import converse_answer
from infra.local.bedrock.brains import BrainAnswer, ScriptedBrain
from infra.local.bedrock.catalogue import resolve
from infra.local.bedrock.conversation import Conversation
from infra.local.bedrock.prompt_cache import CacheUse
from infra.local.bedrock.rules_brain import RulesBrain, document_lines

MODEL = resolve("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
DOCUMENT = (
    "<<<document 9f3a>>>\n"
    "[b1 heading] Action plan\n"
    "[b2] The backlog will be cleared soon by the team.\n"
    "<<<end 9f3a>>>"
)
ASKED = Conversation(
    MODEL,
    ("Review.", DOCUMENT),
    100,
    max_tokens=3500,
    schema={"type": "object", "properties": {"findings": {}}},
)


def wrapped(conversation: Conversation, given: BrainAnswer) -> dict[str, Any]:
    return converse_answer(conversation, given, brain="scripted", cache=CacheUse(), latency_s=0.25)


def test_thinking_is_the_first_block_and_signed() -> None:
    asked = replace(ASKED, budget_tokens=2000)
    content = wrapped(asked, BrainAnswer({"a": 1}, thinking="Hm."))["output"]["message"]["content"]
    assert content[0]["reasoningContent"]["reasoningText"]["text"] == "Hm."
    assert content[0]["reasoningContent"]["reasoningText"]["signature"]
    assert content[1] == {"text": '{"a":1}'}


def test_thinking_that_was_not_asked_for_stays_out() -> None:
    content = wrapped(ASKED, BrainAnswer({"a": 1}, thinking="Hm."))["output"]["message"]["content"]
    assert content == [{"text": '{"a":1}'}]


def test_a_forced_tool_is_used() -> None:
    answer = wrapped(replace(ASKED, tool="answer", schema={}), BrainAnswer({"a": 1}))
    used = answer["output"]["message"]["content"][0]["toolUse"]
    assert (used["name"], used["input"], answer["stopReason"]) == ("answer", {"a": 1}, "tool_use")


def test_an_answer_over_max_tokens_is_cut_off_and_says_so() -> None:
    answer = wrapped(replace(ASKED, max_tokens=5), BrainAnswer("x" * 100))
    assert answer["stopReason"] == "max_tokens"
    assert answer["output"]["message"]["content"] == [{"text": "x" * 20}]
    assert answer["usage"]["outputTokens"] == 5


def test_usage_adds_up_and_the_brain_is_named() -> None:
    answer = wrapped(ASKED, BrainAnswer("x" * 40))
    assert answer["usage"]["totalTokens"] == answer["usage"]["inputTokens"] + 10
    assert answer["additionalModelResponseFields"] == {"brain": "scripted"}
    assert answer["metrics"] == {"latencyMs": 250}


def test_the_document_is_what_stands_between_matching_delimiters() -> None:
    assert document_lines(["Rules.", DOCUMENT]) == [
        "[b1 heading] Action plan",
        "[b2] The backlog will be cleared soon by the team.",
    ]


def test_delimiters_inside_the_document_do_not_end_it() -> None:
    text = "<<<document aa>>>\n[b1] <<<end bb>>>\n[b2] more\n<<<end aa>>>"
    assert document_lines([text]) == ["[b1] <<<end bb>>>", "[b2] more"]


def test_without_exactly_one_document_there_is_none() -> None:
    assert document_lines(["Only a question."]) is None
    assert document_lines([DOCUMENT, DOCUMENT]) is None


def test_rules_find_what_is_vague_and_quote_it() -> None:
    content = RulesBrain().answer(ASKED).content
    assert isinstance(content, dict)
    assert any(finding["quote"] in DOCUMENT and finding["rule"] for finding in content["findings"])
    found = {number for finding in content["findings"] for number in finding["hawkeye_refs"]}
    assert {item["point"] for item in content["checked"] if item["outcome"] == "found"} == found


def test_rules_say_that_no_model_thought() -> None:
    assert "No model" in RulesBrain().answer(replace(ASKED, budget_tokens=2000)).thinking


def test_rules_leave_out_what_has_no_room() -> None:
    lines = "\n".join(f"[b{number}] Team {number} will close case {number} soon." for number in range(1, 41))
    asked = replace(ASKED, texts=(f"<<<document 9f>>>\n{lines}\n<<<end 9f>>>",))
    whole = RulesBrain().answer(replace(asked, max_tokens=100_000)).content
    little = RulesBrain().answer(replace(asked, max_tokens=1500)).content
    assert isinstance(whole, dict)
    assert isinstance(little, dict)
    assert 0 < len(little["findings"]) < len(whole["findings"])
    assert len(json.dumps(little, separators=(",", ":"), ensure_ascii=False)) <= 1500 * 4


def test_rules_have_nothing_to_say_to_a_question() -> None:
    asked = replace(ASKED, texts=("What is this?",), schema={})
    assert "not a model" in str(RulesBrain().answer(asked).content)


def test_scripted_answers_come_in_turn_and_for_their_model() -> None:
    brain = ScriptedBrain()
    brain.load([{"content": "for another", "model": "us.anthropic.claude-sonnet-4-6"}, {"content": "first"}])
    given = brain.answer(ASKED)
    assert given is not None
    assert given.content == "first"
    assert brain.answer(ASKED) is None
