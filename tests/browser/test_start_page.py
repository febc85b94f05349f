"""The start page on a web tier of its own: uploads, refusals, and the list of reviews."""

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from core.config import DocumentSettings
from core.queueing.results import TaskStatus
from core.review.session import Share, SignOff
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import drop, sideways
from tests.browser.served import ServedTier, serve
from tests.support.web import SETTINGS, make_web_tier
from tests.support.write_ups import pdf_write_up, write_up

LIST = "**/sessions?*"


def test_without_reviews_the_page_says_how_to_begin(page: Page, served: ServedTier) -> None:
    page.goto(served.url)
    expect(page.get_by_text("No reviews yet")).to_be_visible()
    expect(page.locator(".drop-foot")).to_contain_text("kept here for 365 days")


def test_an_upload_that_finds_every_reader_busy_is_sent_again_and_opens_the_review(
    page: Page, served: ServedTier, tmp_path: Path, watch: Watch
) -> None:
    watch.expect("503")
    problem = '{"title": "Other documents are being read", "status": 503, "code": "document/reader-busy"}'
    page.route(
        "**/upload",
        lambda route: route.fulfill(status=503, body=problem, headers={"Retry-After": "1"}),
        times=1,
    )
    page.goto(served.url)
    page.get_by_label("choose a file").set_input_files(write_up(tmp_path / "Parcels.docx"))
    expect(page.get_by_text("Other documents are being read. It is sent again")).to_be_visible()
    page.wait_for_url("**/review/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Parcels.docx")
    expect(page.locator(".outline")).to_contain_text("Root cause")


def test_the_example_opens_with_one_press_and_has_something_to_find(page: Page, served: ServedTier) -> None:
    page.goto(served.url)
    page.get_by_role("button", name="Try it on an example").click()
    page.wait_for_url("**/review/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Parcel redirection.docx")
    [session] = served.tier.client().get("/sessions").get_json()["sessions"]
    found = served.tier.client().get(f"/sessions/{session['session_id']}").get_json()["findings"]
    kinds = {one["rule"] for one in found}
    assert kinds >= {"placeholder", "vague-quantity", "action-without-owner", "action-without-date"}


def test_a_teammates_review_says_whose_it_is_that_it_is_signed_off_and_offers_no_delete(
    page: Page, served: ServedTier
) -> None:
    session = served.tier.review(owner="bob", signed_off=SignOff("bob", "2027-01-15T08:00:00.000Z", open=1))
    served.tier.app.extensions["services"].reviews.share(session.id, "ann", Share.VIEW)
    page.goto(served.url)
    row = page.get_by_role("row", name="Write-up.docx")
    expect(row).to_contain_text("shared by Bob Baker")
    expect(row).to_contain_text("Signed off")
    expect(row.get_by_role("button")).to_have_count(0)


def test_a_refused_file_is_explained_and_nothing_is_stored(
    page: Page, served: ServedTier, tmp_path: Path, watch: Watch
) -> None:
    watch.expect("415")
    disguised = tmp_path / "notes.docx"
    disguised.write_text("Just text.")
    page.goto(served.url)
    page.get_by_label("choose a file").set_input_files(disguised)
    notice = page.get_by_role("alert").locator(".notice")
    expect(notice.get_by_role("heading")).to_have_text("This is not a Word or PDF file")
    expect(notice).to_contain_text("Upload a .docx or a .pdf.")
    expect(notice).to_contain_text("notes.docx. Nothing was stored")
    expect(notice).to_contain_text("Reference")
    page.reload()
    expect(page.get_by_text("No reviews yet")).to_be_visible()


def test_a_file_over_the_limit_is_refused_before_it_is_sent(new_page: Pages, tmp_path: Path) -> None:
    settings = replace(SETTINGS, documents=DocumentSettings(upload_max_bytes=1000))
    with serve(make_web_tier(settings)) as small:
        page = new_page()
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page.goto(small.url)
        made = (
            (write_up(tmp_path / "Large.docx"), "In Word select"),
            (pdf_write_up(tmp_path / "Large.pdf"), "Export the PDF"),
        )
        for path, next_step in made:
            page.get_by_label("choose a file").set_input_files(path)
            expect(page.get_by_role("alert")).to_contain_text(next_step)
            expect(page.get_by_role("alert")).to_contain_text("the limit is 1000 bytes")
            expect(page.get_by_role("alert")).to_contain_text("Nothing was stored")
        assert sent == []
        new_page.close()


def test_a_dropped_file_is_taken_and_can_be_cancelled_and_a_second_one_meanwhile_is_refused_with_a_word(
    page: Page, served: ServedTier, tmp_path: Path
) -> None:
    held: list[Route] = []
    page.route("**/upload", lambda route: held.append(route))
    page.goto(served.url)
    page.wait_for_selector("html[data-ready]")
    drop(page, write_up(tmp_path / "Parcels.docx"))
    expect(page.get_by_text("Parcels.docx")).to_be_visible()
    expect(page.get_by_role("alert").locator(".notice")).to_have_count(0)
    drop(page, write_up(tmp_path / "Second.docx"))
    expect(page.get_by_role("alert").locator(".notice")).to_contain_text("One document at a time")
    assert [b'filename="Parcels.docx"' in (route.request.post_data_buffer or b"") for route in held] == [True]
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.get_by_text("Drop a Word or PDF file here")).to_be_visible()


