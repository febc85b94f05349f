import csv
import io
import json

import pytest

from core.aws.object_store import MemoryObjectStore
from core.queueing.keys import result_key
from core.queueing.results import TaskStatus
from core.review.session import DOCUMENT_SECTION
from core.web.downloads import content_disposition, stem
from core.web.findings_csv import inert
from tests.support.reviews import a_finding
from tests.support.web import make_web_tier, problem


def decide(web, session, quote="Many", user="ann", **body):
    address = f"/sessions/{session.id}/findings/{a_finding(session.id, quote).id}/decision"
    return web.client(user).put(address, json=body)


def findings(web, session):
    return web.client().get(f"/sessions/{session.id}").get_json()["findings"]


def test_a_review_can_be_opened_again_with_everything_in_it(web):
    session = web.review()

    body = web.client().get(f"/sessions/{session.id}").get_json()

    assert body["document_name"] == "Write-up.docx"
    assert [one["name"] for one in body["sections"]] == ["Summary", "Actions"]
    assert len(body["checklist"]["points"]) == 20
    assert body["retention_days"] == 365
    assert body["where_text_goes"] == "Text is sent to models on Amazon Bedrock in us-east-2."


class Renewals(MemoryObjectStore):
    """Remembers what was written anew."""

    def __init__(self):
        super().__init__()
        self.renewed = set()

    def renew(self, key):
        self.renewed.add(key)
        super().renew(key)


@pytest.mark.parametrize("address", ["/review/{}", "/sessions/{}"])
def test_a_review_that_is_opened_is_kept_from_then_on_by_those_who_may_read_it(address):
    web = make_web_tier(store=Renewals())
    session = web.review()
    task = web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": []})
    web.clock.at += 30 * 86_400

    web.client("eve").get(address.format(session.id))
    assert web.store.renewed == set()
    web.client().get(address.format(session.id))
    names = ("document.docx", "blocks.json", "rules.json", "session.json")
    parts = {f"sessions/{session.id}/{name}" for name in names}
    assert {*parts, result_key(task.task_id)} < web.store.renewed


def test_the_list_says_how_far_each_review_is(web):
    session = web.review()
    web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": []})
    web.task(session, "s2", TaskStatus.STARTED)

    [listed] = web.client().get("/sessions").get_json()["sessions"]

    assert {name: listed[name] for name in ("total_sections", "completed", "failed", "active")} == {
        "total_sections": 2,
        "completed": 1,
        "failed": 0,
        "active": 1,
    }


def test_the_list_counts_the_pass_over_the_whole_document_too(web):
    session = web.review()
    before = web.client().get("/sessions").get_json()["sessions"][0]["document_pass"]
    web.task(session, DOCUMENT_SECTION, TaskStatus.STARTED)

    [listed] = web.client().get("/sessions").get_json()["sessions"]

    assert (before, listed["document_pass"], listed["active"]) == ("not_started", "running", 0)


def test_a_list_of_many_is_cut_where_asked_and_says_how_many_there_are(web):
    for number in range(4):
        web.review(document_name=f"Parcels {number}.docx")
        web.clock.sleep(1)

    body = web.client().get("/sessions?most=2").get_json()

    assert [one["document_name"] for one in body["sessions"]] == ["Parcels 3.docx", "Parcels 2.docx"]
    assert (body["found"], body["total"]) == (4, 4)


def test_reviews_are_found_by_the_words_of_their_name(web):
    for name in ("Parcel redirection.docx", "Appeals.docx", "Lost PARCELS, June.pdf"):
        web.review(document_name=name)
        web.clock.sleep(1)

    body = web.client().get("/sessions?find=parcel+june").get_json()

    assert [one["document_name"] for one in body["sessions"]] == ["Lost PARCELS, June.pdf"]
    assert (body["found"], body["total"]) == (1, 3)


