from core.documents.model import Block, CellPlace
from core.pipeline.section_text import clean
from core.pipeline.table_text import runs, table_lines


def cell(number, text, row, column, *, table=0, **spans):
    return Block(f"b{number}", text, cell=CellPlace(table, row, column, **spans))


ACTIONS = (
    cell(1, "Action", 0, 0, header=True),
    cell(2, "Owner", 0, 1, header=True),
    cell(3, "Due", 0, 2, header=True),
    cell(4, 'Fix "the form", now', 1, 0),
    cell(5, "soon", 1, 2),
    cell(6, "Train staff", 2, 0),
    cell(7, "Ann", 2, 1),
    cell(8, "2026-01-31", 2, 2),
)


def written(blocks):
    return table_lines(blocks, lambda block: clean(block.text))


def test_the_first_row_is_said_once_and_a_cell_without_text_is_empty():
    assert written(ACTIONS) == [
        "[b1 table 2]{Action\tOwner\tDue}:",
        '  Fix "the form", now\t\tsoon',
        "  Train staff\tAnn\t2026-01-31",
    ]


def test_words_stand_as_they_do_in_the_document_whatever_they_are():
    hard = 'a\tb, "c" | d\\e: {f}'
    blocks = (cell(1, hard, 0, 0), cell(2, "x", 0, 1), cell(3, hard, 1, 0), cell(4, "y", 1, 1))
    text = "\n".join(written(blocks))
    assert text.count('a b, "c" | d\\e: {f}') == 2
    assert written(blocks)[1].count("\t") == 1


def test_merged_cells_are_marked_and_not_empty():
    blocks = (
        cell(1, "Who", 0, 0),
        cell(2, "What", 0, 1, column_span=2),
        cell(3, "Ann", 1, 0, row_span=2),
        cell(4, "one", 1, 1),
        cell(5, "two", 1, 2),
        cell(6, "three", 2, 1),
        cell(7, "four", 2, 2),
    )
    assert written(blocks) == ["[b1 table 2]{Who\tWhat\t<}:", "  Ann\tone\ttwo", "  ^\tthree\tfour"]


def test_paragraphs_of_a_cell_are_told_apart():
    blocks = (
        cell(1, "a", 0, 0),
        cell(2, "b", 0, 1),
        cell(3, "c", 1, 0),
        cell(4, "d", 1, 0),
        cell(5, "e", 1, 1),
    )
    assert written(blocks)[1] == "  c \u00b6 d\te"


def test_rows_without_the_first_one_have_empty_braces_and_say_where_they_begin():
    assert written(ACTIONS[5:])[0] == "[b6 table 1 from row 2]{}:"


def test_a_row_without_text_starts_a_new_head_so_that_row_numbers_stay_true():
    blocks = (cell(1, "a", 0, 0), cell(2, "b", 0, 1), cell(3, "c", 3, 1))
    assert written(blocks) == ["[b1 table 0]{a\tb}:", "[b3 table 1 from row 3]{}:", "  \tc"]


def test_text_between_tables_parts_them():
    other = (cell(20, "x", 0, 0, table=1), cell(21, "y", 1, 1, table=1))
    found = runs((*ACTIONS, Block("b19", "text"), *other))
    assert [len(run) for run in found] == [8, 1, 2]


def test_a_table_with_another_one_inside_is_given_cell_by_cell():
    inner = (cell(30, "in", 0, 0, table=1), cell(31, "ner", 1, 1, table=1))
    found = runs((*ACTIONS[:5], *inner, *ACTIONS[5:]))
    assert [len(run) for run in found] == [1] * 5 + [2] + [1] * 3


def test_a_single_row_or_column_is_given_cell_by_cell():
    assert all(len(run) == 1 for run in runs(ACTIONS[:3]))
