"""A review that is signed off stays as it was signed, whatever was under way in that moment."""

from dataclasses import replace

import pytest

from core.queueing.results import TaskResults, TaskStatus
from tests.support.reviews import a_finding
from tests.support.stores import MeddledStore
from tests.support.web import WebTier, make_web_tier, problem

OPEN = 3


@pytest.fixture
def meddled() -> WebTier:
    return make_web_tier(store=MeddledStore())


def sign_off(web, session, user="ann"):
    return web.client(user).put(f"/sessions/{session.id}/sign_off", json={"open": OPEN})


def shown(web, session):
    return web.client().get(f"/sessions/{session.id}").get_json()


def decide(web, session, decision="rejected"):
    address = f"/sessions/{session.id}/findings/{a_finding(session.id).id}/decision"
    return web.client().put(address, json={"decision": decision})


def test_it_waits_for_work_under_way(web):
    session = web.review()
    record = web.task(session, "s1", TaskStatus.STARTED)

    problem(sign_off(web, session), 409, "review/still-running")

    ended = lambda now: replace(now, status=TaskStatus.REVOKED)  # noqa: E731
    TaskResults(web.store, web.clock).swap(record.task_id, 1, ended)
    assert sign_off(web, session).status_code == 200


@pytest.mark.parametrize("before", [(), ("accepted", "open")])
def test_a_decision_that_lands_after_it_is_put_back(meddled, before):
    session = meddled.review()
    for decision in before:
        decide(meddled, session, decision=decision)
    was = shown(meddled, session)["findings"]
    meddled.store.before_writing("/review/", lambda: sign_off(meddled, session))

    problem(decide(meddled, session), 409, "review/signed-off")

    after = shown(meddled, session)
    assert (after["signed_off"]["open"], after["findings"]) == (OPEN, was)


def test_a_decision_that_lands_just_before_it_is_signed_withdraws_it(meddled):
    session = meddled.review()
    meddled.store.before_writing("session.json", lambda: decide(meddled, session))

    problem(sign_off(meddled, session), 409, "review/open-changed")

    after = shown(meddled, session)
    assert (after["signed_off"], after["counts"]["rejected"]) == (None, 1)


def test_an_edit_of_the_outline_that_comes_after_it_is_refused(meddled):
    session = meddled.review()
    meddled.store.before_writing("session.json", lambda: sign_off(meddled, session))

    edits = {"edits": [{"action": "skip", "section_id": "s1"}]}
    problem(meddled.client().put(f"/sessions/{session.id}/outline", json=edits), 409, "review/signed-off")

    assert shown(meddled, session)["counts"]["open"] == OPEN


@pytest.mark.parametrize("status", [None, TaskStatus.FAILURE])
def test_work_that_is_asked_for_in_that_moment_is_called_off(meddled, status):
    session = meddled.review()
    asked = {"session_id": session.id, "section_id": "s1"}
    if status is not None:
        task_id = meddled.client().post("/analyze_section", json=asked).get_json()["task_id"]
        failed = lambda now: replace(now, status=status, dead_lettered_at="x")  # noqa: E731
        TaskResults(meddled.store, meddled.clock).swap(task_id, 1, failed)
    meddled.store.before_writing("celery-results/", lambda: sign_off(meddled, session))

    problem(meddled.client().post("/analyze_section", json=asked), 409, "review/signed-off")

    after = shown(meddled, session)
    assert after["signed_off"] is not None
    assert after["sections"][0]["status"] not in ("queued", "running", "retrying")


def test_only_who_owns_it_in_that_moment_signs_and_once(meddled):
    session = meddled.review()

    def hand_over():
        meddled.client().put(f"/sessions/{session.id}/owner", json={"user_id": "bob"})

    meddled.store.before_writing("session.json", hand_over)
    problem(sign_off(meddled, session), 403, "review/owner-only")

    meddled.store.before_writing("session.json", lambda: sign_off(meddled, session, "bob"))
    problem(sign_off(meddled, session, "bob"), 409, "review/signed-off")
    assert shown(meddled, session)["signed_off"]["by"] == "bob"


def test_it_keeps_its_name_and_can_be_shared_and_handed_over(web):
    session = web.review()
    sign_off(web, session)

    renamed = web.client().patch(f"/sessions/{session.id}", json={"document_name": "Other.docx"})
    problem(renamed, 409, "review/signed-off")

    shares = {"user_id": "bob", "access": "view"}
    assert web.client().put(f"/sessions/{session.id}/shares", json=shares).status_code == 200
    assert web.client().put(f"/sessions/{session.id}/owner", json={"user_id": "bob"}).status_code == 200
