"""axe over every page and its states, light and dark. It finds a part of WCAG 2.2 AA; keyboard tests find another."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.queueing.results import TaskStatus
from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import open_review, sideways
from tests.browser.served import ServedTier

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

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


def test_error_page(page: Page, served: ServedTier, watch: Watch) -> None:
    watch.expect("404")
    page.goto(f"{served.url}/review/00000000-0000-4000-8000-000000000000")
    assert_no_violations(page)
