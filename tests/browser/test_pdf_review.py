"""A PDF from its upload to the download with highlights in it, on the web tier alone."""

import re
from pathlib import Path

import pypdf
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Watch
from tests.browser.helpers import assert_no_violations
from tests.browser.served import ServedTier
from tests.support.write_ups import pdf_write_up


def test_a_pdf_is_uploaded_decided_on_in_text_and_pages_and_downloaded_with_highlights(
    page: Page, served: ServedTier, tmp_path: Path, watch: Watch
) -> None:
    watch.expect("503")
    page.goto(served.url)
    page.get_by_label("choose a file").set_input_files(pdf_write_up(tmp_path / "Parcels.pdf"))
    page.wait_for_url("**/review/*")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".outline")).to_contain_text("Root cause")
    expect(page.locator(".doc-note").first).to_contain_text("The download is the PDF itself")

    page.get_by_role("button", name=re.compile("finding here: Placeholder")).click()
    accepted = page.locator(".finding[aria-current] .finding-text").inner_text()
    with page.expect_response("**/decision"):
        page.keyboard.press("a")
    _assert_downloaded_with_only(page, accepted)
    with page.expect_response("**/decision"):
        page.keyboard.press("u")
    _assert_pages_show_findings_as_boxes(page)


def _assert_downloaded_with_only(page: Page, accepted: str) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download reviewed .pdf").click()
    assert download.value.suggested_filename == "Parcels-reviewed.pdf"
    pages = pypdf.PdfReader(download.value.path()).pages
    found = [item.get_object() for one in pages for item in one.get("/Annots") or ()]
    assert [one["/Subtype"] for one in found] == ["/Highlight"]
    assert accepted in found[0]["/Contents"]
    expect(page.get_by_role("region", name="Message")).to_contain_text("Downloaded with 1 comment")


def _assert_pages_show_findings_as_boxes(page: Page) -> None:
    """For pointer and keyboard."""
    loaded = set[str]()
    page.on("request", lambda request: loaded.add(request.url.rpartition("/")[2]))

    busy = '{"title": "The pages could not be read", "next_step": "Try again."}'
    page.route("**/pages", lambda route: route.fulfill(status=503, body=busy), times=1)
    page.get_by_role("button", name="Pages").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".page-desk")).to_contain_text("The download is the PDF itself")
    placeholder = page.get_by_role("button", name=re.compile("Placeholder, “.*TBD.*”"))
    expect(placeholder).to_be_visible()
    expect(page.get_by_role("img", name="Page 1 of 6")).to_have_js_property("naturalWidth", 1240)
    expect(page.locator("#desk")).to_be_hidden()
    assert {"page-view.mjs", "page-pictures.mjs", "page-view.css"} <= loaded

    placeholder.click(force=True)  # the page's words lie over it
    expect(page.locator(".finding[aria-current] .quote")).to_contain_text("TBD")
    expect(placeholder).to_have_attribute("aria-current", "true")
    with page.expect_response("**/decision"):
        page.keyboard.press("a")
    expect(placeholder).to_have_count(0)

    current = page.locator(".page-box[aria-current=true]").first
    page.locator(".finding[aria-current]").get_by_role("button", name="Show").click()
    expect(current).to_be_focused()
    expect(current).to_be_in_viewport()
    page.keyboard.press("Tab")
    following = page.locator(".page-box:focus").get_attribute("aria-label")
    page.keyboard.press("Enter")
    expect(page.locator(".page-box[aria-current=true]").first).to_have_attribute(
        "aria-label", following or ""
    )

    lines = page.locator(".page-line", has_text="Between 3 and 9 March 2026")
    expect(lines).to_be_visible()
    _drag(page, lines, page.locator(".page-line", has_text="Several sellers complained"))
    expect(page.get_by_role("toolbar", name="The selected words")).to_be_visible()
    assert_no_violations(page)
    page.get_by_role("button", name="Add a finding", exact=True).click()
    page.get_by_label("Title").fill("Which accounts")
    page.get_by_label("What is wrong").fill("Nobody says which.")
    with page.expect_response("**/findings") as added:
        page.get_by_role("button", name="Add finding").last.click()
    quote = added.value.json()["quote"]
    assert quote.startswith("Between 3 and 9 March 2026 a group of accounts")
    assert quote.endswith("Several sellers complained, and most of the parcels were recovered soon.")
    expect(page.get_by_role("button", name=re.compile("Which accounts, “Between"))).to_be_visible()

    page.reload()
    expect(page.get_by_role("button", name="Pages")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".page-box").first).to_be_visible()
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator("#desk")).to_be_visible()
    page.get_by_role("button", name="Pages").click()
    expect(page.locator("#desk")).to_be_hidden()
    page.locator(".outline a", has_text="Root cause").click()
    expect(page.get_by_role("button", name="Text", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#desk")).to_contain_text("The download is the PDF itself")
    expect(page.locator("#desk .block:focus")).to_have_text("Root cause")
    expect(page.locator("#desk .block:focus")).to_be_in_viewport()


def _drag(page: Page, first: Locator, last: Locator) -> None:
    """From before the first line into the margin behind the last, as a hand does."""
    first.scroll_into_view_if_needed()
    begin, end = first.bounding_box(), last.bounding_box()
    assert begin
    assert end
    page.mouse.move(begin["x"] - 8, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] + 8, end["y"] + end["height"] / 2, steps=3)
    page.mouse.up()