def test_a_renamed_review_is_found_by_its_new_name_and_each_name_is_read_once_while_somebody_types(web):
    session = web.review(document_name="Old.docx")
    names = web.app.extensions["services"].names
    before = names.having(["old"], [session.id])
    # Another process: this one has not heard of it.
    web.app.extensions["services"].reviews.rename(session.id, "Other.docx")
    while_typing = names.having(["old"], [session.id])
    web.clock.sleep(16)
    afterwards = names.having(["old"], [session.id])
    web.client().patch(f"/sessions/{session.id}", json={"document_name": "New.docx"})

    assert (before, while_typing, afterwards) == ([session.id], [session.id], [])
    assert names.having(["NEW"], [session.id]) == [session.id]


@pytest.mark.parametrize("most", ["0", "-1", "x", "²", "1001"])
def test_a_number_of_reviews_that_is_none_is_refused(web, most):
    problem(web.client().get("/sessions", query_string={"most": most}), 400, "request/malformed")


@pytest.mark.parametrize("tail", ["", "/{id}"])
def test_what_has_not_changed_is_not_sent_again(web, tail):
    session = web.review()
    address = f"/sessions{tail.format(id=session.id)}"
    etag = web.client().get(address).headers["ETag"]
    same = web.client().get(address, headers={"If-None-Match": etag})
    decide(web, session, decision="accepted")
    web.client().patch(f"/sessions/{session.id}", json={"document_name": "Other.docx"})

    assert (same.status_code, same.data) == (304, b"")
    assert web.client().get(address, headers={"If-None-Match": etag}).status_code == 200


def test_tallies_are_told_of_reviews_that_are_mine_only(web):
    mine, foreign = web.review(), web.review(owner="bob")
    decide(web, mine, decision="rejected")

    answer = web.client().get(f"/sessions/tallies?ids={mine.id},{foreign.id},x").get_json()

    assert answer == {"tallies": {mine.id: {"decided": 1, "total": 3}}}


@pytest.mark.parametrize("ids", ["", ",".join(["x"] * 21)])
def test_tallies_of_none_or_of_too_many_are_refused(web, ids):
    problem(web.client().get(f"/sessions/tallies?ids={ids}"), 400, "request/malformed")


def test_the_text_is_served_as_blocks_in_reading_order(web):
    session = web.review()

    blocks = web.client().get(f"/sessions/{session.id}/blocks").get_json()["blocks"]

    assert [block["id"] for block in blocks] == ["b1", "b2", "b3", "b4"]
    assert "origin" not in blocks[0]


def test_a_decision_is_saved_and_survives_a_reload(web):
    session = web.review()

    answer = decide(web, session, decision="rejected", reason="Known", note="See 4.2", rev=0).get_json()

    shown = next(one for one in findings(web, session) if one["quote"] == "Many")
    assert answer == shown
    assert (shown["decision"], shown["reason"], shown["note"], shown["rev"]) == (
        "rejected",
        "Known",
        "See 4.2",
        1,
    )
    assert shown["decided_by"] == "ann"


def test_a_decision_on_a_state_that_is_no_longer_so_is_answered_with_the_present_one(web):
    session = web.review()
    decide(web, session, decision="accepted", rev=0)

    body = problem(decide(web, session, decision="rejected", rev=0), 412, "request/changed")

    assert body["current"]["decision"] == "accepted"
    assert body["current"]["rev"] == 1
    assert body["current"] == next(one for one in findings(web, session) if one["quote"] == "Many")


def test_deciding_one_finding_does_not_touch_the_rev_of_another(web):
    session = web.review()
    decide(web, session, quote="Many", decision="accepted", rev=0)

    assert decide(web, session, quote="soon", decision="accepted", rev=0).status_code == 200
    document_wide = next(one for one in findings(web, session) if one["section_id"] == "document")
    address = f"/sessions/{session.id}/findings/{document_wide['id']}/decision"
    assert web.client().put(address, json={"decision": "accepted", "rev": 0}).status_code == 200


