"""PDFs: paragraphs out of lines, outline out of bookmarks or pages, refusals in words."""

from itertools import count
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from core.documents import pdf_reader, pdf_visibility
from core.documents.model import BlockKind, DocumentKind
from core.documents.pdf_lines import Line, paragraphs, words_of
from core.documents.pdf_page import PageText
from core.documents.pdf_reader import page_text, read_pdf
from core.documents.reading import read_document
from core.documents.two_cores import alone
from core.errors import Permanent
from tests.support.documents import pdf_file

LONG = "The address form accepted a change after the label had been printed and"


def refusal(path) -> str:
    with pytest.raises(Permanent) as refused:
        read_pdf(path)
    return refused.value.code


def lines(*texts: str, right: float = 500.0) -> list[Line]:
    """Lines of one size below each other; all end at the right margin but those that end in a full stop."""
    return [
        Line(text, 72.0, 300.0 if text.endswith(".") else right, 700.0 - 14 * number, 12.0)
        for number, text in enumerate(texts)
    ]


def joined(*texts: str) -> list[str]:
    found = lines(*texts)
    return [item.text for item in paragraphs(found, words_of(found))]


def test_lines_of_a_paragraph_are_joined_and_paragraphs_are_kept_apart(tmp_path):
    page = [(12, LONG), (12, "nobody noticed this for six days."), (12, ""), (12, LONG), (12, "again.")]
    found = read_pdf(pdf_file(tmp_path / "a.pdf", [page]))

    assert [block.text for block in found.blocks] == [
        f"{LONG} nobody noticed this for six days.",
        f"{LONG} again.",
    ]
    assert [(block.id, block.page, block.origin) for block in found.blocks] == [
        ("b1", 1, "page#1"),
        ("b2", 1, "page#1"),
    ]


def test_without_bookmarks_each_page_is_a_section(tmp_path):
    found = read_document(
        pdf_file(tmp_path / "a.pdf", [[(12, "One.")], [], [(12, "Three.")]]), DocumentKind.PDF
    )

    assert [(section.name, section.page) for section in found.sections] == [("Page 1", 1), ("Page 3", 3)]
    assert found.pages == 3
    assert found.notices == ("pages-without-text",)


def test_three_bookmarks_make_the_outline_with_their_words_as_headings(tmp_path):
    page = [
        (12, "Summary"),
        (12, ""),
        (12, LONG),
        (12, "so."),
        (12, ""),
        (12, "Impact"),
        (12, ""),
        (12, LONG),
    ]
    path = pdf_file(
        tmp_path / "a.pdf",
        [page, [(12, "Text of a page whose bookmark says other words.")]],
        bookmarks=[("Summary", 0), ("Impact", 0), ("Annex", 1)],
    )
    found = read_pdf(path)

    assert [section.name for section in found.sections] == ["Summary", "Impact", "Annex"]
    assert [block.text for block in found.blocks if block.kind is BlockKind.HEADING] == ["Summary", "Impact"]
    assert found.sections[2].page == 2


def test_two_bookmarks_are_not_an_outline(tmp_path):
    path = pdf_file(tmp_path / "a.pdf", [[(12, "One.")], [(12, "Two.")]], bookmarks=[("A", 0), ("B", 1)])
    assert [section.name for section in read_pdf(path).sections] == ["Page 1", "Page 2"]


def test_large_print_is_a_heading_also_over_two_lines(tmp_path):
    page = [(20, "Parcel redirection at"), (20, "Brightmoor Market"), (12, LONG), (12, "nobody noticed.")]
    page += [(12, ""), (16, "Impact")] + [(12, LONG), (12, "it was so."), (12, "")] * 6
    found = read_pdf(pdf_file(tmp_path / "a.pdf", [page]))
    headings = [(block.text, block.level) for block in found.blocks if block.kind is BlockKind.HEADING]

    assert headings == [("Parcel redirection at Brightmoor Market", 1), ("Impact", 2)]


def test_divided_words_are_joined_and_compounds_kept():
    assert joined("the ware-", "house") == ["the warehouse"]
    assert joined("long-term plans", "and a long-", "term goal") == ["long-term plans and a long-term goal"]
    assert joined("the ware\x02", "house") == ["the warehouse"]
    assert joined("from 3-", "5 March") == ["from 3-5 March"]


