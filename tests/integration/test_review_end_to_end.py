"""A review from upload to download, over HTTP, through real processes and the emulated queues, store and model."""

import uuid

import pytest

from tests.support.operator import ops
from tests.support.review_app import ReviewApp
from tests.support.waiting import wait_until
from tests.support.write_ups import PLACEHOLDER_QUOTE, comments_of, write_up, zip_bomb


@pytest.fixture
def uploaded(live_app: ReviewApp, tmp_path):
    answer = live_app.upload(write_up(tmp_path / "Parcels.docx"))
    assert answer.status == 200, answer.body
    return answer.json


def _review(app: ReviewApp, session_id: str):
    return app.get(f"/sessions/{session_id}").json


def test_an_upload_lists_its_sections_and_has_instant_findings(live_app, uploaded):
    review = _review(live_app, uploaded["session_id"])

    assert uploaded["success"] is True
    assert "Root cause" in uploaded["sections"]
    assert {section["status"] for section in review["sections"]} == {"not_started"}
    placeholder = next(item for item in review["findings"] if item["rule"] == "placeholder")
    assert PLACEHOLDER_QUOTE in placeholder["quote"]
    assert placeholder["provisional"] is True


def test_an_anchor_names_exactly_the_quoted_words(live_app, uploaded):
    session_id = uploaded["session_id"]
    blocks = {
        block["id"]: block["text"] for block in live_app.get(f"/sessions/{session_id}/blocks").json["blocks"]
    }
    anchored = [item for item in _review(live_app, session_id)["findings"] if item["anchor"]]

    assert anchored
    for item in anchored:
        units = blocks[item["anchor"]["block_id"]].encode("utf-16-le")
        words = units[item["anchor"]["start"] * 2 : item["anchor"]["end"] * 2].decode("utf-16-le")
        assert words == item["quote"]


def test_every_section_is_reviewed_and_the_result_is_one_object(live_app, uploaded):
    session_id = uploaded["session_id"]
    task_ids = live_app.review_all(session_id)
    tasks = live_app.wait_ended(task_ids, timeout_s=60)

    assert {task["status"] for task in tasks} == {"completed"}
    stored = live_app.result_object(task_ids[0])
    assert stored["status"] == "SUCCESS"
    assert stored["result"]["brain"] == "rules"
    assert {"feedback", "confidence", "model_used", "model_id", "checked", "usage", "cost_usd"} <= set(
        stored["result"]
    )
    review = _review(live_app, session_id)
    assert {section["status"] for section in review["sections"]} == {"completed"}
    assert len({item["id"] for item in review["findings"]}) == len(review["findings"])
    assert not any(item["provisional"] for item in review["findings"])
    assert live_app.space.keys("outbox/") == []


def test_a_finding_of_rules_and_model_appears_once(live_app, uploaded):
    session_id = uploaded["session_id"]
    live_app.wait_ended(live_app.review_all(session_id), timeout_s=60)

    places = [
        (item["rule"], item["anchor"]["block_id"], item["anchor"]["start"])
        for item in _review(live_app, session_id)["findings"]
        if item["anchor"]
    ]
    assert len(places) == len(set(places))


def test_asking_again_is_the_same_task_and_force_is_a_new_one(live_app, uploaded):
    body = {"session_id": uploaded["session_id"], "section_id": uploaded["section_details"][0]["id"]}
    first = live_app.post("/analyze_section", body).json
    again = live_app.post("/analyze_section", body).json
    live_app.wait_ended([first["task_id"]], timeout_s=60)
    forced = live_app.post("/analyze_section", {**body, "force": True}).json

    assert first["status"] == "queued"
    assert again["task_id"] == first["task_id"]
    assert forced["task_id"] != first["task_id"]
    live_app.wait_ended([forced["task_id"]], timeout_s=60)