def test_a_finding_that_is_not_there_cannot_be_decided(web):
    session = web.review()
    address = f"/sessions/{session.id}/findings/f{'0' * 20}/decision"

    problem(web.client().put(address, json={"decision": "accepted"}), 404, "finding/not-found")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "decision"),
        ({"decision": "maybe"}, "decision"),
        ({"decision": "accepted", "rev": -1}, "rev"),
        ({"decision": "accepted", "rev": "x"}, "rev"),
        ({"decision": "accepted", "note": "x" * 5000}, "note"),
        ([], "body"),
    ],
)
def test_a_body_of_another_shape_is_refused_and_says_where(web, body, said):
    session = web.review()
    address = f"/sessions/{session.id}/findings/{a_finding(session.id).id}/decision"

    assert said in problem(web.client().put(address, json=body), 400, "request/malformed")["detail"]


@pytest.mark.parametrize("text", ["", "{", '{"decision": accepted}', "\x00", "null", "NaN"])
def test_what_is_no_json_is_malformed(web, text):
    session = web.review()
    address = f"/sessions/{session.id}/findings/{a_finding(session.id).id}/decision"

    response = web.client().put(address, data=text, content_type="application/json")

    problem(response, 400, "request/malformed")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_json_routes_take_nothing_that_a_form_of_another_site_could_send(web, kind):
    session = web.review()
    response = web.client().patch(
        f"/sessions/{session.id}", data='{"document_name": "x.docx"}', content_type=kind
    )

    problem(response, 415, "request/unsupported-media")


def test_a_json_body_has_a_limit_of_its_own(web):
    session = web.review()
    response = web.client().patch(f"/sessions/{session.id}", json={"document_name": "x" * 300_000})

    problem(response, 413, "request/too-large")


def test_a_review_can_be_renamed(web):
    session = web.review()
    address = f"/sessions/{session.id}"

    assert web.client().patch(address, json={"document_name": " Final.docx "}).status_code == 200

    assert web.client().get(address).get_json()["document_name"] == "Final.docx"
    problem(web.client().patch(address, json={"document_name": "  "}), 400, "request/malformed")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2024/25 review", "2024/25 review"),
        ("C:\\Users\\ann", "C:\\Users\\ann"),
        ('<b>"it\'s"</b> & more', '<b>"it\'s"</b> & more'),
        ("one\r\ntwo\tthree\u2028four", "one two three four"),
        ("a\x00b\x7f\u202ecod\u2066\u200bx\ufeff", "abcodx"),
        ("a\u200db", "ab"),
        ("👩\u200d💻 and 🏳️\u200d🌈 and 🤦🏽\u200d♀️", "👩\u200d💻 and 🏳️\u200d🌈 and 🤦🏽\u200d♀️"),
        ("Prüfung 報告", "Prüfung 報告"),
    ],
)
def test_a_review_is_called_what_was_typed_without_what_nobody_can_see(web, sent, kept):
    address = f"/sessions/{web.review().id}"

    assert web.client().patch(address, json={"document_name": sent}).get_json()["document_name"] == kept
    assert web.client().get(address).get_json()["document_name"] == kept


@pytest.mark.parametrize("sent", ["\u200b", "\x00\x01", "\u202e\u2066 \u2028", "\u200d"])
def test_a_name_that_nobody_can_see_is_refused(web, sent):
    address = f"/sessions/{web.review().id}"

    body = problem(web.client().patch(address, json={"document_name": sent}), 400, "request/malformed")

    assert "document_name" in body["detail"]
    assert web.client().get(address).get_json()["document_name"] == "Write-up.docx"


