"""What is typed and not saved yet is never lost silently: not to another card, not to a reload, not to Cancel."""

from playwright.sync_api import Page, expect

from core.review.session import ReviewSession
from tests.browser.helpers import SELECT, choose, current_id, open_review, stored
from tests.browser.served import ServedTier
from tests.support.reviews import a_finding


def test_an_edit_that_was_begun_waits_on_its_card_over_other_cards_and_a_reload(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    finding, other = a_finding(session.id), a_finding(session.id, "soon")
    choose(review, finding.id)
    review.keyboard.press("e")
    review.get_by_label("What is wrong").fill("Say how many.")
    review.get_by_label("Note").fill("Ask the author.")
    choose(review, other.id)
    expect(review.locator(f"[data-finding={finding.id}]")).to_contain_text("What you typed here is not saved")
    open_review(review, served.review_url(session))
    choose(review, finding.id)
    review.get_by_role("button", name="Go on typing").click()
    expect(review.get_by_label("What is wrong")).to_have_value("Say how many.")
    expect(review.get_by_label("Note")).to_have_value("Ask the author.")
    with review.expect_response("**/decision"):
        review.get_by_role("button", name="Save").click()
    expect(review.get_by_text("is not saved")).to_have_count(0)
    saved = stored(served, session)[finding.id]
    assert (saved["description"], saved["note"]) == ("Say how many.", "Ask the author.")


def test_what_is_thrown_away_is_said_and_can_be_brought_back(review: Page, session: ReviewSession) -> None:
    choose(review, a_finding(session.id).id)
    review.keyboard.press("e")
    review.get_by_label("What is wrong").fill("Say how many.")
    review.keyboard.press("Escape")
    review.get_by_role("button", name="Bring it back").click()
    expect(review.get_by_label("What is wrong")).to_have_value("Say how many.")
    review.get_by_role("button", name="Cancel").last.click()
    expect(review.get_by_role("region", name="Message")).to_contain_text(
        "Thrown away: your edit of Vague quantity."
    )
    review.keyboard.press("e")
    expect(review.get_by_label("What is wrong")).to_have_value("No figure.")


def test_a_reply_that_was_begun_is_there_after_a_reload(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    finding = a_finding(session.id)
    choose(review, finding.id)
    review.locator(".thread summary").click()
    review.get_by_label("Reply to").fill("Half a thought")
    open_review(review, served.review_url(session))
    assert current_id(review) == finding.id
    expect(review.get_by_label("Reply to")).to_have_value("Half a thought")
    with review.expect_response("**/replies"):
        review.get_by_role("button", name="Reply").click()
    expect(review.get_by_label("Reply to")).to_have_value("")
    assert [one["text"] for one in stored(served, session)[finding.id]["replies"]] == ["Half a thought"]


def test_a_finding_that_is_being_written_keeps_its_words_when_it_is_tied_to_others(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    review.evaluate(SELECT, ["b2", 3, 7])
    review.get_by_role("button", name="Add a finding").click()
    review.get_by_label("Title").fill("No count")
    review.evaluate(SELECT, ["b4", 0, 3])
    review.get_by_role("button", name="Add a finding").click()
    expect(review.locator(".draft .quote")).to_have_text("“Fix”")
    open_review(review, served.review_url(session))
    expect(review.get_by_label("Title")).to_have_value("No count")
    review.get_by_label("What is wrong").fill("How many?")
    with review.expect_response("**/findings"):
        review.get_by_role("button", name="Add finding", exact=True).last.click()
    [own] = [one for one in stored(served, session).values() if one["own"]]
    assert (own["category"], own["quote"], own["anchor"]["block_id"]) == ("No count", "Fix", "b4")
    review.reload()
    expect(review.locator(".draft")).to_have_count(0)
