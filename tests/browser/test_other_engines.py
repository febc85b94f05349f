"""What Firefox and WebKit do otherwise than Chromium, as far as Chromium can show it: seen in them by eye."""

import pytest
from playwright.sync_api import Page, expect

from core.review.session import ReviewSession
from tests.browser.conftest import Pages
from tests.browser.helpers import open_review, painted
from tests.browser.served import ServedTier

HEAR_FOCUS = """
const focus = HTMLElement.prototype.focus;
HTMLElement.prototype.focus = function (options) {
  window.lastFocus = options?.focusVisible ?? null;
  return focus.call(this, options);
};"""
AS_IN_WEBKIT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("[popover] { height: stretch }");
  document.adoptedStyleSheets = [sheet];
}"""


@pytest.fixture
def heard(page: Page, served: ServedTier, session: ReviewSession) -> Page:
    page.add_init_script(HEAR_FOCUS)
    open_review(page, served.review_url(session))
    return page


def asked_for(page: Page) -> bool | None:
    """Whether the last focus that a script gave was to be visible; None: as the browser thinks."""
    asked: bool | None = page.evaluate("window.lastFocus")
    return asked


def test_marks_do_not_follow_changes_of_the_page(review: Page) -> None:
    """WebKit looks for the words of a live range anew, and in a dialog's title while one is open."""
    assert painted(review)
    kinds = review.evaluate(
        "[...CSS.highlights.values()].flatMap((all) => [...all]).map((one) => one.constructor.name)"
    )
    assert set(kinds) == {"StaticRange"}


def test_a_key_after_a_click_asks_for_the_ring(heard: Page) -> None:
    """WebKit shows none of its own accord once the mouse was used."""
    heard.get_by_role("tab", name="Chat").click()
    heard.keyboard.press("ArrowLeft")
    expect(heard.get_by_role("tab", name="Findings")).to_be_focused()
    assert asked_for(heard) is True
    heard.locator(".finding-open").last.click()
    heard.keyboard.press("k")
    assert asked_for(heard) is True
    heard.keyboard.press("r")
    heard.keyboard.press("Escape")
    expect(heard.locator(".finding[aria-current]")).to_be_focused()
    assert asked_for(heard) is True


def test_a_click_leaves_the_ring_to_the_browser(heard: Page) -> None:
    heard.locator(".finding[aria-current]").get_by_role("button", name="Accept").click()
    expect(heard.locator(".finding[aria-current]")).to_be_focused()
    assert asked_for(heard) is None


def test_the_menu_is_as_high_as_its_links(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    """In WebKit a popover that is a grid is as high as the window unless it says otherwise."""
    page = new_page(width=700)
    open_review(page, served.review_url(session))
    page.evaluate(AS_IN_WEBKIT)
    page.get_by_role("button", name="Menu").click()
    box = page.locator("#pages").bounding_box()
    assert box
    assert box["height"] < 200


def test_the_room_above_the_options_stands_in_their_legend(page: Page, served: ServedTier) -> None:
    """WebKit puts a legend on the edge of its fieldset, above the padding."""
    page.goto(served.url)
    legend = page.locator(".drop-options legend")
    assert legend.evaluate("(one) => getComputedStyle(one.parentElement).paddingTop") == "0px"
    assert legend.evaluate("(one) => getComputedStyle(one).paddingTop") == "12px"
