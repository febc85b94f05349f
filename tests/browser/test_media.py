"""The workspace on paper, in the system's own colours, and charts on a phone."""

from playwright.sync_api import Page

from core.review.session import ReviewSession
from tests.browser.conftest import Pages
from tests.browser.served import ServedTier
from tests.support.reviews import a_finding

_STYLE = "(node, [of, name]) => getComputedStyle(node, of)[name]"


def test_paper_has_the_quote_and_the_advice_of_closed_cards_too(review: Page, session: ReviewSession) -> None:
    found = a_finding(session.id, "soon")
    text = review.locator(f'.finding:not([aria-current])[data-finding="{found.id}"] .finding-text')
    assert text.evaluate(_STYLE, ["::after", "content"]) == "none"
    review.emulate_media(media="print")
    assert found.suggestion in text.evaluate(_STYLE, ["::after", "content"])
    assert found.quote in text.evaluate(_STYLE, ["::before", "content"])
    assert "shown" in review.locator(".filter-note").inner_text()


def test_what_is_pressed_chosen_or_current_shows_in_forced_colours(review: Page) -> None:
    review.emulate_media(forced_colors="active")
    pressed, other = (
        review.locator(f"[data-filter=decision][value={value}]").evaluate(_STYLE, [None, "backgroundColor"])
        for value in ("open", "rejected")
    )
    assert pressed != other
    card = review.locator(".finding[aria-current]")
    assert card.evaluate(_STYLE, [None, "borderLeftWidth"]) == "4px"
    tab = review.get_by_role("tab", name="Chat")
    assert tab.evaluate(_STYLE, [None, "borderBottomColor"]) == "rgba(0, 0, 0, 0)"


def test_a_chart_fits_a_phone(new_page: Pages, served: ServedTier, session: ReviewSession) -> None:
    page = new_page(width=390, height=780)
    page.goto(f"{served.review_url(session)}/insight")
    charts = page.locator(".chart").all()
    assert charts
    for chart in charts:
        right = chart.locator(".chart-value").evaluate_all(
            "all => Math.max(...all.map(one => one.getBoundingClientRect().right))"
        )
        assert right <= chart.bounding_box()["x"] + chart.bounding_box()["width"]
