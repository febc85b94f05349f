"""What a document holds beside its words is shown: comments, tracked changes, hidden words, margins, pictures."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.documents.model import Anchor, DocumentKind
from core.documents.reading import read_document
from core.review.session import ReviewSession
from tests.browser.conftest import Watch
from tests.browser.helpers import assert_no_violations, open_review, painted
from tests.browser.served import ServedTier
from tests.support.documents import para, run, word_file
from tests.support.pdf_comments import a_commented_pdf
from tests.support.reviews import a_finding, a_session

_COMMENTS = "".join(
    f'<w:comment w:id="{number}" w:author="{author}" w:date="2026-03-03T10:00:00Z">'
    f'<w:p w14:paraId="A{number}">{run(text)}</w:p></w:comment>'
    for number, author, text in ((0, "Ann Lee", "Which sellers?"), (1, "Jo Roe", "Those in Poland."))
)
_THREADS = (
    '<w15:commentEx w15:paraId="A0" w15:done="0"/><w15:commentEx w15:paraId="A1" w15:paraIdParent="A0"/>'
)


def a_marked_document(path: Path) -> Path:
    marks = "".join(f'<w:commentRangeStart w:id="{number}"/>' for number in (0, 1))
    ends = "".join(
        f'<w:commentRangeEnd w:id="{number}"/><w:r><w:commentReference w:id="{number}"/></w:r>'
        for number in (0, 1)
    )
    inserted = f'<w:ins w:id="7">{run(" lately")}</w:ins>'
    drawing = '<wp:inline><wp:docPr id="1" name="x" descr="Refunds by week"/></wp:inline>'
    picture = f"<w:r><w:drawing>{drawing}</w:drawing></w:r>"
    body = para("Summary", style="H1") + para(
        run("Some "), marks, run("sellers"), ends, run(" complained."), inserted
    )
    body += para(run("Paid "), run("in gold ", "<w:vanish/>"), run("soon \U0001f600 enough.")) + para(picture)
    body += '<w:sectPr><w:footerReference w:type="default" r:id="rId-footer"/></w:sectPr>'
    parts = {"comments": _COMMENTS, "commentsExtended": _THREADS, "footer": para("Confidential")}
    return word_file(path, body, parts=parts)


def stored(served: ServedTier, path: Path) -> ReviewSession:
    document = read_document(path, DocumentKind.DOCX)
    session = a_session(owner="ann", clock=served.tier.clock, sections=document.sections)
    place = document.blocks[2].text.index("enough")
    anchor = Anchor("b3", place, place + len("enough"))
    finding = a_finding(session.id, "enough", anchor=anchor, section_id="s1")
    reviews = served.tier.app.extensions["services"].reviews
    reviews.create(session, document=path.read_bytes(), blocks=document.blocks, rules=[finding])
    return session


def test_what_stands_beside_the_words_is_shown_and_findings_stay_on_theirs(
    page: Page, served: ServedTier, tmp_path: Path
) -> None:
    open_review(page, served.review_url(stored(served, a_marked_document(tmp_path / "a.docx"))))

    comments = page.get_by_role("list", name="Comments in the document").get_by_role("listitem")
    expect(comments).to_have_count(2)
    expect(comments.first).to_contain_text("Comment by Ann Lee, 3 March 2026")
    expect(comments.last).to_contain_text("Those in Poland.")
    comments.first.locator("summary").click()
    expect(comments.first.get_by_text("Which sellers?")).to_be_hidden()
    expect(page.locator(".block-flag")).to_have_text(["Inserted", "Partly hidden", "Picture", "Footer"])
    expect(page.locator(".hidden-words")).to_have_text("in gold ")
    expect(page.get_by_role("group", name="Headers and footers")).to_contain_text("Confidential")
    assert [(piece["block"], piece["text"]) for piece in painted(page)] == [("b3", "enough")]
    assert_no_violations(page)


@pytest.fixture
def commented(page: Page, served: ServedTier, tmp_path: Path) -> Page:
    page.goto(served.url)
    page.get_by_label("choose a file").set_input_files(a_commented_pdf(tmp_path / "Commented.pdf"))
    page.wait_for_url("**/review/*")
    page.wait_for_selector("html[data-ready]")
    return page


def test_comments_of_an_uploaded_pdf_are_read_folded_and_unfolded(commented: Page) -> None:
    page = commented
    comments = page.get_by_role("list", name="Comments in the document").get_by_role("listitem")
    expect(comments).to_have_count(4)
    for comment, who, text, is_open in zip(
        comments.all()[:3],
        ("Ann Lee, 4 March 2026", "Bob", "Eve"),
        ("When exactly?", "On Monday.", "Who?"),
        (True, True, False),
        strict=True,
    ):
        fold, words = comment.locator("summary"), comment.get_by_text(text)
        expect(fold).to_contain_text(who)
        expect(words).to_be_visible(visible=is_open)
        fold.click()
        expect(words).to_be_visible(visible=not is_open)
        fold.press("Enter")
        expect(words).to_be_visible(visible=is_open)
    expect(comments.first.locator("q")).to_have_text("soon")
    # A comment is no text of the document: the finding on the same word stays on it.
    assert "soon" in {piece["text"] for piece in painted(page)}


def test_comments_of_an_uploaded_pdf_are_read_under_its_pages_and_found_on_them(
    commented: Page, watch: Watch
) -> None:
    watch.expect("ERR_FAILED")
    page, pages = commented, commented.get_by_role("button", name="Pages", exact=True)
    page.route("**/page-view.mjs*", lambda route: route.abort(), times=1)
    pages.click()
    expect(page.get_by_role("region", name="Message")).to_contain_text("The pages cannot be shown")
    expect(pages).to_have_attribute("aria-pressed", "false")
    pages.click()
    first, second = (page.get_by_role("list", name=f"Comments on page {number}") for number in (1, 2))
    expect(first.locator("summary")).to_have_text(
        ["Comment by Ann Lee, 4 March 2026", "Answer by Bob", "Comment by Eve, resolved"]
    )
    expect(first.get_by_text("When exactly?")).to_be_visible()
    expect(second.get_by_text("Nothing here?")).to_be_visible()
    expect(second.get_by_role("button")).to_have_count(0)

    beside = page.get_by_role("button", name="Comment by Eve, resolved")
    words = page.locator(".page-comment-words span").last
    expect(words).to_be_hidden()
    beside.focus()
    expect(words).to_be_visible()
    expect(first.get_by_text("Who?")).to_be_hidden()
    beside.press("Enter")
    expect(first.locator("summary").last).to_be_focused()
    expect(first.get_by_text("Who?")).to_be_visible()
    back = first.get_by_role("button", name="Show on the page").last
    page.keyboard.press("Tab")
    expect(back).to_be_focused()
    page.keyboard.press("Enter")
    expect(beside).to_be_focused()
    expect(beside).to_be_in_viewport()

    page.locator(".page-comment").first.click()
    expect(first.locator("summary").first).to_be_focused()
    assert_no_violations(page)
