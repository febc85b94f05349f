"""Sharing, handing over, signing off, and what the activity tells of it."""

import pytest

from core.queueing.results import TaskStatus
from tests.support.reviews import a_finding
from tests.support.web import problem


def share(web, session, access, user_id="bob"):
    return web.client().put(f"/sessions/{session.id}/shares", json={"user_id": user_id, "access": access})


def decide(web, session, user, **body):
    finding = a_finding(session.id).id
    body = {"decision": "accepted", **body}
    return web.client(user).put(f"/sessions/{session.id}/findings/{finding}/decision", json=body)


def listed(web, user):
    return [one["session_id"] for one in web.client(user).get("/sessions").get_json()["sessions"]]


def test_a_shared_review_is_in_the_teammates_list_and_readable_with_its_tasks(web):
    session = web.review()
    record = web.task(session, "s1", TaskStatus.STARTED)
    assert listed(web, "bob") == []

    share(web, session, "view")

    assert listed(web, "bob") == [session.id]
    shown = web.client("bob").get(f"/sessions/{session.id}").get_json()
    assert (shown["access"], shown["can_decide"], shown["owner"]) == ("view", False, "ann")
    assert web.client("bob").get(f"/task_status/{record.task_id}").get_json()["status"] == "running"


def test_a_viewer_changes_nothing(web):
    session = web.review()
    share(web, session, "view")

    problem(decide(web, session, "bob"), 403, "review/view-only")
    asked = {"session_id": session.id, "section_id": "s1"}
    problem(web.client("bob").post("/analyze_section", json=asked), 403, "review/view-only")
    problem(web.client("bob").delete(f"/sessions/{session.id}"), 403, "review/owner-only")
    problem(share(web, session, "view", user_id="nobody"), 422, "review/unknown-user")


def test_who_may_decide_decides_and_cannot_delete_or_share(web):
    session = web.review()
    share(web, session, "decide")

    assert decide(web, session, "bob").get_json()["decided_by"] == "bob"
    problem(web.client("bob").delete(f"/sessions/{session.id}"), 403, "review/owner-only")
    theirs = {"user_id": "olga", "access": "decide"}
    problem(web.client("bob").put(f"/sessions/{session.id}/shares", json=theirs), 403, "review/owner-only")


def test_a_share_that_is_taken_back_leaves_nothing(web):
    session = web.review()
    share(web, session, "decide")

    share(web, session, None)

    assert listed(web, "bob") == []
    problem(web.client("bob").get(f"/sessions/{session.id}"), 404, "session/not-found")


def test_a_review_handed_over_has_a_new_owner_and_the_old_one_goes_on_deciding(web):
    session = web.review()

    web.client().put(f"/sessions/{session.id}/owner", json={"user_id": "bob"})

    assert web.client("bob").get(f"/sessions/{session.id}").get_json()["access"] == "own"
    assert decide(web, session, "ann").status_code == 200
    problem(web.client("ann").delete(f"/sessions/{session.id}"), 403, "review/owner-only")
    assert listed(web, "ann") == listed(web, "bob") == [session.id]


def test_deleting_a_shared_review_takes_it_from_every_list(web):
    session = web.review()
    share(web, session, "view")

    web.client().delete(f"/sessions/{session.id}")

    assert listed(web, "bob") == []
    assert [key for key in web.store.objects if session.id in key] == []


@pytest.mark.parametrize(
    "change",
    [
        ("PUT", "/findings/{finding}/decision", {"decision": "rejected"}),
        ("POST", "/decisions", {"finding_ids": ["{finding}"], "decision": "rejected"}),
        ("POST", "/findings/{finding}/replies", {"text": "But why?"}),
        (
            "POST",
            "/findings",
            {
                "section_id": "s1",
                "type": "important",
                "risk_level": "low",
                "category": "A",
                "description": "B",
            },
        ),
    ],
)
def test_a_signed_off_review_is_signed_off_for_everybody(web, change):
    session = web.review()
    method, address, body = change
    assert web.client().put(f"/sessions/{session.id}/sign_off", json={"open": 3}).status_code == 200
    before = dict(web.store.objects)

    finding = a_finding(session.id).id
    answer = web.client().open(
        f"/sessions/{session.id}{address.replace('{finding}', finding)}", method=method, json=body
    )

    problem(answer, 409, "review/signed-off")
    assert web.store.objects == before


def test_signing_off_needs_to_know_what_is_open_and_is_kept_with_who_and_when(web):
    session = web.review()

    problem(
        web.client().put(f"/sessions/{session.id}/sign_off", json={"open": 0}), 409, "review/open-changed"
    )
    web.client().put(f"/sessions/{session.id}/sign_off", json={"open": 3})

    shown = web.client().get(f"/sessions/{session.id}").get_json()
    assert shown["signed_off"] == {"by": "ann", "at": "2027-01-15T08:00:00.000Z", "open": 3}
    assert not shown["can_decide"]


def test_the_activity_tells_who_did_what_newest_first_page_by_page(web):
    session = web.review()
    for number in range(101):
        web.clock.sleep(1)
        decide(web, session, "ann", decision="accepted" if number % 2 else "rejected", reason="Known")
    share(web, session, "view")

    first = web.client().get(f"/sessions/{session.id}/activity").get_json()
    second = web.client().get(f"/sessions/{session.id}/activity?before={first['next']}").get_json()

    assert (len(first["events"]), len(second["events"]), second["next"]) == (100, 2, None)
    assert {event["id"] for event in first["events"]}.isdisjoint(event["id"] for event in second["events"])
    newest = first["events"][0] if first["events"][0]["deed"] == "shared" else first["events"][1]
    assert (newest["deed"], newest["by"], newest["about"]) == (
        "shared",
        "ann",
        {"user": "bob", "access": "view"},
    )
    assert second["events"][-1]["deed"] == "rejected"


def test_a_former_owner_without_a_share_reads_no_result_and_cancels_nothing(web):
    session = web.review()
    record = web.task(session, "s1", TaskStatus.STARTED)
    web.client().put(f"/sessions/{session.id}/owner", json={"user_id": "bob"})
    assert web.client().get(f"/task_status/{record.task_id}").status_code == 200

    web.client("bob").put(f"/sessions/{session.id}/shares", json={"user_id": "ann", "access": None})

    problem(web.client().get(f"/task_status/{record.task_id}"), 404, "task/not-found")
    problem(web.client().post(f"/cancel_task/{record.task_id}"), 404, "task/not-found")
    batch = web.client().get(f"/task_status?ids={record.task_id}").get_json()["tasks"]
    assert batch == [{"task_id": record.task_id, "status": "not_found"}]
    assert web.client("bob").get(f"/task_status/{record.task_id}").status_code == 200
