"""/openapi.json tells the truth: real answers fit its schemas, every refusal that the code can make is in it."""

import io
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import core
from core.documents.model import DocumentKind
from core.error_catalogue import CATALOGUE
from core.queueing.results import TaskStatus
from core.web.api.answer import Problem
from core.web.api.refusals import DOCUMENT_REFUSALS
from core.web.api.reviews import ReviewAnswer
from core.web.api.spec import JSON
from core.web.api.statistics import Stats
from core.web.api.table import ROUTES
from core.web.api.uploads import NewVersionAnswer, UploadAnswer
from core.web.openapi import build, error_codes
from tests.support.dead_letters import bury, bury_junk
from tests.support.reviews import a_finding
from tests.support.web import WebTier, make_web_tier

CORE = Path(core.__file__).parent
_CODE = re.compile(r'"([a-z]+/[a-z-]+)"')
_READING = ("documents", "pipeline/intake.py", "web/uploads.py")
_GUIDELINES = ("documents", "review", "web/sent_guidelines.py", "web/guidelines.py")


@pytest.fixture(scope="module")
def description():
    return make_web_tier().client().get("/openapi.json").get_json()


def codes_in(*places):
    files = [
        file
        for place in places
        for file in ([CORE / place] if place.endswith(".py") else (CORE / place).rglob("*.py"))
    ]
    return {code for file in files for code in _CODE.findall(file.read_text())} & CATALOGUE.keys()


def test_every_reference_in_it_leads_somewhere(description):
    schemas = description["components"]["schemas"]
    references = set(re.findall(r"#/components/schemas/(\w+)", str(description)))

    assert references
    assert references <= schemas.keys()


def test_every_operation_has_an_id_of_its_own(description):
    ids = [operation["operationId"] for path in description["paths"].values() for operation in path.values()]

    assert len(ids) == len(set(ids)) == len(ROUTES)


