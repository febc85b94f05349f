"""Controls that no other journey presses: each is used, and what it stored is looked at."""

import csv
import io
import json

import docx
import pytest
from playwright.sync_api import Page, expect

from core.queueing.results import TaskStatus
from core.review.activity import ActivityKind
from core.review.session import ReviewSession
from tests.browser.conftest import Watch
from tests.browser.helpers import choose, downloaded, open_review, stored
from tests.browser.served import ServedTier
from tests.support.reviews import a_finding

DECISION = "**/decision"


@pytest.fixture
def review(page: Page, served: ServedTier, session: ReviewSession) -> Page:
    open_review(page, served.review_url(session))
    page.locator("[data-filter=decision][value=all]").click()
    return page


def decide(served: ServedTier, session: ReviewSession, quote: str, **body: object) -> None:
    address = f"/sessions/{session.id}/findings/{a_finding(session.id, quote).id}/decision"
    assert served.tier.client().put(address, json=body).status_code == 200


def test_a_decision_is_reopened_and_an_edit_goes_back_to_the_original_words(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    found = a_finding(session.id).id
    decide(served, session, "Many", decision="accepted", edit={"description": "Mine."})
    open_review(page, served.review_url(session))
    page.locator("[data-filter=decision][value=all]").click()
    choose(page, found)
    with page.expect_response("**/decision"):
        page.get_by_role("button", name="Reopen").click()
    assert stored(served, session)[found]["decision"] == "open"
    page.get_by_role("button", name="Edit", exact=True).click()
    with page.expect_response("**/decision"):
        page.get_by_role("button", name="Back to the original words").click()
    assert stored(served, session)[found]["description"] == "No figure."


def test_a_finding_is_decided_and_that_taken_back_with_the_mouse_alone(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    found, other = a_finding(session.id).id, a_finding(session.id, "soon").id
    message = review.get_by_role("region", name="Message")
    choose(review, found)
    with review.expect_response(DECISION):
        review.get_by_role("button", name="Accept", exact=True).click()
    assert stored(served, session)[found]["decision"] == "accepted"
    expect(review.locator(".finding[aria-current]")).to_have_attribute("data-finding", other)
    expect(review.locator(".finding[aria-current]")).to_be_focused()
    with review.expect_response(DECISION):
        message.get_by_role("button", name="Undo").click()
    assert stored(served, session)[found]["decision"] == "open"
    for finding, reason in ((found, "Out of scope"), (other, "Reject without a reason")):
        expect(review.locator(".finding[aria-current]")).to_have_attribute("data-finding", finding)
        review.get_by_role("button", name="Reject", exact=True).click()
        review.get_by_role("button", name="Do not reject it").click()
        assert stored(served, session)[finding]["decision"] == "open"
        review.get_by_role("button", name="Reject", exact=True).click()
        with review.expect_response(DECISION):
            review.get_by_role("button", name=reason).click()
    made = stored(served, session)
    assert [(made[one]["decision"], made[one]["reason"]) for one in (found, other)] == [
        ("rejected", "Out of scope"),
        ("rejected", ""),
    ]


def test_a_resolved_conversation_is_opened_again(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    found = a_finding(session.id).id
    choose(review, found)
    review.locator(".thread summary").click()
    review.get_by_label("Reply to").fill("Why?")
    review.get_by_role("button", name="Reply", exact=True).click()
    review.get_by_role("button", name="Resolve").click()
    expect(review.locator(".thread summary")).to_contain_text("resolved")
    review.locator(".thread summary").click()
    with review.expect_response("**/resolved"):
        review.get_by_role("button", name="Open again").click()
    assert stored(served, session)[found]["resolved"] is False


def test_what_was_decided_elsewhere_is_left_as_it_is(
    review: Page, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("412")
    found = a_finding(session.id).id
    choose(review, found)
    decide(served, session, "Many", decision="rejected")
    review.keyboard.press("a")
    choose(review, found)
    review.get_by_role("button", name="Leave it as it is").click()
    expect(review.get_by_text("Decided elsewhere")).to_have_count(0)
    assert stored(served, session)[found]["decision"] == "rejected"


def test_all_that_fits_is_accepted_or_rejected_with_a_reason(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    review.get_by_text("Risk, section, point, source, order").click()
    review.get_by_label("Section").last.select_option("s2")
    accept, reject = (review.locator(f"[data-part={part}]") for part in ("accept-all", "reject-all"))
    expect(accept).to_have_text("Accept 1 open")
    with review.expect_response("**/decisions"):
        accept.click()
    review.locator("[data-part=choose-section]").select_option("s1")
    review.get_by_label("Reason for rejecting them").select_option("Out of scope")
    expect(reject).to_have_text("Reject 1 open")
    with review.expect_response("**/decisions"):
        reject.click()
    made = {one["quote"]: (one["decision"], one["reason"]) for one in stored(served, session).values()}
    assert made == {"soon": ("accepted", ""), "Many": ("rejected", "Out of scope"), "": ("open", "")}


def test_when_all_is_decided_the_list_leads_on_to_the_end(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    for section in ("s1", "s2"):
        served.tier.task(session, section, TaskStatus.STARTED)
        served.finish(session, section)
    open_review(page, served.review_url(session))
    expect(page.get_by_role("link", name="Finish the review")).to_be_hidden()
    page.keyboard.press("a")
    page.locator("[data-filter=decision][value=open]").click()
    page.get_by_role("link", name="Finish the review").click()
    page.wait_for_url("**/finish")


def test_the_outline_leads_to_its_section_and_the_focus_goes_along(review: Page) -> None:
    review.locator(".outline a", has_text="Actions").click()
    expect(review.locator("#b3")).to_be_focused()


def test_earlier_deeds_are_one_press_away(review: Page, served: ServedTier, session: ReviewSession) -> None:
    activity = served.tier.app.extensions["services"].activity
    for number in range(101):
        served.tier.clock.sleep(1)
        activity.add(
            session.id, ActivityKind.SHARED, by="ann", about={"user": f"u{number}", "access": "view"}
        )
    review.get_by_role("tab", name="Activity").click()
    expect(review.locator(".events li")).to_have_count(100)
    review.get_by_role("button", name="Earlier").click()
    expect(review.locator(".events li")).to_have_count(101)
    expect(review.locator(".events li").last).to_contain_text("u0")


def test_rejected_ones_and_rewrites_go_into_the_document_and_all_into_the_tables(
    uploaded: Page, served: ServedTier
) -> None:
    session_id = uploaded.url.split("/")[-2]
    client = served.tier.client()
    found = client.get(f"/sessions/{session_id}").get_json()["findings"]
    by_quote = {one["quote"]: one["id"] for one in found}
    address = f"/sessions/{session_id}/findings/{{}}/decision"
    edit = {"replacement": "by 1 May"}
    client.put(address.format(by_quote["soon"]), json={"decision": "accepted", "edit": edit})
    client.put(address.format(by_quote["Several sellers"]), json={"decision": "rejected"})
    uploaded.reload()
    uploaded.get_by_label("Rejected findings, 1").check()
    uploaded.get_by_label("Rewrites as tracked changes, 1").check()
    content = downloaded(uploaded, uploaded.get_by_role("button", name="Download .docx"))
    made = docx.Document(io.BytesIO(content))
    assert len(list(made.comments)) == 2
    assert "by 1 May" in made.element.xml
    table = downloaded(uploaded, uploaded.get_by_role("row", name=".csv").get_by_role("link")).decode(
        "utf-8-sig"
    )
    content = downloaded(uploaded, uploaded.get_by_role("row", name=".json").get_by_role("link"))
    listed = json.loads(content)["findings"]
    assert len(list(csv.DictReader(io.StringIO(table)))) == len(listed) == len(found)


def test_a_line_of_guidance_is_added_switched_off_and_removed(page: Page, served: ServedTier) -> None:
    lines = {"rev": 0, "items": [{"text": "Old line."}]}
    served.tier.client().put("/team/guidance", json=lines)
    page.goto(f"{served.url}/team")
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Add a line").click()
    page.get_by_label("Guidance", exact=True).last.fill("New line.")
    page.get_by_label("On", exact=True).last.uncheck()
    served.tier.clock.sleep(1)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. New reviews use it.")).to_be_visible()
    kept = served.tier.app.extensions["services"].guidance.current()
    assert [(item.text, item.on) for item in kept.items] == [("New line.", False)]
    page.reload()
    page.get_by_text("What changed").first.click()
    expect(page.get_by_text("Removed: Old line.")).to_be_visible()


def test_a_question_about_a_section_is_asked_about_the_whole_write_up_instead(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    review.get_by_role("tab", name="Chat").click()
    review.get_by_label("About", exact=True).select_option("s2")
    review.get_by_role("button", name="Ask about the whole write-up instead").click()
    review.locator("#question").fill("What is this about?")
    with review.expect_response(f"{served.url}/chat"):
        review.locator("[data-part=ask]").click()
    [turn] = served.tier.client().get(f"/sessions/{session.id}/chat").get_json()["turns"]
    assert (turn["question"], turn["section_id"]) == ("What is this about?", None)


def test_an_edit_that_was_begun_is_thrown_away(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    found = a_finding(session.id).id
    choose(review, found)
    review.keyboard.press("e")
    review.get_by_label("What is wrong").fill("Half a thought")
    choose(review, a_finding(session.id, "soon").id)
    choose(review, found)
    review.get_by_role("button", name="Throw it away").click()
    expect(review.get_by_text("What you typed here is not saved")).to_have_count(0)
    assert stored(served, session)[found]["description"] == "No figure."


def test_the_rest_of_a_section_is_one_press_away(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.task(session, "s1", TaskStatus.STARTED)
    served.finish(session, "s1", "Many", "sellers", "were", "affected", "Summary", "Many sellers")
    open_review(page, served.review_url(session))
    page.locator(".outline a", has_text="Actions").click()
    before = page.locator(".finding").count()
    page.get_by_role("button", name="more in this section").click()
    assert page.locator(".finding").count() > before
    expect(page.get_by_role("button", name="more in this section")).to_have_count(0)
