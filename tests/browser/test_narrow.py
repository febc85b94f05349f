"""Windows with little room: what the reviewer was at stays in sight, and what belongs together on one line."""

from playwright.sync_api import Page, expect

from core.review.session import ReviewSession
from tests.browser.conftest import Pages
from tests.browser.helpers import SELECT, choose, open_review
from tests.browser.served import ServedTier
from tests.support.reviews import a_finding


def lines_of(page: Page, controls: str) -> int:
    """On how many lines these stand."""
    return len({round(one.bounding_box()["y"]) for one in page.locator(controls).all()})


def test_opening_the_filters_leaves_the_head_of_the_current_card_in_sight(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    page = new_page(width=1024, height=620)
    open_review(page, served.review_url(session))
    choose(page, a_finding(session.id, "soon").id)
    scroll, title = page.locator("[data-part=scroll]"), page.locator(".finding[aria-current] h4")
    scroll.evaluate("(pane) => { pane.scrollTop = 0; }")
    before = scroll.bounding_box()["height"]
    page.locator(".more-filters summary").click()
    page.wait_for_function(
        "(before) => document.querySelector('[data-part=scroll]').clientHeight < before", arg=before
    )
    expect(title).to_be_in_viewport(ratio=1)
    scroll.evaluate("(pane) => { pane.scrollTop = 0; }")
    page.locator(".more-filters summary").click()
    expect(page.locator(".filter-choices")).to_be_hidden()
    assert scroll.evaluate("(pane) => pane.scrollTop") == 0, "nothing moves where nothing was covered"


def test_the_kinds_and_the_ways_to_decide_stand_on_one_line_each_beside_two_more_panes(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    page = new_page(width=1024, height=768)
    open_review(page, served.review_url(session))
    choose(page, a_finding(session.id, "soon").id)
    assert lines_of(page, "[data-filter=type]") == 1
    assert lines_of(page, ".finding[aria-current] .actions .button") == 1


def test_words_stay_offered_by_touch_while_they_are_scrolled_and_typing_has_room_beside_the_keyboard(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    page = new_page(width=390, height=500, has_touch=True, is_mobile=True)
    open_review(page, served.review_url(session))
    page.evaluate(SELECT, ["b2", 2, 7])
    bar = page.get_by_role("toolbar", name="The selected words")
    expect(bar).to_be_visible()
    page.evaluate("document.getElementById('desk').scrollTop += 20")
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Add a finding").tap()
    draft = page.get_by_role("region", name="New finding")
    expect(draft.locator(".quote")).to_have_text("“Many”")
    expect(draft.get_by_label("What is wrong")).to_be_focused()
    expect(page.locator(".filters")).to_be_hidden()
    expect(draft.get_by_label("What is wrong")).to_be_in_viewport()
