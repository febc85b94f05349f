"""POST /sessions/<id>/versions: a real file becomes the next version, decisions and all."""

import io
from dataclasses import replace

import pytest

from core.review.session import Share, SignOff
from tests.support.documents import para, word_file
from tests.support.web import WebTier, make_web_tier

FIRST = (("Impact", "Several sellers complained about it."), ("Actions", "The form will be fixed soon."))


def file_of(path, sections):
    body = "".join(para(name, style="H1") + para(words) for name, words in sections)
    return word_file(path, body).read_bytes()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[WebTier, str, str, dict]:
    """A review with an accepted finding on "soon", and the answer to its next version, which has a new section."""
    web, folder = make_web_tier(), tmp_path_factory.mktemp("versions")
    first = send(web, "/upload", file_of(folder / "a.docx", FIRST))
    address = f"/sessions/{first['session_id']}"
    soon = next(one for one in get(web, address)["findings"] if one["quote"] == "soon")
    decided = {"decision": "accepted", "note": "Ask when."}
    assert web.client().put(f"{address}/findings/{soon['id']}/decision", json=decided).status_code == 200
    put = {"edits": [{"action": "rename", "section_id": "s2", "name": "What is done"}]}
    assert web.client().put(f"{address}/outline", json=put).status_code == 200
    second = (("Summary", "The numbers are TBD so far."), *FIRST)
    return (
        web,
        address,
        f"{address}/versions",
        send(web, f"{address}/versions", file_of(folder / "b.docx", second)),
    )


def send(web, address, content, user="ann"):
    response = web.client(user).post(address, data={"document": (io.BytesIO(content), "Write-up v2.docx")})
    assert response.status_code == 200, response.get_json()
    return response.get_json()


def get(web, address):
    return web.client().get(address).get_json()


def test_the_new_review_has_the_decision_on_the_same_words(made):
    web, _, _, answer = made
    review = get(web, f"/sessions/{answer['session_id']}")
    [soon] = [one for one in review["findings"] if one["quote"] == "soon"]

    assert (soon["decision"], soon["note"], soon["decided_by"]) == ("accepted", "Ask when.", "ann")
    assert soon["found"]
    assert review["counts"]["accepted"] == 1


def test_it_says_what_is_new_and_where_it_came_from(made):
    web, address, _, answer = made
    review = get(web, f"/sessions/{answer['session_id']}")
    version = review["version"]
    quotes = {one["id"]: one["quote"] for one in review["findings"]}

    assert answer["version"] == version
    assert version["of"] == address.rpartition("/")[2]
    assert [quotes[one["finding_id"]] for one in version["carried"]] == ["soon"]
    assert "Several" not in {quotes[one] for one in version["new"]}
    assert "TBD" in {quotes[one] for one in version["new"]}
    names = {one["id"]: one["name"] for one in review["sections"]}
    assert [names[one] for one in version["sections"]["unchanged"]] == ["Impact", "What is done"]
    assert [names[one] for one in version["sections"]["added"]] == ["Summary"]


def test_the_former_review_stays_and_has_no_version_itself(made):
    web, address, _, answer = made
    former = get(web, address)

    assert former["version"] is None
    assert former["counts"]["accepted"] == 1
    [event] = [one for one in get(web, f"{address}/activity")["events"] if one["deed"] == "version_made"]
    assert event["about"]["session_id"] == answer["session_id"]


def test_a_decision_can_be_changed_in_the_new_review_alone(made, tmp_path):
    web, address, versions, _ = made
    answer = send(web, versions, file_of(tmp_path / "c.docx", FIRST))
    own = f"/sessions/{answer['session_id']}"
    [soon] = [one for one in get(web, own)["findings"] if one["quote"] == "soon"]
    changed = web.client().put(
        f"{own}/findings/{soon['id']}/decision", json={"decision": "rejected", "rev": soon["rev"]}
    )

    assert changed.status_code == 200
    assert get(web, own)["counts"]["rejected"] == 1
    assert get(web, address)["counts"]["accepted"] == 1


def test_a_signed_off_review_gets_a_new_version_from_those_who_may_decide(made, tmp_path):
    web, address, versions, _ = made
    session_id = address.rpartition("/")[2]
    reviews = web.app.extensions["services"].reviews
    content = file_of(tmp_path / "d.docx", FIRST)
    reviews.share(session_id, "bob", Share.VIEW)
    reviews.update(session_id, lambda now: replace(now, signed_off=SignOff("ann", now.created_at, 0)))

    def status(user):
        data = {"document": (io.BytesIO(content), "a.docx")}
        return web.client(user).post(versions, data=data).status_code

    assert [status(user) for user in ("ann", "bob", "olga")] == [200, 403, 404]


def test_what_is_no_document_is_refused_and_leaves_nothing(made):
    web, _, versions, _ = made
    before = set(web.store.objects)
    refused = web.client().post(versions, data={"document": (io.BytesIO(b"text"), "a.docx")})
    missing = web.client().post(versions, data={})

    assert (refused.status_code, missing.status_code) == (415, 400)
    assert set(web.store.objects) == before


def test_sections_that_were_merged_stay_merged_in_the_next_version_and_the_one_after(tmp_path):
    web = make_web_tier()
    first = send(web, "/upload", file_of(tmp_path / "a.docx", FIRST))
    address = f"/sessions/{first['session_id']}"
    put = {"edits": [{"action": "merge", "section_id": "s2", "name": "All of it"}]}
    assert web.client().put(f"{address}/outline", json=put).status_code == 200
    longer = (*FIRST, ("Review", "Nobody has checked it."))
    for name in ("b.docx", "c.docx"):
        made = send(web, f"{address}/versions", file_of(tmp_path / name, longer))
        assert made["sections"] == ["All of it", "Review"]
        address = f"/sessions/{made['session_id']}"
