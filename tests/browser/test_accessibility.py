"""axe over every page and its states, light and dark. It finds a part of WCAG 2.2 AA; keyboard tests find another."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.queueing.results import TaskStatus
from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import assert_no_violations, choose, open_review, sideways
from tests.browser.served import ServedTier
from tests.support.reviews import a_finding


@pytest.fixture
def session(served: ServedTier) -> ReviewSession:
    """Both sections failed, for the same reason."""
    session = served.tier.review()
    for section in ("s1", "s2"):
        served.tier.task(session, section, TaskStatus.STARTED)
        served.fail(session, section)
    return session


def test_start_page(page: Page, served: ServedTier, session: ReviewSession) -> None:
    page.goto(served.url)
    expect(page.get_by_role("link", name=session.document_name)).to_be_visible()
    assert_no_violations(page)
    page.get_by_role("button", name="Delete").click()
    assert_no_violations(page)


def test_workspace(page: Page, served: ServedTier, session: ReviewSession, watch: Watch) -> None:
    watch.expect("503")
    open_review(page, served.review_url(session))
    page.keyboard.press("a")
    expect(page.get_by_role("region", name="Message")).to_contain_text("Accepted")
    assert_no_violations(page)
    page.keyboard.press("r")
    assert_no_violations(page)
    page.keyboard.press("Enter")
    page.locator("[data-filter=decision][value=all]").click()
    assert_no_violations(page)
    page.get_by_role("button", name="All keys").click()
    assert_no_violations(page)
    page.keyboard.press("Escape")
    page.route(
        "**/reviewed", lambda route: route.fulfill(status=503, body='{"title": "Storage does not answer"}')
    )
    page.get_by_role("link", name="Download reviewed").click()
    expect(page.get_by_role("dialog", name="The download failed")).to_be_visible()
    assert_no_violations(page)


def test_a_narrow_window_shows_one_pane_and_never_scrolls_sideways(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    page = new_page(width=360, height=800)
    open_review(page, served.review_url(session))
    for name in ("outline", "document", "findings"):
        page.locator(f".pane-switch button[value={name}]").click()
        pane = page.locator(f".pane[data-name={name}]")
        expect(pane).to_be_visible()
        expect(page.locator(".pane:visible")).to_have_count(1)
        assert sideways(page) == 0
        assert pane.bounding_box()["y"] < page.locator(".pane-switch").bounding_box()["y"]
        assert_no_violations(page)
    menu = page.get_by_role("button", name="Menu")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Coverage")).to_be_focused()
    assert_no_violations(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Coverage")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    page.get_by_role("link", name="Insight").click()
    page.wait_for_url("**/insight")


def test_waiting_workspace(page: Page, served: ServedTier, session: ReviewSession) -> None:
    open_review(page, served.review_url(session))
    page.locator("[data-part=review-all]").click()
    expect(page.locator("[data-part=wait]")).to_contain_text("2 sections ahead")
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert_no_violations(page)
        assert sideways(page) == 0


def test_pages_over_all_reviews(page: Page, served: ServedTier, session: ReviewSession) -> None:
    for tail in ("/insights", "/team"):
        page.goto(served.url + tail)
        page.wait_for_selector("html[data-ready]")
        for width in (1440, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert sideways(page) == 0
            # What sticks to the bottom of the window lies over whatever happens to stand there.
            page.keyboard.press("End")
            assert_no_violations(page)


def test_error_page(page: Page, served: ServedTier, watch: Watch) -> None:
    watch.expect("404")
    page.goto(f"{served.url}/review/00000000-0000-4000-8000-000000000000")
    assert_no_violations(page)


def test_every_state_of_a_card_and_of_the_chat(
    page: Page, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    """Editing, a draft, an own finding, a conflict, no connection, a toast, nothing that fits, a dialog."""
    watch.expect("412")
    watch.expect("ERR_FAILED")
    open_review(page, served.review_url(session))
    found = a_finding(session.id)
    choose(page, found.id)
    page.keyboard.press("e")
    page.get_by_label("Note").fill("Half a thought")
    assert_no_violations(page)
    choose(page, a_finding(session.id, "soon").id)
    page.locator(".thread summary").click()
    page.get_by_role("button", name="Add a finding").click()
    assert_no_violations(page)
    page.keyboard.press("Escape")
    decision = f"/sessions/{session.id}/findings/{found.id}/decision"
    assert served.tier.client().put(decision, json={"decision": "rejected"}).status_code == 200
    choose(page, found.id)
    page.keyboard.press("a")
    page.get_by_role("button", name="Show", exact=True).last.click()
    expect(page.get_by_text("Decided elsewhere in the meantime")).to_be_visible()
    assert_no_violations(page)
    page.route("**/decision", lambda route: route.abort())
    choose(page, a_finding(session.id, "soon").id)
    page.keyboard.press("a")
    expect(page.locator(".strip-unsaved")).to_be_visible()
    page.get_by_role("searchbox", name="Find").fill("fits nothing")
    expect(page.get_by_text("No finding fits these filters")).to_be_visible()
    assert_no_violations(page)
    page.unroute("**/decision")
    page.get_by_role("tab", name="Chat").click()
    page.get_by_label("About", exact=True).select_option("s2")
    assert_no_violations(page)
    page.get_by_role("tab", name="Activity").click()
    expect(page.locator(".events li").first).to_be_visible()
    page.get_by_role("button", name="Change section: Summary").click()
    assert_no_violations(page)


def test_empty_and_refused_states_of_the_start_page(
    page: Page, served: ServedTier, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("415")
    watch.expect("503")
    page.goto(served.url)
    expect(page.get_by_text("No reviews yet")).to_be_visible()
    disguised = tmp_path / "notes.docx"
    disguised.write_text("Just text.")
    page.get_by_label("choose a file").set_input_files(disguised)
    expect(page.get_by_role("alert").locator(".notice")).to_be_visible()
    assert_no_violations(page)
    for number in range(8):
        served.tier.review(document_name=f"Write-up {number}.docx")
    page.reload()
    page.get_by_label("Find a review by its name").fill("nothing like it")
    expect(page.get_by_text("No review has that name")).to_be_visible()
    page.route("**/sessions?*", lambda route: route.fulfill(status=503, body='{"title": "Storage"}'))
    page.get_by_label("Find a review by its name").fill("")
    expect(page.get_by_text("Your reviews cannot be shown right now")).to_be_visible()
    assert_no_violations(page)
    page.unroute("**/sessions?*")
    page.get_by_role("button", name="Try now").click()
    page.get_by_role("button", name="Rename Write-up 7.docx").click()
    assert_no_violations(page)
