"""axe over every page and its states, light and dark. It finds a part of WCAG 2.2 AA; keyboard tests find another."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.queueing.results import TaskStatus
from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import open_review, sideways
from tests.browser.served import ServedTier
from tests.browser.test_own_words import choose
from tests.support.reviews import a_finding

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # What passes is neither collected nor sent over.
    "resultTypes": ["violations"],
}

colours = pytest.mark.parametrize("colours", ["light", "dark"])


def assert_no_violations(page: Page) -> None:
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


@pytest.fixture
def session(served: ServedTier) -> ReviewSession:
    session = served.tier.review()
    served.tier.task(session, "s1", TaskStatus.STARTED)
    served.fail(session, "s1")
    return session


@colours
def test_start_page(new_page: Pages, served: ServedTier, session: ReviewSession, colours: str) -> None:
    page = new_page(color_scheme=colours)
    page.goto(served.url)
    expect(page.get_by_role("link", name=session.document_name)).to_be_visible()
    assert_no_violations(page)
    page.get_by_role("button", name="Delete").click()
    assert_no_violations(page)


@colours
def test_workspace(new_page: Pages, served: ServedTier, session: ReviewSession, colours: str) -> None:
    page = new_page(color_scheme=colours)
    open_review(page, served.review_url(session))
    page.keyboard.press("a")
    page.keyboard.press("r")
    assert_no_violations(page)
    page.keyboard.press("Enter")
    page.locator("[data-filter=decision][value=all]").click()
    assert_no_violations(page)
    page.get_by_role("button", name="All keys").click()
    assert_no_violations(page)


@pytest.mark.parametrize("pane", ["outline", "document", "findings"])
def test_narrow_workspace(new_page: Pages, served: ServedTier, session: ReviewSession, pane: str) -> None:
    page = new_page(width=400, height=800)
    open_review(page, served.review_url(session))
    page.locator(f".pane-switch button[value={pane}]").click()
    assert_no_violations(page)


@pytest.mark.parametrize(("colours", "width"), [("light", 1440), ("dark", 400)])
def test_waiting_workspace(
    new_page: Pages, served: ServedTier, session: ReviewSession, colours: str, width: int
) -> None:
    page = new_page(color_scheme=colours, width=width)
    open_review(page, served.review_url(session))
    page.locator("[data-part=review-all]").click()
    expect(page.locator("[data-part=wait]")).to_contain_text("ahead")
    assert_no_violations(page)


@pytest.mark.parametrize(("colours", "width"), [("light", 1440), ("dark", 400)])
def test_pages_about_reviews(
    new_page: Pages, served: ServedTier, session: ReviewSession, colours: str, width: int
) -> None:
    page = new_page(color_scheme=colours, width=width)
    review = f"/review/{session.id}"
    for tail in (f"{review}/coverage", f"{review}/insight", f"{review}/finish", "/insights", "/team"):
        page.goto(served.url + tail)
        page.wait_for_selector("html[data-ready]")
        assert sideways(page) == 0
        assert_no_violations(page)


@colours
def test_error_page(new_page: Pages, served: ServedTier, watch: Watch, colours: str) -> None:
    watch.expect("404")
    page = new_page(color_scheme=colours)
    page.goto(f"{served.url}/review/00000000-0000-4000-8000-000000000000")
    assert_no_violations(page)


@colours
def test_every_state_of_a_card_and_of_the_chat(
    new_page: Pages, served: ServedTier, session: ReviewSession, colours: str, watch: Watch
) -> None:
    """Editing, a draft, an own finding, a conflict, no connection, a toast, nothing that fits, a dialog."""
    watch.expect("412")
    watch.expect("ERR_FAILED")
    page = new_page(color_scheme=colours)
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


@colours
def test_empty_and_refused_states_of_the_start_page(
    new_page: Pages, served: ServedTier, colours: str, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("415")
    watch.expect("503")
    page = new_page(color_scheme=colours)
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
