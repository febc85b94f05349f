"""What is opened is left again: by each button of a dialog that closes it, without anything being done."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.served import ServedTier
from tests.support.dead_letters import bury, bury_junk, task_id_of


def leave(opener: Locator, ways_out: str) -> None:
    """Opens a dialog for each button that closes it; the focus goes back to what opened it."""
    page = opener.page
    opener.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for way in page.locator(f"{ways_out}:visible").all():
        expect(way).to_be_visible()
        way.click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(opener).to_be_focused()
        opener.click()
        expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_dialogs_of_a_review_are_left_without_a_change(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    leave(review.get_by_role("button", name="All keys"), "#help [data-closes]")
    section = review.get_by_role("button", name="Change section: Summary")
    section.click()
    review.locator("#section-name").fill("Half a name")
    review.locator("#section-dialog").press("Escape")
    leave(section, "#section-dialog [data-closes]")
    section.click()
    expect(review.locator("#section-name")).to_have_value("Summary")
    review.keyboard.press("Escape")
    body = served.tier.client().get(f"/sessions/{session.id}").get_json()
    assert (body["outline_rev"], [one["name"] for one in body["sections"]]) == (0, ["Summary", "Actions"])


def test_a_finding_that_was_begun_is_cancelled(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    review.get_by_role("button", name="Add a finding of your own").click()
    draft = review.get_by_role("region", name="New finding")
    draft.get_by_label("Title").fill("Half a thought")
    draft.get_by_role("button", name="Cancel").click()
    expect(draft).to_have_count(0)
    review.reload()
    expect(review.locator("[data-part=loading]")).to_be_hidden()
    expect(draft).to_have_count(0)
    found = served.tier.client().get(f"/sessions/{session.id}").get_json()["findings"]
    assert not any(one["own"] for one in found)


def test_a_download_that_failed_is_put_away_and_the_tabs_lead_back_to_the_findings(
    review: Page, watch: Watch
) -> None:
    watch.expect("500")
    review.route("**/reviewed", lambda route: route.fulfill(status=500, body='{"title": "It failed"}'))
    review.get_by_role("link", name="Download reviewed .docx").click()
    review.get_by_role("dialog", name="The download failed").get_by_role("button", name="Close").click()
    expect(review.get_by_role("dialog")).to_have_count(0)
    review.get_by_role("tab", name="Activity").click()
    expect(review.locator(".finding").first).to_be_hidden()
    review.get_by_role("tab", name="Findings").click()
    expect(review.locator(".finding").first).to_be_visible()


def test_dialogs_of_the_start_page_are_left_without_a_change(page: Page, served: ServedTier) -> None:
    served.tier.review(document_name="Keep.docx")
    page.goto(served.url)
    leave(page.get_by_role("button", name="Rename Keep.docx"), "#rename [data-closes]")
    leave(page.get_by_role("button", name="Delete Keep.docx"), "#delete [data-closes]")
    [kept] = served.tier.client().get("/sessions").get_json()["sessions"]
    assert kept["document_name"] == "Keep.docx"


def test_a_row_that_changes_under_its_dialog_gets_the_focus_back(page: Page, served: ServedTier) -> None:
    served.tier.review(document_name="Keep.docx")
    counted: list[Route] = []
    page.route("**/sessions/tallies*", lambda route: counted.append(route))
    with page.expect_request("**/sessions/tallies*"):
        page.goto(served.url)
    opener = page.get_by_role("button", name="Rename Keep.docx")
    opener.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    with page.expect_response("**/sessions/tallies*"):
        counted[0].continue_()
    page.wait_for_timeout(100)
    page.keyboard.press("Escape")
    expect(page.get_by_text("decided")).to_be_visible()
    expect(opener).to_be_focused()


@pytest.fixture
def olga(new_page: Pages, served: ServedTier) -> Page:
    page = new_page()
    page.context.set_extra_http_headers({"X-Scripted-User": "olga"})
    return page


def test_dialogs_of_the_console_are_left_without_a_deed(olga: Page, served: ServedTier) -> None:
    tier = served.tier
    letter = bury(tier.store, tier.clock, 1)
    queueing = tier.app.extensions["services"].queueing
    run = queueing.letter_runs.prepare([letter], operator="olga", reason="mended")
    assert queueing.letter_runs.start(run)
    bury(tier.store, tier.clock, 2)
    olga.goto(f"{served.url}/ops/dead-letters/{task_id_of(2)}")
    olga.wait_for_selector("html[data-ready]")
    leave(olga.get_by_role("button", name="Delete…"), "#deed [data-closes]")
    leave(olga.get_by_role("button", name="Edit and replay…"), "#edit-letter [data-closes]")
    olga.goto(f"{served.url}/ops/runs/{run.run_id}")
    olga.wait_for_selector("html[data-ready]")
    leave(olga.get_by_role("button", name="Stop…"), "#stop [data-closes]")
    assert {name.task_id for name in queueing.dead_letters.names()} == {task_id_of(1), task_id_of(2)}
    assert tier.queue.sent == []


def test_a_message_that_is_none_of_ours_is_read_and_deleted_with_a_reason(
    olga: Page, served: ServedTier
) -> None:
    junk = bury_junk(served.tier.store)
    olga.goto(f"{served.url}/ops/dead-letters/{junk.task_id}")
    olga.wait_for_selector("html[data-ready]")
    for part in olga.locator("main details").all():
        was_open = part.evaluate("(details) => details.open")
        part.locator("summary").click()
        expect(part).to_have_js_property("open", not was_open)
    olga.get_by_role("button", name="Delete…").click()
    olga.locator("#deed").get_by_label("Why").fill("sent by hand")
    olga.locator("#deed [data-part=confirm]").click()
    expect(olga.locator("#deed")).to_be_hidden()
    letters = served.tier.app.extensions["services"].queueing.dead_letters
    assert letters.names() == []
    ((_, archived),) = letters.archived_of(junk.task_id)
    assert (archived.fate.value, archived.reason) == ("deleted", "sent by hand")
