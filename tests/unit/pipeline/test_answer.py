import json

import pytest

from core.errors import Transient
from core.pipeline.answer import Outcome, answer_schema, parse_answer
from tests.unit.pipeline.builders import content, said

GOOD = content(said(), checked={1: "found", 2: "nothing"})


def nodes(node):
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from nodes(child)


def test_the_schema_keeps_to_what_native_structured_output_takes():
    for node in nodes(answer_schema()):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert set(node["required"]) == set(node["properties"])
        if isinstance(node.get("type"), str):
            assert not {"minimum", "maximum", "minLength", "maxLength", "default"} & set(node)


def test_changing_a_given_out_schema_changes_no_other():
    answer_schema()["properties"].clear()
    assert answer_schema()["properties"]


def test_an_answer_in_the_schema_is_read():
    answer = parse_answer(GOOD)
    assert answer.findings[0].quote == "Many sellers"
    assert [point.outcome for point in answer.checked] == [Outcome.FOUND, Outcome.NOTHING]


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{GOOD}\n```",
        f"Here is my review:\n{GOOD}",
        GOOD[:-1] + ",}",
        GOOD.replace('"important"', '"IMPORTANT"'),
        GOOD.replace("0.8", "80"),
        GOOD.replace('"rule": ""', '"rule": null'),
    ],
    ids=["fence", "chat before", "trailing comma", "capitals", "percent", "null"],
)
def test_small_slips_of_form_are_repaired_without_changing_what_was_said(text):
    assert parse_answer(text) == parse_answer(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot help with that.",
        "[]",
        "{}",
        '{"findings": "none"}',
        content(said(type="terrible")),
        content(said(confidence=400)),
        content({"quote": "only"}),
    ],
)
def test_an_answer_without_the_form_is_an_error_and_never_a_guess(text):
    with pytest.raises(Transient) as error:
        parse_answer(text)
    assert error.value.code == "model/invalid-answer"


def test_the_error_does_not_repeat_document_text():
    with pytest.raises(Transient) as error:
        parse_answer(json.dumps({"findings": [{"quote": "secret words"}]}))
    assert "secret" not in str(error.value)
