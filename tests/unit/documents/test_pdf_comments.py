"""The comments of a PDF are read with who said what about which words."""

import pytest

from core.documents import pdf_comments, pdf_reader
from core.documents.pdf_reader import read_pdf
from core.errors import Permanent
from tests.support.pdfs import FIRST_OWN_OBJECT, Drawn, drawn_pdf, shown

CONTENT = shown("Summary", y=700) + shown("The form will be fixed soon.", y=650) + shown("Elsewhere.", y=300)
SOON = "/QuadPoints [187 660 220 660 187 647 220 647] /Rect [187 647 220 660]"
BY_ANN = "/T (Ann Lee) /M (D:20260304103000+01'00')"


@pytest.fixture
def commented(tmp_path):
    """A file whose first page has these annotations (entries); object 6 is the first of them."""

    def of(*entries: str, content: str = CONTENT):
        numbers = " ".join(f"{FIRST_OWN_OBJECT + at} 0 R" for at in range(len(entries)))
        page = Drawn(content, f"/MediaBox [0 0 595 842] /Annots [{numbers}]")
        objects = [f"<< /Type /Annot /F 4 {one} >>" for one in entries]
        return read_pdf(drawn_pdf(tmp_path / "a.pdf", [page], objects=objects))

    return of


def said(document):
    """(words it is about, text, author, what it answers) of each comment."""
    return [
        (block.text[one.start : one.end], one.text, one.author, one.parent)
        for block in document.blocks
        for one in block.comments
    ]


def test_a_highlight_is_a_comment_on_its_words(commented):
    document = commented(f"/Subtype /Highlight /Contents (When exactly?) {BY_ANN} {SOON}")

    assert said(document) == [("soon", "When exactly?", "Ann Lee", "")]
    [comment] = [one for block in document.blocks for one in block.comments]
    assert comment.date == "2026-03-04T10:30:00+01:00"
    assert document.notices == ("has-comments",)


def test_a_note_stands_beside_the_nearest_line(commented):
    document = commented("/Subtype /Text /Contents (Who?) /Rect [560 295 580 315]")

    assert [block.text for block in document.blocks if block.comments] == ["Elsewhere."]
    assert said(document) == [("", "Who?", "", "")]


def test_answers_follow_what_they_answer_and_a_thread_can_be_done(commented):
    document = commented(
        f"/Subtype /Highlight /Contents (When?) /T (Ann) {SOON}",
        "/Subtype /Text /Contents (On Monday.) /T (Bob) /IRT 6 0 R /Rect [0 0 20 20]",
        "/Subtype /Text /Contents (Thanks.) /T (Ann) /IRT 7 0 R /Rect [0 0 20 20]",
        "/Subtype /Text /Contents (Completed set by Ann) /IRT 6 0 R /StateModel (Review) /State (Completed) "
        "/F 30 /Rect [0 0 20 20]",
    )

    assert said(document) == [
        ("soon", "When?", "Ann", ""),
        ("soon", "On Monday.", "Bob", "p1n0"),
        ("soon", "Thanks.", "Ann", "p1n0"),
    ]
    assert {one.resolved for block in document.blocks for one in block.comments} == {True}


def test_what_answers_bare_marks_stands_on_their_words_and_a_deletion_says_what_it_is(commented):
    bare = commented(
        f"/Subtype /Highlight {SOON}", "/Subtype /Text /Contents (Vague.) /IRT 6 0 R /Rect [0 0 20 20]"
    )
    struck = commented(f"/Subtype /StrikeOut {SOON}")
    replaced = commented(
        "/Subtype /Caret /Contents (on 1 May) /Rect [220 647 226 655]",
        f"/Subtype /StrikeOut /IRT 6 0 R /RT /Group {SOON}",
    )

    assert said(bare) == [("soon", "Vague.", "", "")]
    assert said(struck) == [("soon", "(struck out)", "", "")]
    assert said(replaced) == [("soon", "Replace with: on 1 May", "", "")]


def test_what_is_hidden_typed_on_or_no_comment_is_not_told(commented):
    document = commented(
        "/Subtype /Text /Contents (Hidden) /F 2 /Rect [0 0 20 20]",
        "/Subtype /FreeText /IT /FreeTextTypewriter /Contents (Typed) /Rect [72 400 200 420]",
        "/Subtype /Popup /Contents (Window) /Rect [0 0 20 20]",
        "/Subtype /Link /Contents (Link) /Rect [0 0 20 20]",
    )

    assert said(document) == []
    assert document.notices == ()


def test_answers_in_a_circle_odd_dates_and_long_texts_are_survived(commented):
    document = commented(
        f"/Subtype /Text /Contents (One) /IRT 7 0 R /M (D:20269999) {SOON}",
        f"/Subtype /Text /Contents (Two) /IRT 6 0 R /M (yesterday) {SOON}",
        f"/Subtype /Text /Contents ({'x' * 20_001}) {SOON}",
    )

    assert [text for _, text, _, _ in said(document)] == [
        "One",
        "Two",
        "(Longer than 20,000 characters: read it in the file.)",
    ]
    assert {one.date for block in document.blocks for one in block.comments} == {""}


def test_more_comments_than_can_be_shown_are_told(commented, monkeypatch):
    entries = [f"/Subtype /Text /Contents (Note {at}) /Rect [0 0 20 20]" for at in range(5)]
    monkeypatch.setattr(pdf_comments, "MOST_COMMENTS", 4)
    document = commented(*entries)
    assert (len(said(document)), document.notices) == (4, ("has-comments", "comments-left-out"))


def test_words_of_comments_count_as_characters_of_the_document(commented, monkeypatch):
    monkeypatch.setattr(pdf_reader, "MAX_CHARS", 1_000)
    with pytest.raises(Permanent) as refused:
        commented(f"/Subtype /Text /Contents ({'x' * 2_000}) {SOON}")
    assert refused.value.code == "document/too-complex"


def test_a_comment_on_a_page_without_text_stands_at_the_end_of_what_is_before(tmp_path):
    pages = [Drawn(CONTENT), Drawn("", "/MediaBox [0 0 595 842] /Annots [6 0 R]")]
    note = "<< /Type /Annot /Subtype /Text /F 4 /Contents (A scan?) /Rect [72 700 90 720] >>"
    document = read_pdf(drawn_pdf(tmp_path / "a.pdf", pages, objects=[note]))

    assert [(block.text, block.comments[0].text) for block in document.blocks if block.comments] == [
        ("Elsewhere.", "A scan?")
    ]


def test_a_long_list_of_annotations_that_many_pages_share_is_looked_at_once_over(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_comments, "_MOST_ANNOTATIONS", 30)
    hidden, note = (
        "<< /Subtype /Text /F 2 /Contents (x) >>",
        "<< /Subtype /Text /Contents (Who?) /Rect [0 0 9 9] >>",
    )
    page = Drawn(CONTENT, "/MediaBox [0 0 595 842] /Annots 6 0 R")

    document = read_pdf(drawn_pdf(tmp_path / "a.pdf", [page] * 5, objects=[f"[{hidden * 19} {note}]"]))

    assert len(said(document)) == 1
    assert "comments-left-out" in document.notices
