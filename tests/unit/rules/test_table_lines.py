from hypothesis import example, given
from hypothesis import strategies as st

from core.documents.model import Block, CellPlace
from core.pipeline.section_text import cell_lines, lines
from core.rules.reviewing import review_lines
from core.rules.table_lines import expanded


def table(*rows):
    """Blocks b2, b3, ... of cells with text, as reading a document gives them."""
    blocks = [
        Block("", text, cell=CellPlace(0, row, column))
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
        if text
    ]
    return [Block(f"b{number}", block.text, cell=block.cell) for number, block in enumerate(blocks, 2)]


BLOCKS = (
    Block("b1", "Before"),
    *table(["Action", "Owner", "Due"], ["Fix the form", "", "soon"], ["Train staff", "Ann", ""]),
    Block("b9", "After"),
)


def test_a_table_of_the_prompt_is_the_same_as_a_line_per_cell():
    assert list(expanded(lines(BLOCKS))) == cell_lines(BLOCKS)


def test_a_part_of_a_table_keeps_its_rows():
    assert list(expanded(["[b5 table 1 from row 4]{}:", "  x\ty"])) == ["[b5 cell 5,1] x", "[b6 cell 5,2] y"]


def test_merged_cells_have_no_text_of_their_own_and_paragraphs_are_blocks():
    assert list(expanded(["[b5 table 1]{Who\t<}:", "  ^\ta \u00b6 b"])) == [
        "[b5 cell 1,1] Who",
        "[b6 cell 2,2] a",
        "[b7 cell 2,2] b",
    ]


def test_rules_find_the_same_in_either_form():
    vague = (Block("b1", "Actions"), *table(["Action", "Owner", "Due"], ["Fix the form", "", "soon"]))
    found = [(one.rule, one.quote) for one in review_lines(lines(vague))]
    assert found == [(one.rule, one.quote) for one in review_lines(cell_lines(vague))] != []


TEXTS = st.text('ab1,"|:{}[]', max_size=6).filter(lambda text: text.strip() == text)


@example(rows=[["", "", ""], ["", "1", ""], ["", "", ""], ["", "", "1"]])
@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=2, max_size=6))
def test_whatever_the_cells_say_nothing_of_a_table_is_lost_or_moved(rows):
    blocks = table(*rows)
    assert list(expanded(lines(blocks))) == cell_lines(blocks)
