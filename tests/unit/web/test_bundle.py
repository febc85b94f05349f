"""The bundle of a real review: its files are what the review holds, for whoever may see it."""

import hashlib
import io
import json
import zipfile

import pytest

from core.documents.model import DocumentKind
from tests.support.web import WebTier, make_web_tier
from tests.support.write_ups import comments_of, write_up

NAMES = {
    "document.docx",
    "reviewed.docx",
    "review.json",
    "findings/open.json",
    "findings/accepted.json",
    "findings/rejected.json",
    "findings.csv",
    "decisions.json",
    "chat.json",
    "activity.json",
    "manifest.json",
}


@pytest.fixture(scope="module")
def review(tmp_path_factory) -> tuple[WebTier, str, bytes]:
    """Of a write-up with one accepted finding and a question; the upload's address and content."""
    web = make_web_tier()
    content = write_up(tmp_path_factory.mktemp("bundle") / "P\u00e4rcel.docx").read_bytes()
    sent = {"document": (io.BytesIO(content), "P\u00e4rcel.docx")}
    address = f"/sessions/{web.client().post('/upload', data=sent).get_json()['session_id']}"
    first = web.client().get(address).get_json()["findings"][0]["id"]
    web.client().put(f"{address}/findings/{first}/decision", json={"decision": "accepted", "note": "Yes."})
    web.client().post("/chat", json={"session_id": address.rpartition("/")[2], "message": "Who decided?"})
    return web, address, content


def unzipped(response) -> dict[str, bytes]:
    assert response.status_code == 200, response.get_json()
    with zipfile.ZipFile(io.BytesIO(response.get_data())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def folders(web: WebTier, address: str) -> set[str]:
    exports = f"{address[1:]}/exports/"
    return {key.removeprefix(exports).split("/")[0] for key in web.store.objects if key.startswith(exports)}


def test_the_zip_has_everything_with_its_checksum(review):
    web, address, content = review
    response = web.client().get(f"{address}/bundle")
    files = unzipped(response)
    manifest = json.loads(files["manifest.json"])

    assert files.keys() == NAMES
    assert response.content_length == len(response.get_data())
    assert "-review.zip" in response.headers["Content-Disposition"]
    assert {line["path"]: line["sha256"] for line in manifest["files"]} == {
        name: hashlib.sha256(body).hexdigest() for name, body in files.items() if name != "manifest.json"
    }
    assert (manifest["document_name"], manifest["made_by"]) == ("P\u00e4rcel.docx", "ann")
    assert json.loads(files["review.json"])["people"] == {"ann": "Ann Archer"}
    assert files["document.docx"] == content
    assert len(comments_of(files["reviewed.docx"])) == 1


def test_it_says_who_decided_what_and_when_and_what_was_asked(review):
    web, address, _ = review
    files = unzipped(web.client().get(f"{address}/bundle"))
    [decision] = json.loads(files["decisions.json"])
    [accepted] = json.loads(files["findings/accepted.json"])
    [turn] = json.loads(files["chat.json"])

    assert (decision["finding_id"], decision["decision"], decision["note"]) == (
        accepted["id"],
        "accepted",
        "Yes.",
    )
    assert decision["decided_by"] == "ann"
    assert decision["decided_at"].startswith("2027-")
    assert turn["question"] == "Who decided?"
    assert "accepted" in [event["deed"] for event in json.loads(files["activity.json"])]


def test_the_stored_bundle_has_the_files_of_the_zip_and_is_in_the_activity_log(review):
    web, address, content = review
    answer = web.client().post(f"{address}/export").get_json()
    prefix = f"{address[1:]}/{answer['folder']}"
    stored = {key.removeprefix(prefix): body for key, body in web.store.objects.items() if prefix in key}

    assert answer["status"] == "done"
    assert stored.keys() == NAMES == {file["path"] for file in answer["files"]}
    assert stored["document.docx"] == content
    assert "exported" in [
        event["deed"] for event in web.client().get(f"{address}/activity").get_json()["events"]
    ]


def test_a_document_that_cannot_be_written_gives_an_answer_and_no_half_zip(review):
    web, address, content = review
    key = f"{address[1:]}/document.docx"
    web.store.objects[key] = b"PK\x03\x04 damaged"
    before = folders(web, address)
    answers = [web.client().get(f"{address}/bundle"), web.client().post(f"{address}/export")]
    web.store.objects[key] = content

    assert [one.get_json()["code"] for one in answers] == ["export/check-failed"] * 2
    assert folders(web, address) == before


def test_deciders_export_a_signed_off_review_and_the_last_three_stay(web):
    session = web.review(kind=DocumentKind.TEXT)
    address = f"/sessions/{session.id}"
    for user, access in (("bob", "view"), ("olga", "decide")):
        web.client().put(f"{address}/shares", json={"user_id": user, "access": access})
    assert web.client().put(f"{address}/sign_off", json={"open": 3}).status_code == 200
    made = []
    for user in ("ann", "olga", "ann", "olga"):
        web.clock.sleep(1)
        made.append(web.client(user).post(f"{address}/export").get_json()["folder"])

    assert web.client("bob").post(f"{address}/export").get_json()["code"] == "review/view-only"
    assert folders(web, address) == {folder.split("/")[1] for folder in made[1:]}


def test_of_a_text_there_is_no_reviewed_document(review):
    web, _, _ = review
    files = unzipped(web.client().get(f"/sessions/{web.review(kind=DocumentKind.TEXT).id}/bundle"))

    assert "document.txt" in files
    assert files.keys() >= NAMES - {"document.docx", "reviewed.docx"}


def test_nobody_else_gets_it(review):
    web, address, _ = review
    bob = web.client("bob")

    assert [bob.get(f"{address}/bundle").status_code, bob.post(f"{address}/export").status_code] == [404, 404]