def test_every_error_code_of_it_is_in_the_catalogue_with_its_status(description):
    for path in description["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                for code in response.get("x-codes", []):
                    assert CATALOGUE[code].status == int(status)


def test_every_parameter_of_an_address_is_described_with_its_shape(description):
    for path, operations in description["paths"].items():
        for operation in operations.values():
            described = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
            assert described == set(re.findall(r"{(\w+)}", path))
            assert all(
                item["schema"].get("pattern") for item in operation["parameters"] if item["in"] == "path"
            )


def test_every_refusal_of_a_document_that_the_code_can_make_is_one_of_the_upload():
    made = {code for code in codes_in(*_READING) if code.startswith("document/")}

    assert made
    assert made <= set(DOCUMENT_REFUSALS)
    assert set(DOCUMENT_REFUSALS) <= set(error_codes(next(spec for spec in ROUTES if spec.rule == "/upload")))


def test_every_refusal_of_guidelines_that_the_code_can_make_is_one_of_the_upload():
    made = {code for code in codes_in(*_GUIDELINES) if code.startswith("guidelines/")}

    assert made == {code for code in CATALOGUE if code.startswith("guidelines/")}
    assert made <= set(error_codes(next(spec for spec in ROUTES if spec.rule == "/upload")))


def test_a_form_says_which_of_its_fields_are_needed(description):
    form = description["paths"]["/upload"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]

    assert form["required"] == ["document"]
    assert form["properties"]["guidelines_preference"]["enum"] == ["both", "new_only", "old_only", "none"]
    assert description["paths"]["/me/guidelines"]["put"]["requestBody"]["content"].keys() == {
        "application/json",
        "multipart/form-data",
    }


def test_every_code_that_the_web_tier_raises_is_of_some_operation():
    described = {code for spec in ROUTES for code in error_codes(spec)}
    everywhere = {"request/not-found", "request/method"}

    assert codes_in("web") - everywhere <= described


SESSION = "/sessions/<session:session_id>"
FINDING = f"{SESSION}/findings/<finding:finding_id>"
OWN_FINDING = {
    "block_id": "b4",
    "start": 0,
    "end": 3,
    "type": "important",
    "risk_level": "low",
    "category": "Wording",
    "description": "Which form?",
}


def sample(web: WebTier) -> dict[str, tuple[str, str, dict]]:
    """A real request for each operation that answers JSON: rule -> (method, address, arguments)."""
    session = web.review()
    other, handed = web.review(), web.review()
    text = web.review(kind=DocumentKind.TEXT)
    result = {
        "feedback": [a_finding(session.id).to_dict()],
        "model_used": "M",
        "model_id": "m",
        "brain": "",
        "enhanced": True,
    }
    done = web.task(session, "s1", TaskStatus.SUCCESS, result=result)
    error = {"code": "model/timeout", "detail": "Slow.", "retryable": True, "next_step": "Again."}
    failed = web.task(session, "s2", TaskStatus.FAILURE, error=error)
    own = f"/sessions/{session.id}"
    one = f"{own}/findings/{a_finding(session.id).id}"
    finding = f"{one}/decision"
    added = web.client().post(f"{own}/findings", json=OWN_FINDING).get_json()["id"]
    replied = web.client().post(f"{one}/replies", json={"text": "Why?"}).get_json()["replies"][0]["id"]
    many = {"finding_ids": [a_finding(session.id).id], "decision": "rejected"}
    undo_id = web.client().post(f"{own}/decisions", json=many).get_json()["undo_id"]
    section = {"session_id": other.id, "section_id": "s1"}
    return {
        "GET /sessions": ("GET", "/sessions", {}),
        "GET /sessions/tallies": ("GET", f"/sessions/tallies?ids={session.id}", {}),
        "GET /sessions/<session:session_id>": ("GET", own, {}),
        "PATCH /sessions/<session:session_id>": ("PATCH", own, {"json": {"document_name": "A.docx"}}),
        "GET /sessions/<session:session_id>/blocks": ("GET", f"{own}/blocks", {}),
        "PUT /sessions/<session:session_id>/findings/<finding:finding_id>/decision": (
            "PUT",
            finding,
            {"json": {"decision": "accepted"}},
        ),
        f"POST {SESSION}/decisions": ("POST", f"{own}/decisions", {"json": many}),
        f"POST {SESSION}/decisions/<task:undo_id>/undo": ("POST", f"{own}/decisions/{undo_id}/undo", {}),
        f"POST {SESSION}/findings": ("POST", f"{own}/findings", {"json": OWN_FINDING}),
        f"DELETE {FINDING}": ("DELETE", f"{own}/findings/{added}", {}),
        f"POST {FINDING}/replies": ("POST", f"{one}/replies", {"json": {"text": "See 4.2"}}),
        f"DELETE {FINDING}/replies/<task:reply_id>": ("DELETE", f"{one}/replies/{replied}", {}),
        f"PUT {FINDING}/resolved": ("PUT", f"{one}/resolved", {"json": {"resolved": True}}),
        f"PUT {SESSION}/shares": ("PUT", f"{own}/shares", {"json": {"user_id": "bob", "access": "view"}}),
        f"GET {SESSION}/activity": ("GET", f"{own}/activity", {}),
        f"GET {SESSION}/coverage": ("GET", f"{own}/coverage", {}),
        f"GET {SESSION}/insight": ("GET", f"{own}/insight", {}),
        "GET /insight": ("GET", "/insight", {}),
        "GET /sessions/<session:session_id>/findings.json": ("GET", f"{own}/findings.json", {}),
        "PUT /sessions/<session:session_id>/outline": (
            "PUT",
            f"{own}/outline",
            {"json": {"edits": [{"action": "rename", "section_id": "s1", "name": "Abstract"}]}},
        ),
        "POST /analyze_section": ("POST", "/analyze_section", {"json": section}),
        "POST /sessions/<session:session_id>/export": ("POST", f"/sessions/{text.id}/export", {}),
        f"POST {SESSION}/download-links": ("POST", f"{own}/download-links", {"json": {"what": "bundle"}}),
        "POST /analyze_all": ("POST", "/analyze_all", {"json": {"session_id": other.id}}),
        "GET /task_status/<task:task_id>": ("GET", f"/task_status/{failed.task_id}", {}),
        "GET /task_status": ("GET", f"/task_status?ids={done.task_id},{failed.task_id},x", {}),
        "POST /chat": ("POST", "/chat", {"json": {"session_id": session.id, "message": "Who?"}}),
        "GET /sessions/<session:session_id>/chat": ("GET", f"{own}/chat", {}),
        "POST /cancel_task/<task:task_id>": ("POST", f"/cancel_task/{done.task_id}", {}),
        "POST /sessions/<session:session_id>/cancel": ("POST", f"/sessions/{other.id}/cancel", {}),
        "GET /me": ("GET", "/me", {}),
        "GET /me/guidelines": ("GET", "/me/guidelines", {}),
        "PUT /me/guidelines": ("PUT", "/me/guidelines", {"json": {"text": "- Name an owner."}}),
        "DELETE /me/guidelines": ("DELETE", "/me/guidelines", {}),
        "GET /team/checklists": ("GET", "/team/checklists", {}),
        "PUT /team/checklists": ("PUT", "/team/checklists", {"json": {"default": "postmortem"}}),
        "GET /team/guidance": ("GET", "/team/guidance", {}),
        "GET /team/log": ("GET", "/team/log", {}),
        "PUT /team/guidance": ("PUT", "/team/guidance", {"json": {"rev": 0, "items": [{"text": "Brief."}]}}),
        "GET /stats": ("GET", "/stats", {}),
        "GET /health": ("GET", "/health", {}),
        "GET /ready": ("GET", "/ready", {}),
        f"PUT {SESSION}/sign_off": ("PUT", f"/sessions/{handed.id}/sign_off", {"json": {"open": 3}}),
        f"PUT {SESSION}/owner": ("PUT", f"/sessions/{handed.id}/owner", {"json": {"user_id": "bob"}}),
        "DELETE /sessions/<session:session_id>": ("DELETE", f"/sessions/{other.id}", {}),
    }


def held_to_schema(*, console: bool = False) -> dict[str, type[BaseModel]]:
    """console: the operators' routes, else all others."""
    return {
        f"{spec.method} {spec.rule}": spec.gives
        for spec in ROUTES
        if spec.media == JSON and spec.gives is not None and spec.rule.startswith("/ops/") == console
    }


OF_A_DOCUMENT = (("POST", "versions"), ("GET", "pages"), ("GET", "pages/lines"))
"""Need a real one, and are held to their schemas where there is."""


def test_real_answers_fit_their_schemas():
    web = make_web_tier()
    requests = sample(web)
    of_a_document = {
        "POST /upload",
        *(f"{name} /sessions/<session:session_id>/{of}" for name, of in OF_A_DOCUMENT),
    }
    assert requests.keys() | of_a_document == held_to_schema().keys()

    for name, (method, address, arguments) in requests.items():
        response = web.client("ann").open(address, method=method, **arguments)
        assert response.status_code == 200, (name, response.get_json())
        held_to_schema()[name].model_validate(response.get_json())


def test_the_answers_to_an_upload_and_a_new_version_fit_their_schemas(tmp_path):
    from tests.support.write_ups import write_up

    body, web = write_up(tmp_path / "a.docx").read_bytes(), make_web_tier()
    upload = web.client().post("/upload", data={"document": (io.BytesIO(body), "a.docx")}).get_json()
    address = f"/sessions/{upload['session_id']}/versions"
    version = web.client().post(address, data={"document": (io.BytesIO(body), "b.docx")}).get_json()
    review = web.client().get(f"/sessions/{version['session_id']}").get_json()

    UploadAnswer.model_validate(upload)
    NewVersionAnswer.model_validate(version)
    ReviewAnswer.model_validate(review)


def test_what_an_operator_sees_fits_the_schema_too():
    Stats.model_validate(make_web_tier().client("olga").get("/stats").get_json())


def sample_of_the_console(web: WebTier) -> dict[str, tuple[str, str, dict]]:
    session = web.review()
    record = web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": [], "model_id": "m"})
    web.app.extensions["services"].queueing.index.note(record)
    letter, edited = (bury(web.store, web.clock, number, session_id=session.id) for number in (1, 2))
    bury_junk(web.store)
    api, olga = "/ops/api", web.client("olga")
    chosen = {"action": "replay", "ids": [letter.task_id]}
    run_id = olga.post(f"{api}/letter-runs", json=chosen).get_json()["run_id"]
    slow = web.app.extensions["services"].queueing.letter_runs
    under_way = slow.prepare([letter], operator="olga", reason="")
    slow.start(under_way)
    run = "<run:run_id>"
    one = "<letter:letter_id>"
    why = {"reason": "mended"}
    edit = {**why, "section_id": "s2"}
    return {
        "GET /ops/api/overview": ("GET", f"{api}/overview", {}),
        "GET /ops/api/tasks": ("GET", f"{api}/tasks", {}),
        "GET /ops/api/tasks/<task:task_id>": ("GET", f"{api}/tasks/{letter.task_id}", {}),
        "GET /ops/api/dead-letters": ("GET", f"{api}/dead-letters", {}),
        f"GET /ops/api/dead-letters/{one}": ("GET", f"{api}/dead-letters/{letter.task_id}", {}),
        "POST /ops/api/letter-runs": ("POST", f"{api}/letter-runs", {"json": chosen}),
        f"POST /ops/api/letter-runs/{run}/start": (
            "POST",
            f"{api}/letter-runs/{run_id}/start",
            {"json": why},
        ),
        f"GET /ops/api/letter-runs/{run}": ("GET", f"{api}/letter-runs/{run_id}", {}),
        f"POST /ops/api/letter-runs/{run}/stop": (
            "POST",
            f"{api}/letter-runs/{under_way.run_id}/stop",
            {"json": why},
        ),
        f"POST /ops/api/dead-letters/{one}/edit": (
            "POST",
            f"{api}/dead-letters/{edited.task_id}/edit",
            {"json": edit},
        ),
        "GET /ops/api/audit": ("GET", f"{api}/audit", {}),
    }


def test_what_the_console_answers_fits_its_schemas():
    web = make_web_tier()
    requests = sample_of_the_console(web)
    assert requests.keys() == held_to_schema(console=True).keys()

    for name, (method, address, arguments) in requests.items():
        response = web.client("olga").open(address, method=method, **arguments)
        assert response.status_code == 200, (name, response.get_json())
        held_to_schema(console=True)[name].model_validate(response.get_json())


def test_problems_fit_their_schema():
    Problem.model_validate(make_web_tier().client().get("/nothing").get_json())


def test_the_description_is_built_once():
    assert build() is build()
