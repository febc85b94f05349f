"""Waiting, calling off and the pass over the whole document: what the page says, and what is stored after a press."""

import pytest
from playwright.sync_api import Page, expect

from core.queueing.results import TaskStatus
from core.review.session import DOCUMENT_SECTION, ReviewSession
from tests.browser.helpers import open_review
from tests.browser.served import ServedTier

WORDS = """async (waits) => {
  const { waitWords } = await import("/static/js/waiting.mjs");
  return waits.map((wait) => waitWords(wait, "section"));
}"""
WORST = """async (waits) => (await import("/static/js/waiting.mjs")).worst(waits)"""


@pytest.fixture
def waiting(page: Page, served: ServedTier, session: ReviewSession) -> Page:
    """Both sections and the whole document are asked for, and no worker is there."""
    open_review(page, served.review_url(session))
    page.get_by_role("button", name="Review all").click()
    expect(page.locator("[data-part=wait]")).to_contain_text("2 sections ahead")
    return page


def statuses(served: ServedTier, session: ReviewSession) -> dict[str, TaskStatus]:
    services = served.tier.app.extensions["services"]
    tasks = services.reviews.get(session.id).tasks
    return {section: services.results.get(task).status for section, task in tasks.items()}


def test_the_strip_tells_the_longest_wait_and_each_row_its_own(
    waiting: Page, served: ServedTier, session: ReviewSession
) -> None:
    expect(waiting.locator("[data-part=wait]")).to_have_text(
        "The last one waits: 2 sections ahead, less than a minute"
    )
    places = ("next in line", "1 section ahead", "2 sections ahead")
    told = waiting.locator(".outline [data-part=word]").all_inner_texts()
    assert sorted(told) == sorted(f"Waiting: {place}, less than a minute" for place in places)
    # The review is read before the next round of asking: the place in the line is over.
    waiting.route("**/task_status**", lambda route: route.fulfill(status=304))
    served.begin(session, "s1")
    waiting.evaluate("dispatchEvent(new Event('focus'))")
    expect(waiting.locator(".outline [data-section=s1] [data-part=word]")).to_have_text("Running")


