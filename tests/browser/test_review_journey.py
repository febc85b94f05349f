"""The main job on the whole product: web, worker, queue, storage and local Bedrock as separate processes."""

import io
import re
from pathlib import Path
from typing import Literal

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.helpers import chip_number, current_id, painted, sideways
from tests.support.review_app import ReviewApp
from tests.support.write_ups import SECTIONS, write_up

REVIEWED_MS = 60_000
EVERY_QUOTE = """() => fetch(location.pathname.replace("/review/", "/sessions/"))
  .then((answer) => answer.json())
  .then(({findings}) => findings.filter(({anchor}) => anchor)
    .map(({quote, anchor}) => [anchor.block_id, quote]))"""


@pytest.fixture
def uploaded(page: Page, live_app: ReviewApp, tmp_path: Path) -> Page:
    """A review of the write-up, just uploaded through the page."""
    page.goto(live_app.url)
    page.get_by_label("choose a file").set_input_files(write_up(tmp_path / "Parcel redirection.docx"))
    page.wait_for_url("**/review/*")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".finding").first).to_be_visible()
    return page


def review_all(page: Page) -> None:
    page.get_by_role("button", name="Review all").click()
    done = page.locator("[data-part=counts]")
    expect(done).to_have_text(re.compile(r"(\d+) of \1 sections"), timeout=REVIEWED_MS)


def let_in_new_findings(page: Page) -> None:
    pill = page.locator("[data-part=take-new]")
    if pill.is_visible():
        pill.click()


def downloaded(page: Page) -> "docx.document.Document":
    with page.expect_download() as download:
        page.get_by_role("link", name="Download reviewed .docx").click()
    assert download.value.suggested_filename == "Parcel redirection-reviewed.docx"
    return docx.Document(io.BytesIO(Path(download.value.path()).read_bytes()))


def test_a_review_from_the_readable_upload_to_the_commented_document(uploaded: Page) -> None:
    page = uploaded
    _assert_readable_with_instant_findings_on_their_words(page)
    review_all(page)
    states = page.locator(".outline [data-part=word]")
    # The document as a whole may end after its sections.
    expect(states.filter(has_not_text=re.compile("^Reviewed$"))).to_have_count(0, timeout=REVIEWED_MS)
    assert states.count() > 1
    expect(page.get_by_text("Answered by local rules, no model")).to_be_visible()
    let_in_new_findings(page)

    page.get_by_role("button", name="1 finding here: Placeholder").click()
    accepted = page.locator(".finding[aria-current] .finding-text").inner_text()
    with page.expect_response("**/decision"):
        page.keyboard.press("a")
    rejected_id = current_id(page)
    rejected = page.locator(".finding[aria-current] .finding-text").inner_text()
    page.keyboard.press("r")
    with page.expect_response("**/decision"):
        page.keyboard.press("1")

    page.reload()
    expect(page.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")
    assert chip_number(page, "rejected") == 1
    page.locator("[data-filter=decision][value=rejected]").click()
    expect(page.locator(f"[data-finding={rejected_id}] .decision")).to_contain_text("Not a problem")

    comments = list(downloaded(page).comments)
    assert len(comments) == 1
    assert accepted in comments[0].text
    assert rejected not in comments[0].text
    _assert_a_phone_never_scrolls_sideways(page)


def _assert_readable_with_instant_findings_on_their_words(page: Page) -> None:
    for name, paragraphs in SECTIONS:
        expect(page.locator("#desk").get_by_role("heading", name=name)).to_be_visible()
        for text in paragraphs:
            expect(page.locator("#desk")).to_contain_text(text)
    page.locator("#highlight-mode").select_option("all")
    shown = {(piece["block"], piece["text"]) for piece in painted(page)}
    quoted = {(block, quote) for block, quote in page.evaluate(EVERY_QUOTE)}
    assert shown == quoted
    assert any("TBD" in quote for _, quote in quoted)


def _assert_a_phone_never_scrolls_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    for pane in ("outline", "document", "findings"):
        page.locator(f".pane-switch button[value={pane}]").click()
        assert sideways(page) == 0
    page.goto("/".join(page.url.split("/")[:3]))
    expect(page.get_by_role("link", name="Parcel redirection.docx").first).to_be_visible()
    assert sideways(page) == 0


def test_the_whole_review_by_keyboard_alone(page: Page, live_app: ReviewApp, tmp_path: Path) -> None:
    # Choosers are caught from here on: asked for only at the key, a busy browser may show one that nobody sees.
    page.on("filechooser", lambda _chooser: None)
    page.goto(live_app.url)
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    # Until the jump is made the next Tab would still count from the header.
    page.wait_for_function("location.hash === '#main'")
    page.keyboard.press("Tab")
    expect(page.locator("input[type=file][name=document]")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(write_up(tmp_path / "Parcel redirection.docx"))
    page.wait_for_url("**/review/*")
    expect(page.locator(".finding").first).to_be_visible()

    tab_to(page, "Review all")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=counts]")).to_contain_text("6 of 6", timeout=REVIEWED_MS)
    let_in_new_findings(page)
    total = chip_number(page, "all")
    for key in ("j", "j", "k", "a", "r", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("[data-part=shown]")).to_have_text(f"{total - 2} shown, 2 hidden")
    with page.expect_response("**/decision"):
        page.keyboard.press("u")
    assert chip_number(page, "open") == total - 1
    tab_to(page, "Finish", role="link")
    page.keyboard.press("Enter")
    page.wait_for_url("**/finish")
    tab_to(page, "Download .docx")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    comments = docx.Document(io.BytesIO(Path(download.value.path()).read_bytes())).comments
    assert len(list(comments)) == 1


def tab_to(page: Page, name: str, *, role: Literal["button", "link"] = "button") -> None:
    """Presses Tab, round the page if need be, until the button or link has the focus."""
    wanted = page.get_by_role(role, name=name)
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("(node) => node === document.activeElement"):
            return
    raise AssertionError(f"Tab never reaches {name}")


def test_a_text_file_in_disguise_is_refused(
    page: Page, live_app: ReviewApp, tmp_path: Path, watch: Watch
) -> None:
    watch.expect("415")
    disguised = tmp_path / "notes.docx"
    disguised.write_text("These are notes.")
    before = live_app.get("/sessions").json
    page.goto(live_app.url)
    page.get_by_label("choose a file").set_input_files(disguised)
    expect(page.get_by_role("alert")).to_contain_text("This is not a Word or PDF file")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was stored")
    assert live_app.get("/sessions").json == before
