"""Finishing a review in the workspace: the document with choices, the bundle, the export, the next version."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import open_review, sideways
from tests.browser.served import ServedTier
from tests.support.documents import para, word_file
from tests.support.web import make_web_tier

FIRST = (("Impact", "Several sellers complained about it."), ("Actions", "The form will be fixed soon."))


def document(path: Path, *sections: tuple[str, str]) -> Path:
    return word_file(path, "".join(para(name, style="H1") + para(words) for name, words in sections))


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, bytes]]:
    """A review of a real file, read once: its id and what is stored of it."""
    tier = make_web_tier()
    content = io.BytesIO(document(tmp_path_factory.mktemp("plan") / "Plan.docx", *FIRST).read_bytes())
    answer = tier.client().post("/upload", data={"document": (content, "Plan.docx")})
    return answer.get_json()["session_id"], tier.store.objects


@pytest.fixture
def uploaded(page: Page, served: ServedTier, plan: tuple[str, dict[str, bytes]]) -> Page:
    """The plan with an accepted finding on "soon"; its Finish page is open."""
    session_id, objects = plan
    served.tier.store.objects.update(objects)
    client = served.tier.client()
    found = client.get(f"/sessions/{session_id}").get_json()["findings"]
    soon = next(one["id"] for one in found if one["quote"] == "soon")
    client.put(f"/sessions/{session_id}/findings/{soon}/decision", json={"decision": "accepted"})
    page.goto(f"{served.url}/review/{session_id}/finish")
    page.wait_for_selector("html[data-ready]")
    return page


def downloaded(page: Page, control: Locator) -> bytes:
    with page.expect_download() as download:
        control.click()
    return Path(download.value.path()).read_bytes()


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
    changed = document(tmp_path / "Plan 2.docx", ("Numbers", "The share is TBD so far."), *FIRST)
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

    narrow = new_page(width=360, height=800)
    open_review(narrow, uploaded.url)
    assert sideways(narrow) == 0
    notice.get_by_role("link", name="Plan.docx").click()
    expect(uploaded.locator("h1")).to_have_text("Plan.docx")


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
