"""Tables are read cell by cell, with their places and heads."""

import pytest

from tests.support.documents import para, table, texts


def test_cells_know_their_place_spans_and_header(read):
    wide = '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + para("wide") + "</w:tc>"
    head = f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{wide}</w:tr>"

    def merged(state: str, text: str) -> str:
        value = f' w:val="{state}"' if state else ""
        return f"<w:tc><w:tcPr><w:vMerge{value}/></w:tcPr>{para(text)}</w:tc>"

    rows = "".join(
        f"<w:tr>{merged(state, text)}<w:tc>{para(other)}</w:tc></w:tr>"
        for state, text, other in (("restart", "tall", "a"), ("", "", "b"), ("continue", "", "c"))
    )
    found = read(f"<w:tbl>{head}{rows}</w:tbl>" + table(["next"]))
    places = {block.text: block.cell for block in found.blocks}

    assert (places["wide"].column_span, places["wide"].header) == (2, True)
    assert (places["tall"].row, places["tall"].row_span, places["tall"].header) == (1, 3, False)
    assert (places["c"].row, places["c"].column) == (3, 1)
    assert (places["a"].table, places["next"].table) == (1, 2)


def test_a_nested_table_is_a_table_of_its_own_in_reading_order(read):
    found = read(table([para("before") + table(["inside"]) + para("after"), "beside"]))

    assert texts(found) == ["before", "inside", "after", "beside"]
    assert [block.cell.table for block in found.blocks] == [1, 2, 1, 1]


def test_a_forged_span_costs_nothing(read):
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="200000000"/></w:tcPr>' + para("x") + "</w:tc>"
    found = read(f"<w:tbl><w:tr>{cell}<w:tc>{para('y')}</w:tc></w:tr></w:tbl>")
    assert found.blocks[1].cell.column == 63


@pytest.mark.parametrize(
    ("first_row", "is_header"),
    [
        (["Action", "Owner", "Due in 2026"], True),
        (["", "Before", "After"], True),
        (["3 March 2026", "02:14", "First use"], False),
        (["Owner", "Jana Kowal"], False),
    ],
)
def test_an_unmarked_first_row_is_a_header_when_it_names_columns(read, first_row, is_header):
    found = read(table(first_row, ["x"] * len(first_row)))
    assert {block.cell.header for block in found.blocks if block.cell.row == 0} == {is_header}


def test_deleted_rows_and_cells_are_not_read_and_said_to_be_changes(read):
    here = f"<w:tc>{para('here')}</w:tc>"
    row = read(
        f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{para('gone')}</w:tc></w:tr><w:tr>{here}</w:tr></w:tbl>"
    )
    cell = read(f"<w:tbl><w:tr><w:tc><w:tcPr><w:cellDel/></w:tcPr>{para('gone')}</w:tc>{here}</w:tr></w:tbl>")
    added = read(f"<w:tbl><w:tr><w:trPr><w:ins/></w:trPr>{here}</w:tr></w:tbl>")

    for found in (row, cell, added):
        assert texts(found) == ["here"]
        assert found.notices == ("tracked-changes",)