def test_the_list_tells_the_state_of_each_review(page: Page, served: ServedTier) -> None:
    served.tier.review(document_name="Untouched.docx")
    failed = served.tier.review(document_name="Failed.docx")
    served.tier.task(failed, "s1", TaskStatus.FAILURE)
    done = served.tier.review(document_name="Done.docx")
    for section in ("s1", "s2"):
        served.tier.task(done, section, TaskStatus.SUCCESS, result={"feedback": []})
    page.goto(served.url)
    row = page.get_by_role("row")
    expect(row.filter(has_text="Untouched.docx")).to_contain_text("Not reviewed")
    expect(row.filter(has_text="Failed.docx")).to_contain_text("1 section failed")
    expect(row.filter(has_text="Done.docx")).to_contain_text("all 2 sections")


def test_a_review_is_renamed(page: Page, served: ServedTier) -> None:
    served.tier.review(document_name="Old.docx")
    page.goto(served.url)
    for pressed in ("Cancel", None):
        page.get_by_role("button", name="Rename Old.docx").click()
        page.get_by_role("textbox", name="Name").fill("New & better.docx")
        if pressed:
            page.get_by_role("dialog").get_by_role("button", name=pressed).click()
            expect(page.get_by_role("link", name="Old.docx")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="New & better.docx")).to_be_visible()


def test_a_review_is_deleted_only_after_asking(page: Page, served: ServedTier) -> None:
    served.tier.review(document_name="Keep.docx")
    served.tier.review(document_name="Drop.docx")
    page.goto(served.url)
    page.get_by_role("button", name="Delete Drop.docx").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("link", name="Drop.docx")).to_be_visible()
    page.get_by_role("button", name="Delete Drop.docx").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="Drop.docx")).to_have_count(0)
    expect(page.get_by_role("link", name="Keep.docx")).to_be_visible()


def test_a_failed_rename_keeps_what_was_typed(page: Page, served: ServedTier, watch: Watch) -> None:
    watch.expect("503")
    served.tier.review(document_name="Old.docx")
    page.route(
        "**/sessions/*", lambda route: route.fulfill(status=503, body='{"title": "Storage did not answer"}')
    )
    page.goto(served.url)
    page.get_by_role("button", name="Rename Old.docx").click()
    page.get_by_role("textbox", name="Name").fill("Typed.docx")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Storage did not answer")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Typed.docx")


def test_a_list_that_cannot_be_read_is_tried_again(page: Page, served: ServedTier, watch: Watch) -> None:
    watch.expect("503")
    served.tier.review(document_name="There.docx")
    page.route(LIST, lambda route: route.fulfill(status=503, body='{"title": "Storage did not answer"}'))
    page.goto(served.url)
    expect(page.get_by_text("Your reviews cannot be shown right now")).to_be_visible()
    page.unroute(LIST)
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_role("link", name="There.docx")).to_be_visible()
    expect(page.get_by_text("cannot be shown")).to_have_count(0)


def test_a_narrow_window_does_not_scroll_sideways(new_page: Pages, served: ServedTier) -> None:
    served.tier.review(document_name=f"{'A very long name of a document ' * 5}.docx")
    page = new_page(width=360, height=800)
    page.goto(served.url)
    expect(page.get_by_role("link", name="A very long name")).to_be_visible()
    assert sideways(page) == 0


def test_an_unknown_review_gets_a_page_that_says_what_to_do(
    page: Page, served: ServedTier, watch: Watch
) -> None:
    watch.expect("404")
    page.goto(f"{served.url}/review/00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such review")
    page.get_by_role("link", name="All reviews", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reviews")


def test_many_reviews_come_a_page_at_a_time_and_are_found_by_name(page: Page, served: ServedTier) -> None:
    for number in range(52):
        served.tier.review(document_name=f"Write-up {number:02}.docx")
        served.tier.clock.sleep(1)
    page.goto(served.url)
    rows = page.locator(".reviews tbody tr")
    expect(rows).to_have_count(50)
    expect(page.locator("[data-part=shown-of]")).to_have_text("50 of 52 shown")
    expect(rows.first).to_contain_text("0 of 3 decided")
    page.get_by_role("button", name="Show 2 more").click()
    expect(rows).to_have_count(52)
    expect(page.get_by_role("link", name="Write-up 01.docx")).to_be_focused()
    page.get_by_label("Find a review by its name").fill("up 07")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Write-up 07.docx")
    page.get_by_label("Find a review by its name").fill("nothing like it")
    expect(page.get_by_text("No review has that name")).to_be_visible()
    page.get_by_role("button", name="Show all reviews").click()
    expect(rows).to_have_count(50)
