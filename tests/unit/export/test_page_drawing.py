"""Pictures of pages and the boxes on them: what is inside a box is the words, however the page is turned or cut."""

import struct
import zlib
from datetime import UTC, datetime
from itertools import pairwise

import pypdfium2
import pytest

from core.documents.pdf_reader import read_pdf
from core.export.page_drawing import MOST_PX, WIDTH_PX, draw, marks, sizes
from core.export.page_lines import lines
from core.export.pdf_check import PdfComment
from tests.support.pdfs import Drawn, drawn_pdf, shown

DARK = 100
A4 = "/MediaBox [0 0 595 842]"
TURNED = [A4, f"{A4} /Rotate 90", f"{A4} /Rotate 180", f"{A4} /Rotate 270", f"{A4} /CropBox [40 300 500 800]"]


def dark_places(png):
    """Shares of the picture, across and down, of every dark pixel of an unfiltered PNG."""
    width, height = struct.unpack(">II", png[16:24])
    at, packed = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        packed += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw, row = zlib.decompress(packed), 3 * width + 1
    for y in range(height):
        line = raw[y * row + 1 : (y + 1) * row]
        if min(line) < DARK:
            yield from ((x / width, y / height) for x in range(width) if line[3 * x] < DARK)


def comment_on(path, quote):
    block = next(block for block in read_pdf(path).blocks if quote in block.text)
    start = block.text.index(quote)
    return PdfComment(
        block_id=block.id,
        block_text=block.text,
        page=block.page,
        start=start,
        end=start + len(quote),
        subject="",
        author="",
        initials="",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        text_lines=(),
    )


def drawn(path, number, folder):
    draw(pypdfium2.PdfDocument(path), [number], folder)
    return (folder / f"{number}.png").read_bytes()


@pytest.mark.parametrize("entries", TURNED)
def test_a_box_holds_the_words_and_nothing_but_them(tmp_path, entries):
    """The words stand alone on their page: every dark pixel is theirs."""
    path = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("Losses of TBD were found.", 80, 700), entries)])
    document = pypdfium2.PdfDocument(path)

    [whole] = marks(document, {"f": comment_on(path, "Losses of TBD were found.")})
    [part] = marks(document, {"f": comment_on(path, "TBD")})

    dark = list(dark_places(drawn(path, 1, tmp_path)))
    assert dark
    assert all(inside(whole, at) for at in dark)
    share = sum(inside(part, at) for at in dark) / len(dark)
    assert 0.05 < share < 0.3


def inside(mark, at):
    x, y = at
    across = mark["left"] <= x <= mark["left"] + mark["width"]
    return across and mark["top"] <= y <= mark["top"] + mark["height"]


def test_words_over_two_lines_have_a_box_on_each(tmp_path):
    text = shown("The loss was", 80, 700) + shown("never counted.", 80, 685)
    path = drawn_pdf(tmp_path / "a.pdf", [Drawn(text)])

    found = list(marks(pypdfium2.PdfDocument(path), {"f": comment_on(path, "loss was never counted")}))

    assert [(mark["id"], mark["page"]) for mark in found] == [("f", 1), ("f", 1)]
    assert all(upper["top"] < lower["top"] for upper, lower in pairwise(found))


@pytest.mark.parametrize("box", ["0 0 595 842", "0 0 842 595", "0 0 14400 14400", "0 0 3 14400"])
def test_no_page_is_drawn_larger_than_the_bounds(tmp_path, box):
    path = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("Some words here."), f"/MediaBox [{box}]")])

    width, height = struct.unpack(">II", drawn(path, 1, tmp_path)[16:24])

    assert width <= WIDTH_PX + 1
    assert width * height <= MOST_PX * 1.01


@pytest.mark.parametrize("entries", TURNED)
def test_a_line_of_text_lies_over_its_ink(tmp_path, entries):
    path = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("Losses of TBD were found.", 80, 700), entries)])

    [line] = lines(pypdfium2.PdfDocument(path))

    assert (line["page"], line["start"], line["text"]) == (1, 0, "Losses of TBD were found.")
    assert all(inside(line, at) for at in dark_places(drawn(path, 1, tmp_path)))


def test_a_divided_word_stands_on_both_of_its_lines(tmp_path):
    text = shown("The loss was never ac-", 80, 700) + shown("counted for in accounts.", 80, 685)
    path = drawn_pdf(tmp_path / "a.pdf", [Drawn(text)])

    first, second = lines(pypdfium2.PdfDocument(path))

    assert (first["text"], second["text"]) == ("The loss was never ac", "counted for in accounts.")
    assert first["top"] < second["top"]


def test_sizes_are_those_of_the_pages_as_they_are_shown(tmp_path):
    path = drawn_pdf(tmp_path / "a.pdf", [Drawn(shown("Words."), entries) for entries in TURNED[:2]])

    assert sizes(pypdfium2.PdfDocument(path)) == [[595, 842], [842, 595]]