def test_decisions_are_kept_and_go_into_the_download(live_app, uploaded):
    session_id = uploaded["session_id"]
    findings = _review(live_app, session_id)["findings"]
    accepted, rejected = [item for item in findings if item["anchor"]][:2]
    for item, verdict in ((accepted, "accepted"), (rejected, "rejected")):
        path = f"/sessions/{session_id}/findings/{item['id']}/decision"
        assert live_app.put(path, {"decision": verdict, "rev": item["rev"]}).status == 200

    review = _review(live_app, session_id)
    assert (review["counts"]["accepted"], review["counts"]["rejected"]) == (1, 1)
    download = live_app.get(f"/sessions/{session_id}/reviewed")
    assert download.status == 200, download.body
    comments = comments_of(download.body)
    assert len(comments) == 1
    assert accepted["description"] in comments[0]


def test_a_stale_decision_meets_the_present_one(live_app, uploaded):
    session_id = uploaded["session_id"]
    item = _review(live_app, session_id)["findings"][0]
    path = f"/sessions/{session_id}/findings/{item['id']}/decision"
    live_app.put(path, {"decision": "accepted", "rev": item["rev"]})
    late = live_app.put(path, {"decision": "rejected", "rev": item["rev"]})

    assert late.status == 412
    assert _review(live_app, session_id)["counts"]["accepted"] == 1


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("empty.docx", b"", 400, "document/empty"),
        ("list.docx", b"name,amount\n", 415, "document/unknown-type"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 415, "document/legacy-doc"),
        ("broken.docx", b"PK\x03\x04" + bytes(64), 422, "document/damaged"),
        ("huge.pdf", b"%PDF-1.7\n" + bytes(26 * 1024 * 1024), 413, "document/too-large"),
    ],
)
def test_what_cannot_be_reviewed_is_refused_and_leaves_nothing(
    live_app, tmp_path, name, content, status, code
):
    before = live_app.space.keys("sessions/")
    path = tmp_path / name
    path.write_bytes(content)
    answer = live_app.upload(path)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.json["next_step"]
    assert live_app.space.keys("sessions/") == before


def test_a_zip_bomb_is_refused(live_app, tmp_path):
    answer = live_app.upload(zip_bomb(tmp_path / "bomb.docx"))

    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_malformed_and_unknown_requests_are_answered_with_problems(live_app):
    unknown = str(uuid.uuid4())
    broken = live_app.send("POST", "/analyze_section", b"{", {"Content-Type": "application/json"})

    assert (broken.status, broken.json["code"]) == (400, "request/malformed")
    assert live_app.get(f"/sessions/{unknown}").json["code"] == "session/not-found"
    assert live_app.get(f"/task_status/{unknown}").status == 404
    assert live_app.statuses([unknown])[0]["status"] == "not_found"
    assert live_app.get("/sessions/..%2f..%2fx").status == 404


def test_a_failing_section_says_why_is_a_dead_letter_and_runs_again(live_app, tmp_path):
    document = write_up(tmp_path / "Parcels.docx", mark="Of a section that fails.")
    session_id = live_app.upload(document).json["session_id"]
    section_id = _review(live_app, session_id)["sections"][1]["id"]
    letters = live_app.space.queue_depth("analysis-dlq")
    live_app.bedrock.configure(faults=[{"code": "InternalServerException", "rate": 1.0}])
    body = {"session_id": session_id, "section_id": section_id}
    task_id = live_app.post("/analyze_section", body).json["task_id"]

    failed = live_app.wait_ended([task_id], timeout_s=60)[0]
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "model/unavailable"
    assert failed["error"]["next_step"]
    # The failure is written before its letter: a kill between the two leaves the rest to the next delivery.
    wait_until(lambda: live_app.space.queue_depth("analysis-dlq") == letters + 1, timeout_s=10)
    assert task_id in ops(live_app.environ, "dlq", "list", "--json").stdout

    live_app.bedrock.configure(faults=[])
    assert live_app.post("/analyze_section", body).json["task_id"] == task_id
    done = live_app.wait_ended([task_id], timeout_s=60)[0]
    assert (done["status"], done["generation"]) == ("completed", 2)
