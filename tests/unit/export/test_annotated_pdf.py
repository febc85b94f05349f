"""Highlights in a PDF: on exactly the words, with what was there before, and without what acts by itself."""

from dataclasses import replace

import pypdf
import pypdfium2
import pytest

from core.documents.pdf_reader import read_pdf
from core.errors import Permanent
from core.export.annotated_pdf import write_annotated
from core.export.model import Remark, Summary
from core.export.pdf_check import Added, InBlock, PdfComment, check, snapshot
from tests.support.pdf_comments import AT, annotations, comment_on, words_under
from tests.support.pdfs import FIRST_OWN_OBJECT, Drawn, drawn_pdf, shown, stacked

LINES = (
    "The address form accepted a change after the label had been printed and nobody noticed the ware-",
    "house (six days) then.",
)
ENTRIES = "/MediaBox [0 0 595 842]"


@pytest.fixture
def annotated(tmp_path):
    """Of (page content or Drawn, quotes, more of the file): the written copy, opened by pypdf, and its path."""

    def of(*pages, quotes=(), **more):
        drawn = [page if isinstance(page, Drawn) else Drawn(page) for page in pages]
        source = drawn_pdf(tmp_path / "source.pdf", drawn, **more)
        return annotate(source, *quotes)

    return of


def annotate(source, *quotes):
    blocks = read_pdf(source).blocks
    comments = [comment_on(blocks, quote) for quote in quotes]
    target = source.with_name("reviewed.pdf")
    report = write_annotated(source, target, comments)
    assert report.added == len(quotes)
    return target


def test_a_highlight_stands_on_the_words_over_a_divided_line(annotated):
    path = annotated(stacked(*LINES, size=10), quotes=["noticed the warehouse (six days)"])
    [(page, highlight)] = annotations(path)

    assert words_under(path, page, highlight) == ["noticed the ware\x02", "house (six days)"]
    assert (highlight["/Subtype"], highlight["/T"], highlight["/Subj"]) == ("/Highlight", "Ann Lee", "Vague")
    assert highlight["/Contents"] == "Important, high risk: Vague \u5831\u544a\rWhen exactly?"
    assert highlight["/M"] == highlight["/CreationDate"] == "D:20260504103000Z"


def test_a_quote_over_two_pages_is_marked_on_both(annotated):
    path = annotated(shown("It goes on over the"), shown("end of the page."), quotes=["over the end of"])
    found = annotations(path)
    assert [(page, words_under(path, page, one)) for page, one in found] == [
        (1, ["over the"]),
        (2, ["end of"]),
    ]


def test_a_quote_over_two_paragraphs_is_one_highlight_over_both(tmp_path):
    content = shown("Nobody was told.", y=700) + shown("The label was printed.", y=600)
    source, target = drawn_pdf(tmp_path / "in.pdf", [Drawn(content)]), tmp_path / "out.pdf"
    one, two = read_pdf(source).blocks
    first = replace(comment_on([one, two], "was told."), more=(InBlock(two.id, two.text, 1, 0, 9),))
    write_annotated(source, target, [first])

    [(page, highlight)] = annotations(target)
    assert words_under(target, page, highlight) == ["was told.", "The label"]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_and_cropped_pages_are_marked_on_the_words(annotated, turn):
    turned = f"q 0 1 -1 0 300 100 cm {stacked(*LINES, x=0, y=0)} Q"
    entries = f"/MediaBox [0 0 900 900] /CropBox [20 20 880 880] /Rotate {turn}"
    path = annotated(Drawn(turned, entries), quotes=["accepted a change"])
    [(page, highlight)] = annotations(path)
    assert words_under(path, page, highlight) == ["accepted a change"]


def test_words_that_go_down_like_stairs_have_a_box_each(annotated):
    first = ("each", "word", "a", "step", "below", "the", "last", "one")
    second = ("lines", "of", "it", "that", "cross", "boxes", "over", "all")
    content = "".join(
        shown(word, 72 + 40 * at, 700 - 13 * line - 1.2 * at)
        for line, words in enumerate((first, second))
        for at, word in enumerate(words)
    )
    path = annotated(content, quotes=["step below the last one"])
    [(page, highlight)] = annotations(path)
    assert words_under(path, page, highlight) == ["step", "below", "the", "last", "one"]


def test_a_comment_without_words_is_a_note_beside_its_block(annotated):
    path = annotated(stacked(*LINES, y=300), quotes=["", ""])
    notes = [note for _, note in annotations(path)]
    assert [note["/Subtype"] for note in notes] == ["/Text", "/Text"]
    assert notes[0]["/Rect"] != notes[1]["/Rect"]
    assert all(280 < float(note["/Rect"][3]) < 320 for note in notes)


