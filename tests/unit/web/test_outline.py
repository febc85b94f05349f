"""PUT /sessions/<id>/outline: what it changes, what it keeps, what it stops."""

import pytest

from core.queueing.results import TaskResults, TaskStatus
from tests.support.reviews import a_finding
from tests.support.web import make_web_tier


@pytest.fixture
def tier():
    return make_web_tier()


def put(tier, session, *edits, rev=None, user="ann"):
    body = {"edits": list(edits), **({"rev": rev} if rev is not None else {})}
    return tier.client(user).put(f"/sessions/{session.id}/outline", json=body)


def review(tier, session):
    return tier.client().get(f"/sessions/{session.id}").get_json()


def finished(tier, session, section_id, *quotes):
    found = [
        a_finding(
            session.id, quote, id=f"f{at:020x}", rule="", sources=("m",), section_id=section_id
        ).to_dict()
        for at, quote in enumerate(quotes, 1)
    ]
    return tier.task(session, section_id, TaskStatus.SUCCESS, result={"feedback": found})


def split(section_id="s1", block_id="b2"):
    return {"action": "split", "section_id": section_id, "block_id": block_id}


def test_the_new_outline_comes_back_and_stays(tier):
    session = tier.review()
    answer = put(
        tier, session, {"action": "rename", "section_id": "s1", "name": " Abs\u202etract "}, split("s2", "b4")
    )

    assert answer.status_code == 200, answer.get_json()
    assert [one["name"] for one in answer.get_json()["sections"]] == [
        "Abstract",
        "Actions",
        "Actions (part 2)",
    ]
    assert review(tier, session)["sections"] == answer.get_json()["sections"]
    assert review(tier, session)["outline_rev"] == answer.get_json()["outline_rev"] == 1


def test_an_untouched_section_keeps_its_task_and_its_findings(tier):
    session = tier.review()
    record = finished(tier, session, "s2", "soon")
    put(tier, session, split("s1", "b2"))
    kept = next(one for one in review(tier, session)["sections"] if one["id"] == "s2")

    assert (kept["status"], kept["task_id"]) == ("completed", record.task_id)


def test_findings_of_a_section_that_is_split_stay_with_their_words(tier):
    session = tier.review()
    finished(tier, session, "s1", "Many")
    put(tier, session, split("s1", "b2"))
    body = review(tier, session)
    found = {finding["quote"]: finding for finding in body["findings"]}

    assert {one["status"] for one in body["sections"]} == {"not_started"}
    assert found["Many"]["section_id"] == body["sections"][1]["id"]
    assert found["Many"]["sources"] == ["m"]
    assert len(body["findings"]) == 3


def test_asking_for_a_section_once_more_takes_no_findings_away(tier):
    session = tier.review()
    record = finished(tier, session, "s1", "Many")
    asked = tier.client().post(
        "/analyze_section", json={"session_id": session.id, "section_id": "s1", "force": True}
    )
    body = review(tier, session)

    assert asked.get_json()["task_id"] != record.task_id
    assert body["sections"][0]["status"] == "queued"
    assert [one["sources"] for one in body["findings"] if one["quote"] == "Many"] == [["m"]]


def test_once_the_new_section_is_reviewed_only_that_counts(tier):
    session = tier.review()
    finished(tier, session, "s1", "Many")
    merged = put(tier, session, {"action": "merge", "section_id": "s2"}).get_json()["sections"][0]["id"]
    finished(tier, session, merged, "soon")

    assert [one["quote"] for one in review(tier, session)["findings"]] == ["", "soon"]


def test_work_on_a_section_that_is_gone_or_skipped_is_stopped(tier):
    session = tier.review()
    first, second = (tier.task(session, section_id, TaskStatus.PENDING) for section_id in ("s1", "s2"))
    put(tier, session, split("s1", "b2"), {"action": "skip", "section_id": "s2"})
    results = TaskResults(tier.store, tier.clock)

    assert {results.get(one.task_id).status for one in (first, second)} == {TaskStatus.REVOKED}


def test_a_skipped_section_is_not_analysed_and_says_so(tier):
    session = tier.review()
    put(tier, session, {"action": "skip", "section_id": "s2"})
    body = review(tier, session)
    asked = tier.client().post("/analyze_section", json={"session_id": session.id, "section_id": "s2"})
    everything = tier.client().post("/analyze_all", json={"session_id": session.id}).get_json()

    assert (body["sections"][1]["status"], body["sections"][1]["set_aside"]) == ("skipped", 1)
    assert [one["quote"] for one in body["findings"]] == ["", "Many"]
    assert (asked.status_code, asked.get_json()["code"]) == (409, "section/skipped")
    assert [task["section_id"] for task in everything["tasks"]] == ["s1"]

    put(tier, session, {"action": "include", "section_id": "s2"})
    assert len(review(tier, session)["findings"]) == 3


def test_a_decided_finding_of_a_skipped_section_is_not_set_aside(tier):
    session = tier.review()
    soon = review(tier, session)["findings"][2]["id"]
    tier.client().put(f"/sessions/{session.id}/findings/{soon}/decision", json={"decision": "accepted"})
    put(tier, session, {"action": "skip", "section_id": "s2"})

    assert review(tier, session)["findings"][2]["id"] == soon


def test_an_outline_changed_meanwhile_is_412_with_the_present_one(tier):
    session = tier.review()
    assert put(tier, session, split(), rev=0).status_code == 200
    late = put(tier, session, {"action": "merge", "section_id": "s2"}, rev=0)

    assert (late.status_code, late.get_json()["code"]) == (412, "request/changed")
    assert late.get_json()["current"]["outline_rev"] == 1
    assert len(late.get_json()["current"]["sections"]) == 3


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([], "edits: it must be 1 to 50 edits"),
        ([{"action": "drop", "section_id": "s1"}], "an action: merge, split, rename, skip, include"),
    ],
)
def test_a_body_that_is_none_is_told_what_it_takes(tier, edits, said):
    answer = put(tier, tier.review(), *edits)

    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


def test_nobody_elses_outline_can_be_changed(tier):
    assert put(tier, tier.review(), split(), user="bob").status_code == 404
