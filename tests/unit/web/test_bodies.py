"""Refused request bodies: the answer names the field and what it accepts, in plain words."""

import pytest
from pydantic import BaseModel

from core.web.api.table import ROUTES
from core.web.bodies import FindingEdit, GuidanceLine, RequestBody
from core.web.request_json import EXPECTED
from tests.support.web import ANY_ID, problem

JUNK = (
    b"null",
    b"[]",
    b"[" * 60_000,
    b'{"a":' * 30_000,
    b"{} {}",
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
    b'{"text": "\xff"}',
    b'{"rev": ' + b"9" * 5_000 + b"}",
    b'{"rev": 1e999, "open": NaN}',
    b'{"text": "\\ud800"}',
    b'{"a": "' + b"x" * 300_000 + b'"}',
)
TAKES_JSON = [spec for spec in ROUTES if spec.body is not None and not spec.multipart]
SHAPES = {
    "session:session_id": ANY_ID,
    "task:task_id": ANY_ID,
    "finding:finding_id": ANY_ID,
    "run:run_id": "0" * 12,
}
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


@pytest.mark.parametrize("spec", TAKES_JSON, ids=lambda spec: f"{spec.method} {spec.rule}")
def test_no_body_of_any_shape_is_more_than_refused(web, spec) -> None:
    address = spec.rule
    for name, value in {**SHAPES, "letter:letter_id": ANY_ID}.items():
        address = address.replace(f"<{name}>", value)
    client = web.client("olga" if address.startswith("/ops") else "ann")

    for body in JUNK:
        web.clock.at += 60
        answer = client.open(address, method=spec.method, data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500, (body[:20], answer.text)
        problem(answer, answer.status_code, answer.get_json()["code"])


@pytest.mark.parametrize(
    "sent", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary="]
)
def test_json_that_says_to_be_something_else_is_refused(web, sent) -> None:
    for spec in TAKES_JSON:
        if "<" not in spec.rule:
            web.clock.at += 60
            client = web.client("olga" if spec.rule.startswith("/ops") else "ann")
            answer = client.open(spec.rule, method=spec.method, data=b"{}", content_type=sent)
            problem(answer, 415, "request/unsupported-media")