def test_a_block_that_is_cut_differently_now_is_found_by_its_words(tmp_path):
    source = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("One text. Another text."))])
    earlier = PdfComment(("x",), "Ann", "A", AT, "b9", "Another text.", 1, 0, 7, "Vague")
    gone = PdfComment(("x",), "Ann", "A", AT, "b9", "Never there at all", 1, 0, 5, "Vague")
    write_annotated(source, tmp_path / "b.pdf", [earlier, gone])

    [(_, highlight), (page, note)] = annotations(tmp_path / "b.pdf")
    assert words_under(tmp_path / "b.pdf", 1, highlight) == ["Another"]
    assert (page, note["/Subtype"]) == (1, "/Text")


def test_existing_annotations_and_links_stay_as_they_are(annotated):
    theirs = [
        "<< /Type /Annot /Subtype /Text /Rect [10 10 30 30] /Contents (Theirs) /T (Bob) /NM (x1) >>",
        "<< /Type /Annot /Subtype /Link /Rect [40 10 90 30] /A << /S /URI /URI (https://example.org) >> >>",
    ]
    shared = "/MediaBox [0 0 595 842] /Annots 8 0 R"
    pages = Drawn(shown("Some text."), shared), Drawn(shown("More words."), shared)
    path = annotated(*pages, objects=[*theirs, "[6 0 R 7 0 R]"], quotes=["Some"])

    first, second = ([one for page, one in annotations(path) if page == number] for number in (1, 2))
    assert [one["/Subtype"] for one in first] == ["/Text", "/Link", "/Highlight"]
    assert [one["/Subtype"] for one in second] == ["/Text", "/Link"]
    assert (first[0]["/Contents"], first[1]["/A"]["/URI"]) == ("Theirs", "https://example.org")


def test_scripts_launches_and_actions_by_themselves_are_gone_from_the_file(annotated):
    script = "<< /S /JavaScript /JS (app.evil\\(\\)) >>"
    launch = "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (calc.exe) >> >>"
    after = "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (a) /Next 6 0 R >> >>"
    names = "/Names << /JavaScript << /Names [(a) 6 0 R] >> >> /OpenAction 6 0 R /Collection << >>"
    page = Drawn(shown("Some text."), f"{ENTRIES} /AA << /O 6 0 R >> /Annots [7 0 R 8 0 R]")
    path = annotated(page, catalog=names, objects=[script, launch, after], quotes=["Some"])

    content = path.read_bytes()
    for word in (b"JavaScript", b"evil", b"calc", b"Launch", b"/OpenAction", b"/AA", b"/Collection"):
        assert word not in content
    assert [one["/Subtype"] for _, one in annotations(path)] == ["/Link", "/Link", "/Highlight"]
    assert annotations(path)[1][1]["/A"]["/URI"] == "a"
    assert FIRST_OWN_OBJECT == 6


@pytest.mark.parametrize("algorithm", ["RC4-128", "RC4-40"])
def test_a_file_with_an_owner_password_is_written_without_encryption(tmp_path, algorithm):
    writer = pypdf.PdfWriter(clone_from=drawn_pdf(tmp_path / "plain.pdf", [Drawn(shown("Secret words."))]))
    writer.encrypt(user_password="", owner_password="owner", algorithm=algorithm)
    writer.write(tmp_path / "locked.pdf")

    path = annotate(tmp_path / "locked.pdf", "Secret")
    assert not pypdf.PdfReader(path).is_encrypted
    assert words_under(path, *annotations(path)[0]) == ["Secret"]


def test_a_copy_that_is_not_as_it_should_be_is_refused(tmp_path):
    source = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("One text."))])
    other = drawn_pdf(tmp_path / "b.pdf", [Drawn(shown("One next."))])
    with pytest.raises(Permanent) as refused:
        check(snapshot(pypdfium2.PdfDocument(source)), pypdfium2.PdfDocument(other), [])
    assert (refused.value.code, "its text changed" in refused.value.detail) == ("export/check-failed", True)


REPLIES = (Remark(("I agree.", "\u5831\u544a"), "Bob Ek", "BE", AT), Remark(("Done.",), "Cy Day", "CD", AT))


