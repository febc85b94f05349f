"""The finish page and the files for the record say what is decided, open and set aside."""

import csv
import io
import re
from dataclasses import replace

import pytest

from core.auth.identity import LoopbackIdentity
from core.queueing.results import TaskStatus
from core.review.finding import FindingType
from core.review.session import Share
from core.web.application import create_app
from tests.support.reviews import BLOCKS, a_finding, a_session
from tests.support.web import make_web_tier


@pytest.fixture
def tier():
    return make_web_tier()


def review(tier, session):
    return tier.client().get(f"/sessions/{session.id}").get_json()


def words(tier, session):
    page = tier.client().get(f"/review/{session.id}/finish").get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def decide(tier, session, decision, *findings, **more):
    for finding in findings:
        address = f"/sessions/{session.id}/findings/{finding['id']}/decision"
        answer = tier.client().put(address, json={"decision": decision, **more})
        assert answer.status_code == 200, answer.get_json()


def skip(tier, session, section_id):
    edits = [{"action": "skip", "section_id": section_id}]
    assert tier.client().put(f"/sessions/{session.id}/outline", json={"edits": edits}).status_code == 200


def all_but_soon_decided(tier):
    """Its second section is skipped, with an undecided finding in it."""
    session = tier.review()
    decide(tier, session, "accepted", *review(tier, session)["findings"][:2])
    skip(tier, session, "s2")
    return session


def test_the_page_says_what_is_set_aside_and_does_not_claim_that_all_is_reviewed(tier):
    said = words(tier, all_but_soon_decided(tier))

    assert "Every section is reviewed" not in said
    assert "1 section skipped, 1 finding set aside." in said
    assert "0 findings were open. Not among them: 1 section skipped, 1 finding set aside." in said
    assert "3 rows: 0 open, 2 accepted or own, 0 rejected, 1 set aside" in said


def test_the_critical_ones_of_what_is_set_aside_are_named(tier):
    session = tier.review()
    worst = a_finding(session.id, "soon", type=FindingType.CRITICAL)
    tier.task(session, "s2", TaskStatus.SUCCESS, result={"feedback": [worst.to_dict()]})
    skip(tier, session, "s2")

    assert "1 section skipped, 1 finding set aside (1 critical)." in words(tier, session)
    assert review(tier, session)["sections"][1]["set_aside"] == 1


def test_the_count_of_open_ones_to_sign_for_is_what_the_list_shows(tier):
    session = all_but_soon_decided(tier)
    counts = review(tier, session)["counts"]

    assert counts == {"open": 0, "accepted": 2, "rejected": 0, "total": 2, "set_aside": 1}
    signed = tier.client().put(f"/sessions/{session.id}/sign_off", json={"open": 0})
    assert signed.get_json()["signed_off"]["open"] == 0
    assert "1 section skipped, 1 finding set aside." in words(tier, session)


def test_the_files_for_the_record_hold_what_is_set_aside_marked_so(tier):
    session = all_but_soon_decided(tier)
    exported = tier.client().get(f"/sessions/{session.id}/findings.json").get_json()
    table = tier.client().get(f"/sessions/{session.id}/findings.csv").get_data().decode("utf-8-sig")

    marked = {one["quote"]: one["set_aside"] for one in exported["findings"]}
    assert marked == {"": False, "Many": False, "soon": True}
    rows = {row["quote"]: row["set_aside"] for row in csv.DictReader(io.StringIO(table))}
    assert rows == {"": "", "Many": "", "soon": "yes"}


def test_edited_text_is_counted_among_the_accepted_only(tier):
    session = tier.review()
    first, second, _ = review(tier, session)["findings"]
    decide(tier, session, "accepted", first, edit={"description": "In our words."})
    decide(tier, session, "rejected", second, edit={"description": "Known."})

    assert "Accepted 1 1 with edited text" in words(tier, session)


def test_the_activity_names_what_was_done_to_which_section(tier):
    session = tier.review()
    skip(tier, session, "s2")
    events = tier.client().get(f"/sessions/{session.id}/activity").get_json()["events"]

    assert [event["about"] for event in events] == [{"actions": ["skip"], "sections": ["Actions"]}]


def test_who_may_only_read_is_offered_nothing_that_would_be_refused(tier):
    session = tier.review()
    tier.app.extensions["services"].reviews.share(session.id, "bob", Share.VIEW)

    def page(user, tail):
        return tier.client(user).get(f"/review/{session.id}{tail}").get_data(as_text=True)

    for button in ("Export to storage", "New version", "Sign off</button>", "share-form"):
        assert button in page("ann", "/finish")
        assert button not in page("bob", "/finish")
    for button in (
        "data-edits=",
        'id="add-finding"',
        "<b>Decide</b>",
        "<td>Accept, and go to the next open one",
    ):
        assert button in page("ann", "")
        assert button not in page("bob", "")


def test_without_sign_in_the_page_says_why_nobody_can_be_shared_with():
    services = replace(
        make_web_tier().app.extensions["services"], identity=LoopbackIdentity(host="127.0.0.1")
    )
    client = create_app(services=services).test_client()
    session = a_session(owner="local")
    services.reviews.create(session, document=b"%DOC", blocks=BLOCKS, rules=())

    page = client.get(f"/review/{session.id}/finish", base_url="http://localhost:8080").get_data(as_text=True)

    assert "share-form" not in page
    assert "runs without sign-in here" in page
    assert "Sign off</button>" in page
