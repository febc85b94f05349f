"""Guidelines and texts without a document, through real processes and the local Bedrock."""

import json

from tests.support.guidelines import LONG
from tests.support.operator import ops
from tests.support.review_app import ReviewApp
from tests.support.write_ups import write_up

SHORT = "# Style\n- State the loss in dollars.\n- Name the source of every figure.\n"


def _upload(app: ReviewApp, tmp_path, text, *, sections=6):
    guidelines = tmp_path / "style.md"
    guidelines.write_text(text)
    document = write_up(tmp_path / "Parcels.docx", sections=sections)
    answer = app.upload(document, guidelines=guidelines, guidelines_preference="new_only")
    assert answer.status == 200, answer.body
    return answer.json


def _prompt(app: ReviewApp, session_id: str, section_id: str):
    said = ops(app.environ, "prompt", "show", session_id, section_id, "--json")
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_guidelines_are_read_kept_and_in_the_prompt(app: ReviewApp, tmp_path):
    uploaded = _upload(app, tmp_path, SHORT)
    assert uploaded["guidelines"] == ["style.md"]
    [source] = app.get("/me/guidelines").json["guidelines"]["sources"]
    assert source["lines"] == [
        "# Style",
        "- State the loss in dollars.",
        "- Name the source of every figure.",
    ]

    shown = _prompt(app, uploaded["session_id"], "s2")
    assert shown["guidelines"]["state"] == "verbatim"
    assert "- State the loss in dollars." in shown["requests"][0]["system"][2]

    again = app.upload(write_up(tmp_path / "Again.docx"), guidelines_preference="old_only").json
    body = {"session_id": again["session_id"], "section_id": "s2"}
    task = app.wait_ended([app.post("/analyze_section", body).json["task_id"]], timeout_s=60)[0]
    assert task["result"]["guidelines"]["names"] == ["style.md"]
    assert task["result"]["guidelines"]["condensed"] is False


def test_long_guidelines_are_condensed_once_for_all_sections(app: ReviewApp, tmp_path):
    uploaded = _upload(app, tmp_path, "\n\n".join(LONG), sections=12)
    session_id = uploaded["session_id"]
    sections = uploaded["total_sections"]
    assert sections >= 12
    before = _prompt(app, session_id, "s2")
    assert before["guidelines"]["state"] == "to-be-condensed"

    tasks = app.wait_ended(app.review_all(session_id), timeout_s=100)

    assert {task["status"] for task in tasks} == {"completed"}
    whole = 1  # the pass over the document
    assert app.bedrock.stats()["ok"] == sections + whole + len(before["first"]) == sections + 2
    assert {task["result"]["guidelines"]["lines"] for task in tasks} == {30}
    assert len(app.space.keys("guidelines-condensed/")) == 1
    after = _prompt(app, session_id, "s2")
    assert after["guidelines"]["state"] == "condensed"
    assert "case 30 in dollars" in after["requests"][0]["system"][2]
    assert "after the meeting of group" not in after["requests"][0]["system"][2]


def test_a_model_that_fails_while_condensing_is_tried_again_like_any_other(app: ReviewApp, tmp_path):
    uploaded = _upload(app, tmp_path, "\n\n".join([*LONG, "Nobody has condensed these yet."]))
    app.bedrock.configure(faults=[{"code": "InternalServerException", "count": 1}])
    body = {"session_id": uploaded["session_id"], "section_id": "s2"}
    task_id = app.post("/analyze_section", body).json["task_id"]

    task = app.wait_ended([task_id], timeout_s=60)[0]
    assert task["status"] == "completed"
    assert task["result"]["guidelines"]["condensed"] is True


def test_guidelines_that_cannot_be_read_are_refused_by_name(app: ReviewApp, tmp_path):
    broken = tmp_path / "style.docx"
    broken.write_bytes(b"PK\x03\x04" + bytes(64))
    before = app.space.keys("sessions/")
    answer = app.upload(write_up(tmp_path / "Parcels.docx"), guidelines=broken)

    assert (answer.status, answer.json["code"]) == (422, "guidelines/unreadable")
    assert answer.json["detail"].startswith("style.docx: ")
    assert app.space.keys("sessions/") == before


def test_a_text_is_reviewed_without_a_document(app: ReviewApp):
    text = "Many sellers were affected by the outage.\n\nThe form will be fixed soon (TBD)."
    asked = app.post("/analyze_section", {"section_name": "Impact", "content": text}).json
    assert asked["success"] is True
    task = app.wait_ended([asked["task_id"]], timeout_s=60)[0]

    assert task["status"] == "completed"
    assert "placeholder" in {item["rule"] for item in task["result"]["feedback"]}
    session_id = asked["session_id"]
    assert session_id in [one["session_id"] for one in app.get("/sessions").json["sessions"]]
    review = app.get(f"/sessions/{session_id}").json
    assert (review["kind"], len(review["sections"])) == ("text", 1)
    blocks = {item["id"]: item["text"] for item in app.get(f"/sessions/{session_id}/blocks").json["blocks"]}
    for item in review["findings"]:
        anchor = item["anchor"]
        assert anchor is None or blocks[anchor["block_id"]][anchor["start"] : anchor["end"]] == item["quote"]
    assert app.get(f"/sessions/{session_id}/reviewed").json["code"] == "export/not-word"
