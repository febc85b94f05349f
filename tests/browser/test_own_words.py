"""Findings in one's own words: edited, written from a selection, answered, decided in bulk, kept while offline."""

import re

from playwright.sync_api import Page, expect

from core.queueing.results import TaskStatus
from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import SELECT, chip_number, choose, current_id, open_review, painted, stored
from tests.browser.served import ServedTier
from tests.support.reviews import a_finding


def test_an_edit_is_saved_with_the_original_kept_and_can_be_taken_back(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    finding = a_finding(session.id)
    choose(review, finding.id)
    review.keyboard.press("e")
    expect(review.get_by_label("What is wrong")).to_be_focused()
    review.get_by_label("What is wrong").fill("Say how many sellers.")
    review.get_by_label("Risk").last.select_option("high")
    review.get_by_label("Type").select_option("critical")
    review.get_by_label("Title").fill("No count")
    review.get_by_label("What to do").fill("Count them.")
    review.get_by_label("Rewrite").fill("Forty")
    review.get_by_label("Note").fill("Ask the author.")
    with review.expect_response("**/decision"):
        review.keyboard.press("Control+Enter")
    card = review.locator(".finding[aria-current]")
    expect(card).to_contain_text("Say how many sellers.")
    card.get_by_text("Edited. Show the original").click()
    expect(card).to_contain_text("What is wrong: No figure.")
    saved = stored(served, session)[finding.id]
    told = ("type", "risk_level", "category", "suggestion", "replacement", "note")
    assert [saved[name] for name in told] == [
        "critical",
        "high",
        "No count",
        "Count them.",
        "Forty",
        "Ask the author.",
    ]
    with review.expect_response("**/decision"):
        review.keyboard.press("u")
    expect(card).to_contain_text("No figure.")
    assert stored(served, session)[finding.id]["original"] == {}


def test_escape_leaves_the_form_without_a_change(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    review.keyboard.press("e")
    review.get_by_label("What is wrong").fill("Something else")
    review.keyboard.press("Escape")
    expect(review.locator(".finding-form")).to_have_count(0)
    assert {one["rev"] for one in stored(served, session).values()} == {0}


def test_what_is_being_typed_survives_findings_that_come_in(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.task(session, "s2", TaskStatus.STARTED)
    open_review(page, served.review_url(session))
    choose(page, a_finding(session.id).id)
    page.keyboard.press("e")
    page.get_by_label("What is wrong").fill("Half a sent")
    served.finish(session, "s2", "form")
    expect(page.get_by_role("button", name="1 new finding")).to_be_visible()
    expect(page.get_by_label("What is wrong")).to_have_value("Half a sent")


def test_an_own_finding_stands_on_the_selected_words(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    review.evaluate(SELECT, ["b2", 8, 15])
    review.keyboard.press("n")
    draft = review.get_by_role("region", name="New finding")
    expect(draft).to_contain_text("“sellers”")
    draft.get_by_label("Title").fill("Who exactly")
    draft.get_by_label("What is wrong").fill("Which sellers?")
    draft.get_by_label("What to do").fill("Name them.")
    draft.get_by_label("Type").select_option("critical")
    draft.get_by_label("Risk").select_option("high")
    with review.expect_response("**/findings"):
        draft.get_by_role("button", name="Add finding").click()
    expect(review.locator(".finding[aria-current]")).to_contain_text("Who exactly")
    [own] = [one for one in stored(served, session).values() if one["own"]]
    assert (own["quote"], own["type"], own["decision"]) == ("sellers", "critical", "accepted")
    assert (own["risk_level"], own["suggestion"]) == ("high", "Name them.")
    assert {"name": "active", "block": "b2", "text": "sellers"} in painted(review)
    review.locator("[data-filter=type][value=mine]").click()
    review.locator("[data-filter=decision][value=all]").click()
    expect(review.locator(".finding")).to_have_count(1)


def test_a_question_is_asked_about_the_selected_words_of_their_section(review: Page) -> None:
    review.evaluate(SELECT, ["b4", 0, 7])
    bar = review.get_by_role("toolbar", name="The selected words")
    bar.get_by_role("button", name="Ask about the words").click()
    expect(bar).to_have_count(0)
    expect(review.get_by_label("Question", exact=True)).to_have_value("“Fix the”: ")
    expect(review.get_by_label("Question", exact=True)).to_be_focused()
    expect(review.get_by_label("About", exact=True)).to_have_value("s2")


def test_an_own_finding_on_words_of_two_paragraphs_is_one_finding_over_both(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    review.evaluate(SELECT, ["b3", 3, 7, "b4"])
    review.keyboard.press("n")
    draft = review.get_by_role("region", name="New finding")
    expect(draft).to_contain_text("“ions Fix the”")
    draft.get_by_label("Title").fill("Which form")
    draft.get_by_label("What is wrong").fill("There are three.")
    with review.expect_response("**/findings"):
        draft.get_by_role("button", name="Add finding").click()
    expect(review.locator(".finding[aria-current]")).to_contain_text("Which form")
    active = [(one["block"], one["text"]) for one in painted(review) if one["name"] == "active"]
    assert active == [("b3", "ions"), ("b4", "Fix the")]
    [own] = [one for one in stored(served, session).values() if one["own"]]
    assert [part["block_id"] for part in (own["anchor"], *own["anchor"]["more"])] == ["b3", "b4"]
    for block_id in ("b3", "b4"):
        beside = review.locator(f"#{block_id}").locator("xpath=..").locator(".block-findings")
        expect(beside).to_have_accessible_name(re.compile("Which form"))


def test_an_own_finding_can_be_removed_and_written_again(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    review.get_by_role("button", name="Add a finding of your own").click()
    draft = review.get_by_role("region", name="New finding")
    expect(draft).to_contain_text("About the whole document.")
    draft.get_by_label("Title").fill("Tone")
    draft.get_by_label("What is wrong").fill("Too sure.")
    draft.get_by_role("button", name="Add finding").click()
    with review.expect_response("**/findings/*"):
        review.get_by_role("button", name="Remove").click()
    expect(review.locator(".finding", has_text="Tone")).to_have_count(0)
    assert not any(one["own"] for one in stored(served, session).values())
    review.get_by_role("button", name="Write it again").click()
    expect(draft.get_by_label("Title")).to_have_value("Tone")


def test_a_finding_is_answered_resolved_and_the_reply_removed(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    finding = a_finding(session.id)
    choose(review, finding.id)
    card = review.locator(".finding[aria-current]")
    card.get_by_text("Reply", exact=True).first.click()
    card.get_by_label("Reply to").fill("See 4.2")
    card.get_by_role("button", name="Reply", exact=True).click()
    expect(card.locator(".reply-text")).to_have_text("See 4.2")
    card.get_by_role("button", name="Resolve").click()
    expect(card.locator("summary", has_text="1 reply, resolved")).to_be_visible()
    assert stored(served, session)[finding.id]["resolved"]
    card.locator("summary", has_text="1 reply, resolved").click()
    card.get_by_role("button", name="Remove").click()
    expect(card.locator(".reply-text")).to_have_count(0)
    assert stored(served, session)[finding.id]["replies"] == []


def test_everything_that_fits_a_filter_is_rejected_at_once_and_taken_back(
    review: Page, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("503")
    expect(review.get_by_role("button", name="Reject 3 open")).to_be_hidden()
    review.get_by_label("Find in the findings").fill("figure")
    expect(review.locator("[data-part=shown]")).to_have_text("2 shown, 1 hidden")
    review.get_by_label("Reason for rejecting them").select_option("Out of scope")
    busy = '{"title": "Storage is busy", "next_step": "Try again in a minute."}'
    review.route("**/decisions", lambda route: route.fulfill(status=503, body=busy), times=1)
    review.get_by_role("button", name="Reject 2 open").click()
    expect(review.get_by_role("region", name="Message")).to_have_text(
        "None of the 2 was saved: Storage is busy. Try again in a minute."
    )
    with review.expect_response("**/decisions"):
        review.get_by_role("button", name="Reject 2 open").click()
    expect(review.locator("[data-filter=decision][value=rejected] .number")).to_have_text("2")
    assert [one["reason"] for one in stored(served, session).values()].count("Out of scope") == 2
    with review.expect_response("**/undo"):
        review.get_by_role("button", name="Undo").click()
    expect(review.locator("[data-filter=decision][value=open] .number")).to_have_text("3")
    assert {one["decision"] for one in stored(served, session).values()} == {"open"}


def test_each_choice_narrows_the_list_and_is_kept(review: Page, session: ReviewSession) -> None:
    review.get_by_text("Risk, section, point, source, order").click()
    review.get_by_label("Section", exact=True).select_option("s2")
    expect(review.locator("[data-part=shown]")).to_have_text("1 shown, 2 hidden")
    review.reload()
    expect(review.locator("[data-part=shown]")).to_have_text("1 shown, 2 hidden")
    expect(review.locator("[data-part=behind]")).to_have_text("1 chosen")
    review.get_by_role("button", name="Show all").click()
    review.get_by_text("Risk, section, point, source, order").click()
    review.get_by_label("Risk", exact=True).select_option("high")
    expect(review.locator("[data-part=shown]")).to_have_text("0 shown, 3 hidden")
    review.get_by_label("Risk", exact=True).select_option("")
    review.get_by_label("Source").select_option("rules")
    expect(review.locator("[data-part=shown]")).to_have_text("3 shown, 0 hidden")
    review.get_by_label("Order").select_option("reading")
    order = [one.get_attribute("data-finding") for one in review.locator(".finding").all()]
    assert order[-2:] == [a_finding(session.id, quote).id for quote in ("Many", "soon")]
    review.get_by_label("Order").select_option("all")
    expect(review.get_by_role("heading", name="Whole review, strongest first")).to_be_visible()


def test_what_is_said_in_several_places_is_one_card_until_it_is_spread(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.task(session, "s1", TaskStatus.STARTED)
    alike = [
        a_finding(
            session.id, quote, id=f"f{number:020x}", category="Tone", rule="", section_id="s1"
        ).to_dict()
        for number, quote in enumerate(("Many", "sellers", "affected"))
    ]
    served._end(session, "s1", status=TaskStatus.SUCCESS, result={"feedback": alike})
    open_review(page, served.review_url(session))
    expect(page.locator("[data-part=shown]")).to_have_text("3 shown, 2 folded into them, 0 hidden")
    card = page.locator(".finding", has_text="Tone")
    expect(card).to_contain_text("in 3 places")
    card.locator(".finding-open").click()
    page.get_by_role("button", name="Show one by one").click()
    expect(page.locator(".finding", has_text="Tone")).to_have_count(3)
    page.get_by_role("button", name="Summary: “affected”").click()
    expect(page.locator(".finding[aria-current] .quote")).to_contain_text("affected")
    page.get_by_role("button", name="Show as one").click()
    page.locator(".finding-open", has_text="Vague quantity").first.click()
    expect(page.locator(".finding", has_text="Tone")).to_have_count(1)
    page.locator(".finding-open", has_text="Tone").click()
    with page.expect_response("**/decisions"):
        page.get_by_role("button", name="Accept all 3").click()
    expect(page.locator(".finding[aria-current]")).to_have_attribute("data-decision", "open")
    expect(page.locator("[data-filter=decision][value=accepted] .number")).to_have_text("3")
    with page.expect_response("**/undo"):
        page.keyboard.press("u")
    expect(page.locator("[data-filter=decision][value=accepted] .number")).to_have_text("0")


def test_decisions_made_while_offline_are_kept_said_and_sent(
    review: Page, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    first = current_id(review)
    review.context.set_offline(True)
    review.keyboard.press("a")
    expect(review.get_by_text("1 decision kept in this browser")).to_be_visible()
    strip, panes = (review.locator(one).bounding_box() for one in (".strip-unsaved", ".panes"))
    assert strip["height"] < 50 < panes["height"]
    assert panes["y"] + panes["height"] == review.viewport_size["height"]
    assert chip_number(review, "accepted") == 1
    assert stored(served, session)[first]["decision"] == "open"
    with review.expect_response("**/decision"):
        review.context.set_offline(False)
    expect(review.get_by_text("kept in this browser")).to_be_hidden()
    assert stored(served, session)[first]["decision"] == "accepted"


def test_a_decision_kept_offline_survives_a_reload(
    review: Page, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("ERR_FAILED")
    first = current_id(review)
    review.route("**/decision", lambda route: route.abort())
    review.keyboard.press("a")
    expect(review.get_by_text("1 decision kept in this browser")).to_be_visible()
    review.unroute("**/decision")
    with review.expect_response("**/decision"):
        review.reload()
    expect(review.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")
    assert stored(served, session)[first]["decision"] == "accepted"


def test_who_may_only_read_gets_no_controls(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.client().put(f"/sessions/{session.id}/shares", json={"user_id": "bob", "access": "view"})
    page = new_page()
    page.context.set_extra_http_headers({"X-Scripted-User": "bob"})
    open_review(page, served.review_url(session))
    page.keyboard.press("a")
    page.keyboard.press("n")
    expect(page.get_by_text("You can read this review, not decide in it.")).to_be_visible()
    expect(page.get_by_text("Shared by Ann Archer: view only")).to_be_visible()
    expect(page.locator(".hints")).not_to_contain_text("accept")
    expect(page.locator(".finding :is(.actions, .thread)")).to_have_count(0)
    expect(page.get_by_role("button", name="Add a finding of your own")).to_have_count(0)
    assert chip_number(page, "open") == 3
