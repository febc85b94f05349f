"""Refused request bodies: the answer names the field and what it accepts, in plain words."""

import pytest
from pydantic import BaseModel

from core.web.bodies import FindingEdit, GuidanceLine, RequestBody
from core.web.request_json import EXPECTED
from tests.support.web import ANY_ID, problem

INTERNALS = ("pattern", "Value error", "Input should", "String should", "^", "regex", "JSON:")


def fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_every_field_has_its_words() -> None:
    nested = {FindingEdit, GuidanceLine}  # a fault inside is told of the field that holds it
    models = set(RequestBody.__subclasses__()) - nested
    assert set().union(*(fields(model) for model in models)) == EXPECTED.keys()


@pytest.mark.parametrize(
    ("address", "body", "said"),
    [
        ("/analyze_all", {"session_id": "1"}, "session_id: it must be the id of a review."),
        ("/analyze_all", {}, "session_id: it is missing."),
        ("/analyze_all", [], "body: it must be a JSON object."),
        ("/analyze_section", {"session_id": ANY_ID}, "section_id or section_name is needed."),
        ("/analyze_section", {"force": "maybe"}, "force: it must be true or false."),
        (
            "/chat",
            {"session_id": ANY_ID, "message": " ", "finding_id": "1"},
            "message: it must be a text of 1 to 4,000 characters; finding_id: it must be the id of a finding.",
        ),
    ],
)
def test_a_fault_is_told_in_words(web, address, body, said) -> None:
    detail = problem(web.client().post(address, json=body), 400, "request/malformed")["detail"]

    assert detail == said


@pytest.mark.parametrize("text", ["{", "NaN", '{"session_id": "\\ud800"}', ""])
def test_what_is_no_json_is_told_without_a_parsers_words(web, text) -> None:
    response = web.client().post("/analyze_all", data=text, content_type="application/json")

    detail = problem(response, 400, "request/malformed")["detail"]
    assert not [word for word in INTERNALS if word in detail]
