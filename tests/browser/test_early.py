"""What somebody does on a page whose modules are still on their way: kept, and done once they listen."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from core.review.session import ReviewSession
from tests.browser.conftest import Watch
from tests.browser.helpers import drop
from tests.browser.served import ServedTier
from tests.support.write_ups import write_up


class SlowModules:
    """A page whose modules come when they are let go."""

    def __init__(self, page: Page, name: str) -> None:
        self._page, self._held, self._slow = page, list[Route](), True
        page.route(
            f"**/js/{name}.mjs*", lambda route: self._held.append(route) if self._slow else route.continue_()
        )

    def open(self, url: str) -> None:
        self._page.goto(url, wait_until="commit")
        expect(self._page.locator("#live")).to_be_attached()

    def come(self) -> None:
        assert self._page.locator("html[data-ready]").count() == 0
        assert self._held
        while self._held:
            self._held.pop().continue_()
        self._slow = False
        self._page.wait_for_selector("html[data-ready]")


def test_a_form_that_was_sent_early_is_saved_once(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    slow = SlowModules(page, "finish")
    slow.open(f"{served.review_url(session)}/finish")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "PUT" else None)
    page.get_by_label("Teammate").fill("bob")
    page.get_by_label("May").select_option("read")
    for _ in range(2):
        page.get_by_role("button", name="Share").click()
    assert page.url.endswith("/finish")
    slow.come()
    expect(page.locator(".team")).to_contain_text("Bob Baker bob, may read")
    assert len(sent) == 1


def test_a_button_that_was_pressed_early_does_its_work(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    slow = SlowModules(page, "theme")
    slow.open(f"{served.review_url(session)}/finish")
    page.get_by_role("button", name="Colours: system").click()
    slow.come()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_a_file_that_was_chosen_early_is_read(page: Page, served: ServedTier, tmp_path: Path) -> None:
    slow = SlowModules(page, "upload")
    slow.open(served.url)
    page.get_by_label("choose a file").set_input_files(write_up(tmp_path / "Parcels.docx"))
    slow.come()
    page.wait_for_url("**/review/*")


def test_a_word_that_was_searched_early_narrows_the_findings(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    slow = SlowModules(page, "filters")
    slow.open(served.review_url(session))
    page.get_by_role("searchbox").fill("soon")
    slow.come()
    expect(page.locator(".finding")).to_have_count(1)


def test_a_file_that_was_dropped_early_is_read(page: Page, served: ServedTier, tmp_path: Path) -> None:
    slow = SlowModules(page, "upload")
    slow.open(served.url)
    left_to_the_browser = drop(page, write_up(tmp_path / "Parcels.docx"))
    assert left_to_the_browser == []
    slow.come()
    page.wait_for_url("**/review/*")


NOT_READY = "Part of this page has not arrived"


@pytest.mark.parametrize("blocked", ["theme", "main", "dom"])
def test_a_page_whose_modules_do_not_come_says_so_and_what_to_do(
    page: Page, served: ServedTier, session: ReviewSession, watch: Watch, blocked: str
) -> None:
    """One of its own, the first one, and one that others need."""
    watch.expect("net::ERR_FAILED")
    watch.expect("script: Failed to fetch dynamically imported module")
    pattern = f"**/js/{blocked}.mjs*"
    page.route(pattern, lambda route: route.abort())
    page.goto(f"{served.review_url(session)}/finish")
    notice = page.get_by_role("alert").filter(has_text=NOT_READY)
    expect(notice).to_be_visible()
    page.unroute(pattern)
    notice.get_by_role("link", name="reload the page").click()
    page.wait_for_selector("html[data-ready]")
    expect(notice).to_be_hidden()


def test_a_page_whose_modules_stay_away_without_a_word_says_so_after_a_while(
    page: Page, served: ServedTier
) -> None:
    slow = SlowModules(page, "theme")
    slow.open(served.url)
    notice = page.locator(".not-ready")
    expect(notice).to_be_hidden()
    expect(notice).to_be_visible(timeout=15_000)
    slow.come()
    expect(notice).to_be_hidden()
