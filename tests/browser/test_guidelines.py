"""The choice of guidelines on the start page: from last time, a file for this review, or none."""

from pathlib import Path

from playwright.sync_api import Page, expect

from core.review.guidelines import Guidelines
from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import sideways
from tests.browser.served import ServedTier
from tests.support.guidelines import some
from tests.support.write_ups import write_up

KEPT = some("- Name an owner for every action.", name="Seller risk style.docx")


def keep(served: ServedTier, guidelines: Guidelines = KEPT) -> None:
    served.tier.app.extensions["services"].guidelines.keep("ann", guidelines)


def open_start(page: Page, served: ServedTier) -> None:
    page.goto(served.url)
    page.wait_for_selector("html[data-ready]")


def guidelines_file(tmp_path: Path, text: str = "- Figures have a source.") -> Path:
    path = tmp_path / "Style of this review.md"
    path.write_text(text)
    return path


def review_of(page: Page, served: ServedTier, tmp_path: Path) -> ReviewSession:
    """Uploads a document and gives the review that it became."""
    page.get_by_label("choose a file").set_input_files(write_up(tmp_path / "Parcels.docx"))
    page.wait_for_url("**/review/*")
    session: ReviewSession = served.tier.app.extensions["services"].reviews.get(page.url.rsplit("/", 1)[1])
    return session


def test_without_any_from_last_time_none_is_chosen(page: Page, served: ServedTier, tmp_path: Path) -> None:
    open_start(page, served)
    group = page.get_by_role("group", name="Guidelines")
    expect(group.get_by_role("radio")).to_have_count(2)
    expect(group.get_by_role("radio", name="None")).to_be_checked()
    assert review_of(page, served, tmp_path).guidelines is None
    expect(page.locator(".outline-foot")).to_contain_text("Guidelines: none")


def test_the_ones_from_last_time_are_offered_and_used(page: Page, served: ServedTier, tmp_path: Path) -> None:
    keep(served)
    open_start(page, served)
    page.get_by_role("radio", name="None").check()
    page.locator("#guidelines-old").check()
    expect(page.get_by_role("radio", name="Seller risk style.docx")).to_be_checked()
    expect(page.get_by_text("From last time, 5 Jan")).to_be_visible()
    used = review_of(page, served, tmp_path).guidelines
    assert used is not None
    assert used.sha256 == KEPT.sha256
    expect(page.locator(".outline-foot")).to_contain_text("Guidelines: Seller risk style.docx")


def test_a_file_is_added_with_the_keyboard_alone(page: Page, served: ServedTier, tmp_path: Path) -> None:
    keep(served)
    # Listened for from the start: a chooser that opens before the browser was told to report it is lost.
    page.on("filechooser", lambda chooser: chooser.set_files(guidelines_file(tmp_path)))
    open_start(page, served)
    add = page.get_by_label("Choose guidelines")
    page.get_by_role("radio", name="Seller risk style.docx").focus()
    expect(page.get_by_text("no file yet")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Add a file for this review")).to_be_checked()
    expect(page.get_by_text("no file yet")).to_be_visible()
    page.keyboard.press("Tab")
    expect(add).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("Style of this review.md")).to_be_visible()
    page.keyboard.press("Tab")
    page.locator("#guidelines-both:focus").press("Space")
    expect(page.get_by_role("checkbox", name="Use the ones from last time too")).to_be_checked()
    used = review_of(page, served, tmp_path).guidelines
    assert used is not None
    assert used.names == ("Seller risk style.docx", "Style of this review.md")


def test_a_document_is_not_sent_before_the_guidelines_are_chosen(
    page: Page, served: ServedTier, tmp_path: Path
) -> None:
    open_start(page, served)
    page.get_by_role("radio", name="Add a file for this review").check()
    page.get_by_label("choose a file").set_input_files(write_up(tmp_path / "Parcels.docx"))
    expect(page.get_by_text("The file with the guidelines is missing")).to_be_visible()
    assert served.tier.store.objects == {}
    page.get_by_label("Choose guidelines").set_input_files(guidelines_file(tmp_path))
    used = review_of(page, served, tmp_path).guidelines
    assert used is not None
    assert used.names == ("Style of this review.md",)


def test_guidelines_that_are_refused_are_named(
    page: Page, served: ServedTier, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("422")
    open_start(page, served)
    page.get_by_role("radio", name="Add a file for this review").check()
    page.get_by_label("Choose guidelines").set_input_files(guidelines_file(tmp_path, "\n"))
    page.get_by_label("choose a file").set_input_files(write_up(tmp_path / "Parcels.docx"))
    expect(page.get_by_text("The guidelines could not be read")).to_be_visible()
    expect(page.get_by_text("Style of this review.md: ")).to_be_visible()
    assert served.tier.store.objects == {}


def test_the_ones_from_last_time_can_be_removed(page: Page, served: ServedTier) -> None:
    keep(served)
    open_start(page, served)
    page.get_by_role("button", name="Remove the guidelines from last time").click()
    expect(page.get_by_role("radio", name="Seller risk style.docx")).to_have_count(0)
    expect(page.get_by_role("radio", name="None")).to_be_checked()
    expect(page.get_by_role("radio", name="None")).to_be_focused()
    assert served.tier.store.objects == {}


def test_a_narrow_window_has_the_choice_below(new_page: Pages, served: ServedTier) -> None:
    keep(served, some("- x", name=f"{'averylongname' * 8}.docx"))
    page = new_page(width=360, height=800)
    open_start(page, served)
    page.get_by_role("radio", name="Add a file for this review").check()
    expect(page.get_by_text("no file yet")).to_be_visible()
    assert sideways(page) == 0