def test_list_marks_sizes_and_gaps_start_new_paragraphs():
    assert joined("Intro that goes on", "1. First", "2. Second") == [
        "Intro that goes on",
        "1. First",
        "2. Second",
    ]
    large = [Line("Heading", 72, 200, 700, 18), Line("text", 72, 500, 680, 12)]
    far = [Line("one", 72, 500, 700, 12), Line("two", 72, 500, 686, 12), Line("three", 72, 500, 640, 12)]
    assert len(paragraphs(large, words_of(large))) == 2
    assert [item.text for item in paragraphs(far, words_of(far))] == ["one two", "three"]


def test_a_sentence_runs_on_into_the_next_column():
    column = [
        Line("it goes", 72, 290, 100, 12),
        Line("on here.", 310, 400, 700, 12),
        Line("New", 310, 540, 760, 12),
    ]
    assert [item.text for item in paragraphs(column, words_of(column))] == ["it goes on here.", "New"]


def test_a_scan_has_no_text_to_review(tmp_path):
    assert refusal(pdf_file(tmp_path / "a.pdf", [[], []])) == "document/no-text"


def test_a_password_is_asked_for_and_an_owner_password_noticed(tmp_path):
    plain = pdf_file(tmp_path / "a.pdf", [[(12, "Secret words.")]])
    for name, user in (("user.pdf", "secret"), ("owner.pdf", "")):
        writer = pypdf.PdfWriter(clone_from=plain)
        writer.encrypt(user_password=user, owner_password="owner", algorithm="RC4-128")
        writer.write(tmp_path / name)

    assert refusal(tmp_path / "user.pdf") == "document/encrypted"
    assert read_pdf(tmp_path / "owner.pdf").notices == ("owner-password",)


def test_damage_and_too_many_pages_are_told_apart(tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4\nnothing of use")
    assert refusal(broken) == "document/damaged"
    assert refusal(pdf_file(tmp_path / "long.pdf", [[(12, "x")]] * 501)) == "document/too-complex"


def test_many_pages_are_read_by_two_processes_as_by_one(tmp_path, monkeypatch):
    pages = [[(16, f"Part {number}"), (12, LONG), (12, f"was sent {number} times.")] for number in range(30)]
    path = pdf_file(tmp_path / "many.pdf", pages)
    by_two = read_pdf(path)
    monkeypatch.setattr(pdf_reader, "in_two", alone)

    assert by_two == read_pdf(path)
    assert [block.page for block in by_two.blocks if block.text.startswith("Part")] == [*range(1, 31)]


def test_pages_that_the_other_process_did_not_bring_are_read_here(tmp_path, monkeypatch):
    path = pdf_file(tmp_path / "many.pdf", [[(12, f"{LONG} {number}.")] for number in range(30)])
    whole = read_pdf(path)
    monkeypatch.setattr(pdf_reader, "in_two", lambda count, work: {0: work(0), count - 1: work(count - 1)})

    assert read_pdf(path) == whole


def test_the_most_characters_hold_over_all_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_reader, "MAX_CHARS", 1_000)
    few = [[(12, "x" * 80)]] * 12

    assert read_pdf(pdf_file(tmp_path / "few.pdf", few)).pages == 12
    assert refusal(pdf_file(tmp_path / "many.pdf", few * 2)) == "document/too-complex"
    assert pages_read(tmp_path / "many.pdf", monkeypatch) == 16


def pages_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """By one process, before the file is refused."""
    read = []

    def noted(document: pypdfium2.PdfDocument, index: int) -> PageText | None:
        read.append(index)
        return page_text(document, index)

    monkeypatch.setattr(pdf_reader, "in_two", alone)
    monkeypatch.setattr(pdf_reader, "page_text", noted)
    refusal(path)
    return len(read)


def test_the_time_for_drawing_is_for_all_the_pages_that_a_process_reads(tmp_path, monkeypatch):
    path = pdf_file(tmp_path / "tiny.pdf", [[(12, "To be read."), (0.5, "Too small.")]] * 30)
    seconds = count()
    monkeypatch.setattr(pdf_visibility, "monotonic", lambda: float(next(seconds)))
    drawn = []
    monkeypatch.setattr(pdf_visibility, "_picture", lambda page: drawn.append(page))
    monkeypatch.setattr(pdf_reader, "in_two", alone)

    assert read_pdf(path).notices == ("hidden-text",)
    assert len(drawn) == pdf_visibility.DRAWING_S
