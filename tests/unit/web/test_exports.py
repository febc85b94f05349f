"""From the upload of a real file to the download with comments, through the real child processes."""

import io

import docx
import pypdf
import pytest

from tests.support.web import WebTier, make_web_tier, problem
from tests.support.write_ups import PLACEHOLDER_QUOTE, comments_of, pdf_write_up, write_up


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory) -> tuple[WebTier, str]:
    web = make_web_tier()
    path = write_up(tmp_path_factory.mktemp("upload") / "Parcel review.docx")
    answer = web.client().post("/upload", data={"document": (io.BytesIO(path.read_bytes()), path.name)})
    assert answer.status_code == 200, answer.get_json()
    return web, answer.get_json()["session_id"]


def decide(uploaded, finding, decision, **more):
    web, session_id = uploaded
    address = f"/sessions/{session_id}/findings/{finding['id']}/decision"
    assert web.client().put(address, json={"decision": decision, **more}).status_code == 200


def finding_on(uploaded, quote):
    web, session_id = uploaded
    findings = web.client().get(f"/sessions/{session_id}").get_json()["findings"]
    return next(one for one in findings if quote in one["quote"])


def test_an_accepted_finding_is_a_comment_in_the_download_and_a_rejected_one_only_when_asked(uploaded):
    web, session_id = uploaded
    decide(uploaded, finding_on(uploaded, PLACEHOLDER_QUOTE), "accepted", note="Ask the author.")
    decide(uploaded, finding_on(uploaded, "soon"), "rejected", reason="Said in 4.2")

    accepted = web.client().get(f"/sessions/{session_id}/reviewed")
    both = web.client().get(f"/sessions/{session_id}/reviewed?rejected=1")

    assert accepted.mimetype.endswith("wordprocessingml.document")
    assert "Parcel review-reviewed.docx" in accepted.headers["Content-Disposition"]
    [comment] = comments_of(accepted.get_data())
    assert "Ask the author." in comment
    assert len(comments_of(both.get_data())) == 2
    assert any(text.startswith("Rejected: Said in 4.2\n") for text in comments_of(both.get_data()))
    [written] = docx.Document(io.BytesIO(accepted.get_data())).comments
    assert (written.author, written.timestamp.year) == ("Ann Archer", 2027)


def test_replies_in_the_download_have_the_names_of_who_wrote_them(uploaded):
    web, session_id = uploaded
    found = finding_on(uploaded, PLACEHOLDER_QUOTE)
    decide(uploaded, found, "accepted")
    share = {"user_id": "bob", "access": "decide"}
    assert web.client().put(f"/sessions/{session_id}/shares", json=share).status_code == 200
    replies = f"/sessions/{session_id}/findings/{found['id']}/replies"
    assert web.client("bob").post(replies, json={"text": "On Monday."}).status_code == 200

    written = docx.Document(io.BytesIO(web.client().get(f"/sessions/{session_id}/reviewed").get_data()))

    assert {one.text: one.author for one in written.comments}["On Monday."] == "Bob Baker"


def test_the_uploaded_document_stays_as_it_was(uploaded):
    web, session_id = uploaded
    before = web.store.objects[f"sessions/{session_id}/document.docx"]

    web.client().get(f"/sessions/{session_id}/reviewed")

    assert web.store.objects[f"sessions/{session_id}/document.docx"] == before


def test_a_document_that_cannot_be_written_hands_out_nothing(uploaded):
    web, session_id = uploaded
    key = f"sessions/{session_id}/document.docx"
    kept, web.store.objects[key] = web.store.objects[key], b"PK\x03\x04 damaged"

    response = web.client().get(f"/sessions/{session_id}/reviewed")

    web.store.objects[key] = kept
    problem(response, 500, "export/check-failed")


def test_a_pdf_comes_back_with_highlights_on_the_accepted_findings(tmp_path):
    web = make_web_tier()
    path = pdf_write_up(tmp_path / "Parcel review.pdf")
    answer = web.client().post("/upload", data={"document": (io.BytesIO(path.read_bytes()), path.name)})
    assert [section["name"] for section in answer.get_json()["section_details"]][2:4] == [
        "Impact",
        "Root cause",
    ]
    review = web, answer.get_json()["session_id"]
    decide(review, finding_on(review, PLACEHOLDER_QUOTE), "accepted", note="Ask the author.")
    decide(review, finding_on(review, "soon"), "rejected", reason="Said in 4.2")

    accepted = web.client().get(f"/sessions/{review[1]}/reviewed")
    both = web.client().get(f"/sessions/{review[1]}/reviewed?rejected=1")

    assert accepted.mimetype == "application/pdf"
    assert "Parcel review-reviewed.pdf" in accepted.headers["Content-Disposition"]
    [(page, highlight)] = highlights_of(accepted.get_data())
    assert page == 3
    assert "Ask the author." in highlight["/Contents"]
    [(first, rejected), (second, _)] = highlights_of(both.get_data())
    assert (first, second) == (1, 3)
    assert rejected["/Contents"].startswith("Rejected: Said in 4.2")
    assert highlight["/T"] == "Ann Archer"


def highlights_of(content):
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return [
        (number, item.get_object())
        for number, page in enumerate(pages, 1)
        for item in page.get("/Annots") or ()
    ]
