"""Tables that are drawn with lines are read cell by cell; where that is not safe, their words stay lines."""

from itertools import pairwise

import pytest

from core.documents.model import BlockKind
from core.documents.pdf_gate import open_pdf
from core.documents.pdf_page import INDEX_MASK
from core.documents.pdf_reader import page_text, placed_blocks, read_pdf
from core.pipeline.section_text import lines
from tests.support.pdfs import Drawn, drawn_pdf, shown

XS, YS = (72, 252, 352, 452), (700, 660, 620, 580)
HEAD = shown("Action", 77, 675) + shown("Owner", 257, 675) + shown("Due", 357, 675)
ROWS = (
    shown("Fix the address form so that", 77, 645) + shown("nobody can change it", 77, 631)
    + shown("Ann Lee", 257, 645) + shown("31 May 2026", 357, 645)
    + shown("Train the staff", 77, 605) + shown("Jo Roe", 257, 605)
)  # fmt: skip


def strokes(xs=XS, ys=YS) -> str:
    across = [f"{xs[0]} {y} m {xs[-1]} {y} l S\n" for y in ys]
    return "".join([*across, *(f"{x} {ys[0]} m {x} {ys[-1]} l S\n" for x in xs)])


def boxes(xs=XS, ys=YS) -> str:
    return "".join(
        f"{left} {bottom} {right - left} {top - bottom} re S\n"
        for left, right in pairwise(xs)
        for top, bottom in pairwise(ys)
    )


def thin_rectangles(xs=XS, ys=YS) -> str:
    across = [f"{xs[0]} {y} {xs[-1] - xs[0]} 0.48 re f*\n" for y in ys]
    down = [f"{x} {low} 0.48 {top - low} re f*\n" for x in xs for top, low in pairwise(ys)]
    return "".join([*across, *down])


@pytest.fixture
def blocks(tmp_path):
    def of(*pages: str):
        return read_pdf(drawn_pdf(tmp_path / "a.pdf", [Drawn(page) for page in pages])).blocks

    return of


def cells(found) -> list[tuple[int, int, str]]:
    return [(block.cell.row, block.cell.column, block.text) for block in found if block.cell]


@pytest.mark.parametrize("drawn", [strokes(), boxes(), thin_rectangles()])
def test_a_drawn_table_is_read_cell_by_cell(blocks, drawn):
    found = blocks(shown("Before it.", y=730) + drawn + HEAD + ROWS + shown("After it.", y=540))

    assert cells(found) == [
        (0, 0, "Action"),
        (0, 1, "Owner"),
        (0, 2, "Due"),
        (1, 0, "Fix the address form so that nobody can change it"),
        (1, 1, "Ann Lee"),
        (1, 2, "31 May 2026"),
        (2, 0, "Train the staff"),
        (2, 1, "Jo Roe"),
    ]
    assert [block.text for block in found if not block.cell] == ["Before it.", "After it."]
    assert {block.cell.header for block in found if block.cell and block.cell.row == 0} == {True}
    assert lines(found)[1:3] == [
        "[b2 table 2]{Action\tOwner\tDue}:",
        "  Fix the address form so that nobody can change it\tAnn Lee\t31 May 2026",
    ]


def test_cells_that_stand_close_are_parted_at_the_line_between_them(blocks):
    close = shown("Fix the address form today", 77, 645) + shown("Ann Lee and others", 222, 645)
    found = blocks(strokes(xs=(72, 220, 352, 452)) + HEAD + close + shown("Train", 77, 605))
    assert (1, 0, "Fix the address form today") in cells(found)
    assert (1, 1, "Ann Lee and others") in cells(found)


def test_merged_cells_span_what_they_cover(blocks):
    across = "".join(f"72 {y} m 452 {y} l S\n" for y in YS)
    down = "72 700 m 72 580 l S 452 700 m 452 580 l S 252 660 m 252 580 l S 352 660 m 352 580 l S\n"
    found = blocks(
        across
        + down
        + shown("Actions of this spring that go over all of the table's columns", 77, 675)
        + ROWS
    )
    head = next(block.cell for block in found if block.text.startswith("Actions of this spring"))

    assert (head.row, head.column, head.column_span, head.row_span, head.header) == (0, 0, 3, 1, False)
    assert len(cells(found)) == 6


def test_the_outer_lines_may_be_missing(blocks):
    inner = "".join(f"72 {y} m 452 {y} l S\n" for y in YS) + "".join(
        f"{x} 700 m {x} 580 l S\n" for x in XS[1:3]
    )
    assert len(cells(blocks(inner + HEAD + ROWS))) == 8


@pytest.mark.parametrize(
    "page",
    [
        # rows without a line between them
        strokes(ys=(700, 660, 580))
        + HEAD
        + "".join(shown(w, x, y) for w, x in (("Fix it", 77), ("Ann", 257)) for y in (645, 625, 605)),
        # words across a line
        strokes() + HEAD + ROWS + shown("WordThatGoesOverTheLineToTheNextColumn", 150, 592),
        # the picture of a diagram: hardly a word in it
        strokes(xs=tuple(range(72, 472, 20)), ys=tuple(range(700, 500, -20))) + HEAD,
        # a frame around text
        strokes(xs=(60, 500), ys=(720, 500)) + HEAD + ROWS,
    ],
)
def test_what_is_no_safe_table_stays_lines(blocks, page):
    found = blocks(page)
    assert not cells(found)
    assert {block.kind for block in found} <= {BlockKind.PARAGRAPH, BlockKind.HEADING}


def test_tables_side_by_side_that_are_written_row_by_row_are_read_one_after_the_other(blocks):
    left, right = (72, 152, 232), (332, 412, 492)
    both = strokes(xs=left) + strokes(xs=right)
    rows = "".join(
        shown(f"{side} {row} {column}", x + 5, y)
        for row, y in enumerate((675, 635, 595))
        for side, xs in (("L", left), ("R", right))
        for column, x in enumerate(xs[:2])
    )
    texts = [block.text for block in blocks(both + rows) if block.cell]
    assert texts == [f"{side} {row} {column}" for side in "LR" for row in range(3) for column in range(2)]


def test_two_tables_on_a_page_are_told_apart(blocks):
    lower = tuple(y - 300 for y in YS)
    found = blocks(
        strokes() + HEAD + ROWS + strokes(ys=lower) + HEAD.replace(" 675 ", " 375 ") + shown("A", 77, 345)
    )
    assert len({block.cell.table for block in found if block.cell}) == 2


def test_every_word_of_a_page_with_a_table_knows_its_place(tmp_path):
    source = drawn_pdf(tmp_path / "a.pdf", [Drawn(strokes() + HEAD + ROWS)])
    document = open_pdf(source)
    text = page_text(document, 0).text
    for placed in placed_blocks(document):
        said = [
            (char, text[at & INDEX_MASK])
            for char, at in zip(placed.block.text, placed.chars, strict=True)
            if at >= 0
        ]
        assert all(char == there for char, there in said)
