"""A text without a document becomes a review of its own, and is asked about at once. The limited child is real."""

import pytest

from core.errors import Throttled
from tests.support.web import problem

TEXT = "Many sellers were affected.\n\nThe form will be fixed soon (TBD)."


def analyse(web, content=TEXT, *, name="Impact", user="ann"):
    return web.client(user).post("/analyze_section", json={"section_name": name, "content": content})


def test_a_text_becomes_a_review_and_its_section_is_queued(web):
    answer = analyse(web).get_json()

    assert (answer["success"], answer["status"], answer["section_id"]) == (True, "queued", "s1")
    [message] = web.queue.sent
    assert message.task_id == answer["task_id"]
    review = web.client().get(f"/sessions/{answer['session_id']}").get_json()
    assert (review["kind"], review["document_name"], review["owner"]) == ("text", "Impact", "ann")
    assert [(section["name"], section["status"]) for section in review["sections"]] == [("Impact", "queued")]
    assert "TBD" in next(item["quote"] for item in review["findings"] if item["rule"] == "placeholder")


def test_it_is_among_the_reviews_of_its_owner_and_of_nobody_else(web):
    session_id = analyse(web).get_json()["session_id"]

    listed = {
        user: [one["session_id"] for one in web.client(user).get("/sessions").get_json()["sessions"]]
        for user in ("ann", "bob")
    }
    assert listed == {"ann": [session_id], "bob": []}
    assert web.client("bob").get(f"/sessions/{session_id}").status_code == 404


def test_the_text_is_kept_as_it_was_sent_and_goes_with_the_review(web):
    session_id = analyse(web).get_json()["session_id"]

    assert web.store.objects[f"sessions/{session_id}/document.text"] == TEXT.encode()
    assert web.client().delete(f"/sessions/{session_id}").status_code == 200
    assert not [key for key in web.store.objects if session_id in key and key.startswith("sessions/")]


def test_there_is_no_word_document_to_download_but_a_table(web):
    session_id = analyse(web).get_json()["session_id"]

    problem(web.client().get(f"/sessions/{session_id}/reviewed"), 409, "export/not-word")
    assert web.client().get(f"/sessions/{session_id}/findings.csv").status_code == 200
    assert web.client().get(f"/review/{session_id}").status_code == 200
    page = web.client().get(f"/review/{session_id}/finish").get_data(as_text=True)
    assert "/reviewed" not in page
    assert "/findings.csv" in page


def test_without_a_name_it_has_one(web):
    answer = web.client().post("/analyze_section", json={"content": TEXT}).get_json()

    review = web.client().get(f"/sessions/{answer['session_id']}").get_json()
    assert review["document_name"] == "Text"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ("", 422, "document/no-text"),
        (" \n ", 422, "document/no-text"),
        ("a\x00b", 415, "document/unknown-type"),
        ("x" * 40_001, 413, "request/too-large"),
        ("x" * 300_000, 413, "request/too-large"),
    ],
)
def test_what_is_no_text_to_review_is_refused_and_nothing_is_stored(web, content, status, code):
    problem(analyse(web, content), status, code)

    assert web.stored == {}
    assert web.queue.sent == []


def test_a_text_that_could_not_be_queued_leaves_nothing(web):
    refuse = Throttled("limits/daily_cost", "Spent.", retry_after_s=60)
    cost = web.app.extensions["services"].submission._cost
    cost.refuse_new_work = lambda: (_ for _ in ()).throw(refuse)

    assert analyse(web).get_json()["code"] == "limits/daily_cost"
    assert web.stored == {}
    assert web.client().get("/sessions").get_json()["sessions"] == []


def test_a_name_may_hold_anything_a_heading_may(web):
    session_id = analyse(web, name="Impact / loss\n\u202eof 2025 " + "x" * 300).get_json()["session_id"]

    name = web.client().get(f"/sessions/{session_id}").get_json()["document_name"]
    assert name.startswith("Impact / loss of 2025 x")
    assert len(name) == 200


def test_a_session_goes_before_content(web):
    session = web.review()
    body = {"session_id": session.id, "section_id": "s1", "content": TEXT}

    assert web.client().post("/analyze_section", json=body).get_json()["session_id"] == session.id