def test_deleting_a_review_deletes_what_holds_its_text_and_stops_its_tasks(web):
    kept = web.review()
    session = web.review()
    done = web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": [], "thinking": "text"})
    running = web.task(session, "s2", TaskStatus.STARTED)
    web.store.put(f"attempts/{done.task_id}/1/1.json", b'{"answer": "text"}')
    decide(web, session, quote="soon", decision="accepted")
    web.client().get(f"/task_status/{done.task_id}")

    assert web.client().delete(f"/sessions/{session.id}").get_json()["success"] is True

    left = [key for key in web.store.objects if session.id in key or done.task_id in key]
    assert left == []
    assert web.client().get(f"/task_status/{running.task_id}").status_code == 404
    assert json.loads(web.store.objects[result_key(running.task_id)])["status"] == "REVOKED"
    problem(web.client().get(f"/task_status/{done.task_id}"), 404, "task/not-found")
    problem(web.client().get(f"/sessions/{session.id}"), 404, "session/not-found")
    assert [one["session_id"] for one in web.client().get("/sessions").get_json()["sessions"]] == [kept.id]


def test_a_deletion_that_failed_half_way_can_be_repeated(web):
    session = web.review()
    delete = web.store.delete
    web.store.delete = lambda key: (_ for _ in ()).throw(offline()) if "rules" in key else delete(key)
    problem(web.client().delete(f"/sessions/{session.id}"), 503, "storage/unavailable")
    web.store.delete = delete

    assert web.client().delete(f"/sessions/{session.id}").status_code == 200
    assert web.stored == {}


def offline():
    from core.errors import Transient

    return Transient("storage/unavailable")


def test_findings_can_be_taken_along_as_json(web):
    session = web.review()
    decide(web, session, decision="accepted")

    exported = web.client().get(f"/sessions/{session.id}/findings.json").get_json()

    assert exported["counts"] == {"open": 2, "accepted": 1, "rejected": 0, "total": 3, "set_aside": 0}
    assert exported["findings"] == findings(web, session)


def test_findings_can_be_opened_in_a_spreadsheet(web):
    session = web.review()
    decide(web, session, decision="accepted", note='=HYPERLINK("http://evil.example")')

    response = web.client().get(f"/sessions/{session.id}/findings.csv")

    assert response.headers["Content-Disposition"].startswith('attachment; filename="Write-up-findings.csv"')
    text = response.get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["section"] for row in rows] == ["Whole document", "Summary", "Actions"]
    assert rows[1]["decision"] == "accepted"
    assert rows[1]["note"].startswith("'=")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_is_shown_as_text(cell):
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "plain", "a=b", "3.2", "'quoted"])
def test_other_cells_stay_as_they_are(cell):
    assert inert(cell) == cell


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.csv", "attachment; filename=\"a.csv\"; filename*=UTF-8''a.csv"),
        ("Prüfung.csv", "attachment; filename=\"Prufung.csv\"; filename*=UTF-8''Pr%C3%BCfung.csv"),
        ('a"b\r\nX: y.csv', "attachment; filename=\"a_b_X_ y.csv\"; filename*=UTF-8''a_b_X_%20y.csv"),
        ("報告", "attachment; filename=\"review\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A"),
        ("報告-a.csv", "attachment; filename=\"review-a.csv\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A-a.csv"),
        ("2024/25.csv", "attachment; filename=\"2024_25.csv\"; filename*=UTF-8''2024_25.csv"),
    ],
)
def test_a_file_name_can_neither_break_the_header_nor_lose_its_letters(name, header):
    assert content_disposition(name) == header


def test_the_ending_of_the_document_is_not_part_of_the_download_name():
    assert [stem("A.docx"), stem("A.PDF"), stem("A.b"), stem(".docx")] == ["A", "A", "A.b", "document"]


def test_a_sent_text_has_no_document_to_download_with_comments(web):
    from core.documents.model import DocumentKind

    session = web.review(kind=DocumentKind.TEXT, document_name="A")

    body = problem(web.client().get(f"/sessions/{session.id}/reviewed"), 409, "export/not-word")
    assert "CSV" in body["next_step"]
