import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.model import BlockKind, DocumentKind
from core.documents.text_reader import decoded, read_text, text_blocks
from core.errors import Permanent


def texts(text):
    return [block.text for block in text_blocks(text)]


def test_empty_lines_divide_paragraphs_and_wrapped_lines_stay_together():
    assert texts("One line\nthat goes on.\n\n\nAnother.\r\n\r\n") == ["One line\nthat goes on.", "Another."]


def test_without_wrapping_every_line_is_a_paragraph():
    long = "A line as a word processor copies it, far longer than anybody would wrap by hand. " * 2
    assert texts(f"{long}\nA second one.") == [long.strip(), "A second one."]


def test_bullets_and_numbers_are_list_items_and_hashes_headings():
    blocks = text_blocks("# Style\nBe exact.\n- Give figures\n  with their unit\n2) Name the owner")
    assert [(block.kind, block.text) for block in blocks] == [
        (BlockKind.HEADING, "Style"),
        (BlockKind.PARAGRAPH, "Be exact."),
        (BlockKind.LIST_ITEM, "Give figures\n  with their unit"),
        (BlockKind.LIST_ITEM, "Name the owner"),
    ]
    assert (blocks[0].level, blocks[3].label) == (1, "2)")
    assert [block.id for block in blocks] == ["b1", "b2", "b3", "b4"]


@given(st.text(alphabet=st.sampled_from("ab1#-*. \n\u2022é"), max_size=120))
def test_no_letter_is_lost(text):
    kept = "".join(texts(text))
    assert [char for char in kept if char.isalpha()] == [char for char in text if char.isalpha()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_encodings_that_people_save_in(encoding):
    assert decoded("Größe – 5 €".encode(encoding)) == "Größe – 5 €"


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\x89PNG\r\n\x1a\n\x00\x00", b"\x81\x8d\x8f"])
def test_what_is_not_text_is_refused(content):
    with pytest.raises(Permanent) as error:
        decoded(content)
    assert error.value.code == "document/unknown-type"


def test_a_file_without_words_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text(" \n\t\n")
    with pytest.raises(Permanent) as error:
        read_text(tmp_path / "a.txt")
    assert error.value.code == "document/no-text"


def test_a_text_file_has_an_outline_that_covers_it(tmp_path):
    (tmp_path / "a.md").write_text("# One\nFirst.\n\n# Two\nSecond.")
    read = read_text(tmp_path / "a.md")
    assert read.kind is DocumentKind.TEXT
    assert [(section.name, section.first, section.last) for section in read.sections] == [
        ("One", 0, 1),
        ("Two", 2, 3),
    ]