def test_what_all_failed_for_is_said_once_and_all_run_again_by_keyboard(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    for section in ("s1", "s2", DOCUMENT_SECTION):
        served.tier.task(session, section, TaskStatus.STARTED, correlation_id="abc123")
        served.fail(session, section)
    open_review(page, served.review_url(session))
    notice = page.locator("[data-part=failed-alike]")
    expect(notice).to_contain_text("2 sections and the whole document failed for the same reason")
    expect(notice).to_contain_text("Run the section again in a few minutes.")
    expect(notice).to_contain_text("Reference abc123")
    expect(page.get_by_text("The model did not answer in 4 tries.")).to_have_count(1)
    expect(page.locator(".outline [data-part=word]")).to_have_text(["Failed"] * 3)
    notice.get_by_role("button", name="Run all again").focus()
    page.keyboard.press("Enter")
    expect(notice).to_be_empty()
    expect(page.locator(".outline a").first).to_be_focused()
    assert set(statuses(served, session).values()) == {TaskStatus.PENDING}


def test_no_word_about_the_time_that_nobody_can_know(page: Page, served: ServedTier) -> None:
    page.goto(served.url)
    waits = [
        {"stage": "queued", "ahead": 37, "eta_s": 119},
        {"stage": "queued", "ahead": 1, "eta_s": None},
        {"stage": "retrying", "waiting_for": "the model", "eta_s": 3},
        {"stage": "queued"},
        {"stage": "queued", "ahead": 4000, "eta_s": 7300},
    ]
    assert page.evaluate(WORDS, waits) == [
        "37 sections ahead, about 2 minutes",
        "1 section ahead, nobody can say how long: nothing has moved lately",
        "for the model, less than a minute",
        "",
        "4000 sections ahead, about 2 hours",
    ]
    assert page.evaluate(WORST, waits)["ahead"] == 1


def test_everything_is_called_off_from_the_strip_and_asked_for_again(
    waiting: Page, served: ServedTier, session: ReviewSession
) -> None:
    expect(waiting.get_by_role("button", name="Cancel what waits or runs")).to_be_focused()
    waiting.keyboard.press("Enter")
    expect(waiting.locator(".outline [data-part=word]")).to_have_text(["Cancelled"] * 3)
    expect(waiting.get_by_role("button", name="Cancel what waits or runs")).to_be_hidden()
    expect(waiting.locator("[data-part=wait]")).to_be_hidden()
    assert set(statuses(served, session).values()) == {TaskStatus.REVOKED}
    waiting.get_by_role("button", name="Review all").click()
    expect(waiting.locator("[data-part=wait]")).to_be_visible()
    assert statuses(served, session) == dict.fromkeys(("s1", "s2", DOCUMENT_SECTION), TaskStatus.PENDING)


def test_one_section_is_called_off_by_keyboard_and_run_again(
    waiting: Page, served: ServedTier, session: ReviewSession
) -> None:
    row = waiting.locator(".outline [data-section=s2]")
    row.get_by_role("button", name="Cancel: Actions").focus()
    waiting.keyboard.press("Enter")
    again = row.get_by_role("button", name="Run again: Actions")
    expect(again).to_be_focused()
    stored = statuses(served, session)
    assert (stored["s1"], stored["s2"]) == (TaskStatus.PENDING, TaskStatus.REVOKED)
    with waiting.expect_response("**/analyze_section"):
        waiting.keyboard.press("Enter")
    assert statuses(served, session)["s2"] is TaskStatus.PENDING


def test_a_failed_pass_over_the_whole_says_why_keeps_all_from_being_reviewed_and_runs_again(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    for section in ("s1", "s2", DOCUMENT_SECTION):
        served.tier.task(session, section, TaskStatus.STARTED)
    served.finish(session, "s1", "Many")
    served.finish(session, "s2", "soon")
    served.fail(session, DOCUMENT_SECTION)
    open_review(page, served.review_url(session))
    expect(page.locator("[data-part=counts]")).to_have_text("2 of 2 sections, whole document failed")
    row = page.locator(".outline [data-section=document]")
    expect(row).to_contain_text("The model did not answer in 4 tries.")
    expect(page.locator(".segments [data-section=document]")).to_have_attribute("data-state", "failed")
    with page.expect_response("**/analyze_section"):
        row.get_by_role("button", name="Run again: Whole document").click()
    expect(page.locator("[data-part=counts]")).to_contain_text("whole document waiting")
    assert statuses(served, session)[DOCUMENT_SECTION] is TaskStatus.PENDING


def test_a_review_of_one_section_has_no_pass_over_the_whole(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    whole = page.locator("[data-section=document]").first
    open_review(page, served.review_url(session))
    expect(whole).to_be_visible()
    page.get_by_role("button", name="Change section: Actions").click()
    page.get_by_role("dialog").get_by_role("button", name="Skip").click()
    expect(page.locator(".outline [data-section=document]")).to_be_hidden()
    expect(page.locator(".segments [data-section=document]")).to_have_count(0)


def test_a_question_is_called_off_and_can_be_asked_again(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_review(page, served.review_url(session))
    page.get_by_role("tab", name="Chat").click()
    page.get_by_role("textbox", name="Question").fill("Who was affected?")
    page.keyboard.press("Enter")
    page.locator(".turn").get_by_role("button", name="Cancel").click()
    expect(page.locator(".turn .notice")).to_contain_text("Cancelled")
    [task] = [
        one["id"] for one in served.tier.client().get(f"/sessions/{session.id}/chat").get_json()["turns"]
    ]
    assert served.tier.app.extensions["services"].results.get(task).status is TaskStatus.REVOKED
    page.locator(".turn").get_by_role("button", name="Ask again").click()
    expect(page.locator(".turn")).to_have_count(2)