def test_replies_and_a_resolved_thread_answer_their_highlight_as_acrobat_writes_them(tmp_path):
    source = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("Some text.")), Drawn(shown("More words."))])
    plain, threaded = (comment_on(read_pdf(source).blocks, quote) for quote in ("Some", "More"))
    threaded = replace(threaded, replies=REPLIES, resolved=True)
    report = write_annotated(source, tmp_path / "b.pdf", [plain, threaded])

    found = [one for page, one in annotations(tmp_path / "b.pdf") if page == 2]
    highlight, first, second, state = found
    assert report.added == 4
    assert len(annotations(tmp_path / "b.pdf")) == 5
    assert all(one["/IRT"].get_object() == highlight for one in found[1:])
    assert [(one["/T"], one["/Contents"]) for one in (first, second)] == [
        ("Bob Ek", "I agree.\r\u5831\u544a"),
        ("Cy Day", "Done."),
    ]
    assert "/State" not in first
    assert (state["/StateModel"], state["/State"], state["/F"]) == ("Review", "Completed", 30)
    read = [
        (block.text[one.start : one.end], one.author, bool(one.parent), one.resolved)
        for block in read_pdf(tmp_path / "b.pdf").blocks
        for one in block.comments
    ]
    assert read == [
        ("Some", "Ann Lee", False, False),
        ("More", "Ann Lee", False, True),
        ("More", "Bob Ek", True, True),
        ("More", "Cy Day", True, True),
    ]


def test_a_reply_that_answers_nothing_is_refused(tmp_path):
    source = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("One text."))])
    path = annotate(source, "One")
    [(_, highlight)] = annotations(path)
    highlighted = Added(highlight["/NM"], REPLIES[0], 1, [], answers="nobody")
    with pytest.raises(Permanent) as refused:
        check(snapshot(pypdfium2.PdfDocument(source)), pypdfium2.PdfDocument(path), [highlighted])
    assert "a reply answers nothing" in refused.value.detail


@pytest.fixture
def summed_up(tmp_path):
    """The text of each page after those of a document with one page, turned and cropped."""

    def of(*rows, lines=("One finding.",), **more):
        page = Drawn(shown("Some text."), f"{ENTRIES} /CropBox [20 20 580 800] /Rotate 90")
        source, target = drawn_pdf(tmp_path / "a.pdf", [page], **more), tmp_path / "b.pdf"
        summary = Summary("Review summary", lines, ("No.", "Type", "Section", "Finding"), rows)
        write_annotated(source, target, comment_on_some(source), summary=summary)
        written = pypdfium2.PdfDocument(target)
        assert written[0].get_textpage().get_text_range() == "Some text."
        return [written[at].get_textpage().get_text_range() for at in range(1, len(written))]

    return of


def comment_on_some(source):
    return [comment_on(read_pdf(source).blocks, "Some")]


def test_a_summary_follows_the_document_on_upright_pages_of_its_own(summed_up, tmp_path):
    [page] = summed_up(
        ("1", "Critical, high", "2 Impact", "Vague: caf\u00e9 (\u20ac 5) \u201cdone\u201d \\ ) end")
    )
    assert " ".join(page.split()) == (
        "Review summary One finding. No. Type Section Finding 1 Critical, high 2 Impact "
        "Vague: caf\u00e9 (\u20ac 5) \u201cdone\u201d \\ ) end"
    )
    assert pypdf.PdfReader(tmp_path / "b.pdf").pages[1].rotation == 0
    assert pypdfium2.PdfDocument(tmp_path / "b.pdf")[1].get_size() == (595, 842)


def test_a_long_summary_goes_over_pages_and_loses_no_word(summed_up):
    words = [f"w{number}" for number in range(3_000)]
    pages = summed_up(*(("1", "x", "y", "row") for _ in range(80)), ("2", "x", "y", " ".join(words)))
    assert len(pages) > 3
    assert [word for word in " ".join(pages).split() if word in set(words)] == words


def test_words_in_letters_that_the_page_cannot_show_are_said_to_be_missing_and_stand_under_it(
    summed_up, tmp_path
):
    foreign = "\u5831\u544a\u306f\u66d6\u6627\u3067\u3059"
    summed_up(
        ("1", "x", "y", foreign), ("2", "x", "y", "\u0141\u00f3d\u017a: \u0159e\u010d a good deal of words")
    )
    content = pypdf.PdfReader(tmp_path / "b.pdf").pages[1].get_contents().get_data()
    assert foreign.encode("utf-16-be").hex().encode() in content
    assert b"(in letters".hex().encode() in content
    assert b"rec a good".hex().encode() in content


def test_a_summary_that_is_not_there_is_refused(tmp_path):
    source = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("One text."))])
    before = snapshot(pypdfium2.PdfDocument(source))
    with pytest.raises(Permanent) as refused:
        check(before, pypdfium2.PdfDocument(source), [], summary=True)
    assert "number of pages" in refused.value.detail
