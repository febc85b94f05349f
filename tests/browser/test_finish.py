"""Finishing a review in the workspace: the document with choices, the bundle, the export, the next version."""

import io
import re
import zipfile
from pathlib import Path

import docx
from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import PLAN, downloaded, open_review, plan_file, sideways
from tests.browser.served import ServedTier


def test_the_document_comes_with_what_was_chosen(uploaded: Page) -> None:
    uploaded.get_by_label("A summary page before the document").check()
    button = uploaded.get_by_role("button", name="Download .docx")
    made = docx.Document(io.BytesIO(downloaded(uploaded, button)))

    assert made.paragraphs[0].text == "Review summary"
    assert len(list(made.comments)) == 1


def test_the_bundle_is_a_zip_and_the_export_says_what_is_in_storage(
    uploaded: Page, served: ServedTier
) -> None:
    row = uploaded.get_by_role("row", name="Review bundle")
    with zipfile.ZipFile(io.BytesIO(downloaded(uploaded, row.get_by_role("link")))) as bundle:
        assert {"document.docx", "reviewed.docx", "manifest.json"} <= set(bundle.namelist())
    row.get_by_role("button", name="Export to storage").click()
    expect(row.locator("[data-part=exported]")).to_contain_text("11 files")
    folder = row.locator("code").inner_text()
    assert any(f"{folder}manifest.json" in key for key in served.tier.store.objects)


def test_a_new_version_shows_what_was_carried_what_is_new_and_what_is_gone(
    uploaded: Page, new_page: Pages, tmp_path: Path
) -> None:
    changed = plan_file(tmp_path / "Plan 2.docx", ("Numbers", "The share is TBD so far."), *PLAN)
    uploaded.get_by_label("Choose the new version").set_input_files(changed)
    uploaded.wait_for_url("**/review/*")
    expect(uploaded.locator("[data-part=loading]")).to_be_hidden()
    expect(uploaded.locator("h1")).to_have_text("Plan 2.docx")
    notice = uploaded.locator(".version-note")
    expect(notice).to_contain_text("New version of Plan.docx: 1 decision carried over")
    expect(notice).to_contain_text("0 gone")
    expect(uploaded.locator(".outline .version-mark")).to_have_text(["New"])
    uploaded.locator("[data-filter=decision][value=accepted]").click()
    expect(uploaded.locator(".finding").first).to_contain_text("Carried over")
    uploaded.locator("[data-filter=decision][value=open]").click()
    expect(uploaded.locator(".finding .label[data-version]").first).to_have_text("New")

    expect(notice.get_by_text("2 sections unchanged")).to_be_hidden()
    notice.locator("summary").click(position={"x": 4, "y": 4})
    expect(notice.get_by_text("2 sections unchanged")).to_be_visible()
    line, more = notice.locator("summary").bounding_box(), notice.locator(".version-more").bounding_box()
    assert line["y"] + line["height"] <= more["y"]
    assert line["width"] == more["width"]

    narrow = new_page(width=360, height=800)
    open_review(narrow, uploaded.url)
    assert sideways(narrow) == 0
    notice.get_by_role("link", name="Plan.docx").click()
    expect(uploaded.locator("h1")).to_have_text("Plan.docx")


def test_what_was_open_and_has_left_the_text_is_told_apart_from_what_was_decided(
    uploaded: Page, tmp_path: Path
) -> None:
    rewritten = (
        ("Impact", "37 sellers complained about it."),
        ("Actions", "Mara mends the form on 9 March."),
    )
    uploaded.get_by_label("Choose the new version").set_input_files(
        plan_file(tmp_path / "2.docx", *rewritten)
    )
    uploaded.wait_for_url("**/review/*")
    notice = uploaded.locator(".version-note")
    expect(notice.locator("summary")).to_contain_text(re.compile(r"\b2 gone \(1 decided, 1 open\)"))
    notice.locator("summary").click(position={"x": 4, "y": 4})
    decided, left_open = notice.locator("ul").all()
    expect(decided.locator("li")).to_have_text([re.compile(r"\(accepted\), was in Actions: “soon”")])
    expect(left_open).to_contain_text("was in Impact: “Several sellers”")
    expect(notice.get_by_role("heading")).to_have_text(
        ["Decided before, and their words are gone", "Still open before, and their words are gone"]
    )


def test_a_version_that_is_refused_says_why_and_leaves_the_review(
    uploaded: Page, tmp_path: Path, watch: Watch
) -> None:
    watch.expect("415")
    disguised = tmp_path / "Plan 2.docx"
    disguised.write_text("These are notes.")
    before = uploaded.url
    uploaded.get_by_label("Choose the new version").set_input_files(disguised)
    expect(uploaded.locator("[data-part=uploading]")).to_contain_text("This is not a Word or PDF file")
    assert uploaded.url == before
