"""Changing the outline in the workspace: merge, split, rename, skip, with the mouse and by keyboard."""

from playwright.sync_api import Page, expect

from core.queueing.results import TaskStatus
from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import open_review, sideways
from tests.browser.served import ServedTier

OUTLINE = "**/outline"
LONG = "Abstract, as the committee asked for it in the meeting before the last one, with all that was found since"


def names(page: Page) -> list[str]:
    return page.locator(
        ".outline > li:not([data-section=document]) .name > span:last-child"
    ).all_inner_texts()


def change(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Change section: {name}", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def press(page: Page, name: str) -> None:
    with page.expect_response(OUTLINE):
        page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_section_is_renamed_by_keyboard_alone_and_keeps_it_after_a_reload(review: Page) -> None:
    review.get_by_role("button", name="Change section: Summary").focus()
    review.keyboard.press("Enter")
    # Its module comes when it is asked for; what is hidden takes no focus.
    expect(review.get_by_role("dialog")).to_be_visible()
    review.get_by_label("Name", exact=True).focus()
    review.keyboard.press("Control+a")
    review.keyboard.type("Abstract")
    review.keyboard.insert_text(LONG.removeprefix("Abstract"))
    with review.expect_response(OUTLINE):
        review.keyboard.press("Enter")
    expect(review.get_by_role("dialog")).to_be_hidden()
    expect(review.get_by_role("button", name=f"Change section: {LONG}")).to_be_focused()
    assert names(review) == [LONG, "Actions"]
    review.reload()
    assert names(review) == [LONG, "Actions"]
    review.get_by_text("Risk, section, point, source, order").click()
    expect(review.get_by_label("Section", exact=True)).to_contain_text(LONG)
    assert sideways(review) == 0


def test_a_split_and_a_merge_keep_the_findings_with_their_words(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    change(review, "Actions")
    choices = review.get_by_label("Split before").locator("option").all_inner_texts()
    assert choices == ["Fix the form soon."]
    press(review, "Split")
    assert names(review) == ["Summary", "Actions", "Actions (part 2)"]
    expect(review.locator(".segments > li:not([data-section=document])")).to_have_count(3)
    part = review.locator(".outline > li").nth(2)
    expect(part.locator("[data-part=open]")).to_contain_text("1")
    part.locator("a").click()
    expect(review.locator("#b4")).to_be_focused()

    change(review, "Actions")
    expect(review.get_by_role("dialog")).to_contain_text("Merge with the section before it: Summary")
    press(review, "Merge")
    assert names(review) == ["Summary", "Actions (part 2)"]
    expect(review.locator("[data-filter=decision][value=all] .number")).to_have_text("3")


def test_a_section_is_split_before_the_block_that_is_chosen(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    change(review, "Actions")
    press(review, "Merge")
    change(review, "Summary")
    review.locator("#section-split").select_option(label="Heading: Actions")
    press(review, "Split")
    assert [
        (one["name"], one["first_block"])
        for one in served.tier.client().get(f"/sessions/{session.id}").get_json()["sections"]
    ] == [("Summary", "b1"), ("Actions", "b3")]


def test_a_skipped_section_says_so_and_is_left_out_of_review_all(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    change(review, "Actions")
    expect(review.locator("[data-part=skip-button]")).to_have_text("Skip")
    with review.expect_response(OUTLINE):
        review.locator("[data-part=skip-button]").click()
    row = review.locator(".outline > li").nth(1)
    expect(row).to_contain_text("Skipped")
    expect(row).to_contain_text("1 finding set aside")
    expect(review.locator("[data-filter=decision][value=all] .number")).to_have_text("2")
    with review.expect_response("**/analyze_all"):
        review.get_by_role("button", name="Review all").click()
    assert [message.section_id for message in served.tier.queue.sent] == ["s1"]
    change(review, "Actions")
    press(review, "Include")
    expect(row).not_to_contain_text("set aside")


def test_an_outline_that_changed_elsewhere_is_shown_and_not_overwritten(
    review: Page, new_page: Pages, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("412")
    other = new_page()
    open_review(other, served.review_url(session))
    change(other, "Actions")
    press(other, "Merge")
    change(review, "Actions")
    with review.expect_response(OUTLINE):
        review.get_by_role("dialog").get_by_role("button", name="Skip").click()
    alert = review.get_by_role("dialog").get_by_role("alert")
    expect(alert).to_contain_text("Someone else changed this in the meantime")
    assert names(review) == ["Summary"]
    expect(review.get_by_role("dialog").get_by_role("button", name="Skip")).to_have_count(0)
    review.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(review.get_by_role("dialog")).to_be_hidden()


def test_a_running_section_that_is_merged_is_stopped_and_the_dialog_fits_a_phone(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    record = served.tier.task(session, "s2", TaskStatus.PENDING)
    page = new_page(width=360, height=800)
    open_review(page, served.review_url(session))
    page.locator(".pane-switch button[value=outline]").click()
    change(page, "Actions")
    assert sideways(page) == 0
    press(page, "Merge")
    results = served.tier.app.extensions["services"].results
    assert results.get(record.task_id).status is TaskStatus.REVOKED


def test_a_dialog_that_cannot_be_loaded_is_said_and_tried_again(review: Page, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    review.route("**/outline-editor.mjs*", lambda route: route.abort(), times=1)
    change = review.get_by_role("button", name="Change section: Summary")
    change.click()
    expect(review.get_by_role("region", name="Message")).to_contain_text(
        "Not opened: AI-Prism did not answer"
    )
    change.click()
    expect(review.get_by_role("dialog", name="Section: Summary")).to_be_visible()
