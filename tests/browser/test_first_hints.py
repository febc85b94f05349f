"""The three hints of the first review: read, dismissed by keyboard, gone for good in this browser."""

from playwright.sync_api import Page, expect

from tests.browser.helpers import open_review
from tests.browser.served import ServedTier


def test_the_hints_cover_nothing_and_are_dismissed_for_good_by_keyboard(
    page: Page, served: ServedTier
) -> None:
    url = served.review_url(served.tier.review())
    open_review(page, url)
    hints = page.get_by_role("region", name="First steps")
    expect(hints.get_by_role("listitem")).to_have_count(3)
    above, text = hints.bounding_box(), page.locator(".sheet").first.bounding_box()
    assert above
    assert text
    assert above["y"] + above["height"] <= text["y"]
    hints.get_by_role("button", name="Got it").focus()
    page.keyboard.press("Enter")
    expect(hints).to_be_hidden()
    expect(page.locator("#desk")).to_be_focused()
    page.reload()
    expect(page.locator("html[data-ready]")).to_have_count(1)
    expect(hints).to_be_hidden()


def test_the_hints_lead_to_all_keys(page: Page, served: ServedTier) -> None:
    open_review(page, served.review_url(served.tier.review()))
    page.get_by_role("region", name="First steps").get_by_role("button", name="Every key").click()
    keys = page.get_by_role("dialog", name="Keys").locator("kbd").all_inner_texts()
    assert keys == ["j", "k", "a", "r", "e", "n", "u", "?"]
