"""How often storage is read for pages that stay open, without anybody seeing an old decision."""

import pytest

from core.queueing.results import TaskStatus
from tests.support.reviews import a_finding
from tests.support.stores import CountingStore
from tests.support.web import make_web_tier

SECTIONS = ("s1", "s2", "s3")


@pytest.fixture
def store():
    return CountingStore()


@pytest.fixture
def tier(store):
    return make_web_tier(store=store)


@pytest.fixture
def session(tier):
    """All its sections wait, one finding is decided."""
    session = tier.review()
    for section in SECTIONS:
        tier.task(session, section, TaskStatus.PENDING)
    decide(tier, session, "accepted")
    return session


def decide(tier, session, decision):
    finding = a_finding(session.id, "Many")
    url = f"/sessions/{session.id}/findings/{finding.id}/decision"
    assert tier.client().put(url, json={"decision": decision}).status_code == 200


def asked_for(store, act):
    """What of storage the second of two equal requests needs."""
    act()
    store.asked.clear()
    act()
    return [_short(key) for _operation, key in store.asked]


def _short(key):
    """A listing by its prefix, an object by its file name."""
    return key if key.endswith("/") else key.rsplit("/", 1)[1]


def poll(tier, session):
    tasks = tier.app.extensions["services"].reviews.get(session.id).tasks
    return tier.client().get(f"/task_status?ids={','.join(tasks.values())}")


def decisions(client, session):
    findings = client.get(f"/sessions/{session.id}").get_json()["findings"]
    return {one["quote"]: one["decision"] for one in findings}


def test_a_poll_of_what_waits_reads_only_whether_the_asker_may_see_it(store, tier, session):
    url = poll(tier, session).request.full_path

    assert asked_for(store, lambda: tier.client().get(url)) == ["session.json"]


def test_a_second_later_a_poll_looks_once_for_changes_of_all_tasks(store, tier, session):
    url = poll(tier, session).request.full_path
    tier.clock.sleep(1)
    store.asked.clear()

    tier.client().get(url)

    assert sorted(_short(key) for _operation, key in store.asked) == [
        "session.json",
        "tasks/2027-01-15/analysis/",
    ]


@pytest.mark.parametrize("page", ["/sessions/{}", "/review/{}"])
def test_an_unchanged_review_is_read_by_its_session_the_list_of_its_decisions_and_what_waits(
    store, tier, session, page
):
    asked = asked_for(store, lambda: tier.client().get(page.format(session.id)))

    waiting = [one for one in asked if one not in ("session.json", f"sessions/{session.id}/review/")]
    assert len(asked) == 2 + len(SECTIONS)
    assert len(waiting) == len(SECTIONS)


def test_the_list_of_my_reviews_reads_their_sessions_and_no_task_that_waits(store, tier, session):
    asked = asked_for(store, lambda: tier.client().get("/sessions?most=3"))

    assert [one for one in asked if one.endswith(".json")] == ["session.json"]


def test_a_decision_made_by_another_process_is_in_the_next_answer(store, tier, session):
    another = make_web_tier(store=store)
    client = tier.client()
    assert decisions(client, session)["Many"] == "accepted"

    decide(another, session, "rejected")

    assert decisions(client, session)["Many"] == "rejected"


def test_a_review_deleted_by_another_process_is_gone_at_once(store, tier, session):
    another = make_web_tier(store=store)
    assert tier.client().get(f"/review/{session.id}").status_code == 200

    another.client().delete(f"/sessions/{session.id}")

    assert tier.client().get(f"/review/{session.id}").status_code == 404


def test_a_cancelled_task_does_not_wait_in_the_next_poll(tier, session):
    assert poll(tier, session).get_json()["tasks"][0]["status"] == "queued"

    tier.client().post(f"/sessions/{session.id}/cancel")

    assert poll(tier, session).get_json()["tasks"][0]["status"] == "cancelled"


def test_what_another_process_cancels_is_cancelled_in_a_poll_a_second_later(tier, session):
    assert poll(tier, session).get_json()["tasks"][0]["status"] == "queued"
    another = make_web_tier(store=tier.store)

    another.client().post(f"/sessions/{session.id}/cancel")
    tier.clock.sleep(1)

    assert poll(tier, session).get_json()["tasks"][0]["status"] == "cancelled"
