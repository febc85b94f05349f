"""Blocks as render nodes: every block once, in order, under the structure that the file has."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.documents.model import Block, BlockComment, BlockKind, CellPlace
from core.web.document_view import block_text, comment_label, depth, flags, nodes, sheets
from core.web.table_view import MAX_FILLED_PLACES, Cell, Table, tables_of


def a_cell(number: int, row: int, column: int, **place: Any) -> Block:
    table = place.pop("table", 1)
    return Block(
        f"b{number}", f"cell {number}", kind=BlockKind.CELL, cell=CellPlace(table, row, column, **place)
    )


def a_grid(rows: int, columns: int, *, head: int = 0) -> list[Block]:
    return [
        a_cell(row * columns + column, row, column, header=row < head)
        for row in range(rows)
        for column in range(columns)
    ]


def only_table(blocks: list[Block]) -> Table:
    tables = tables_of(blocks)
    assert len(tables) == 1
    return tables[0]


def rows_of(table: Table) -> list[tuple[Cell, ...]]:
    return [*table.head, *table.body]


def block_ids(tables: list[Table]) -> Iterator[str]:
    for table in tables:
        for row in rows_of(table):
            for cell in row:
                yield from (block.id for block in cell.blocks)
                yield from block_ids(list(cell.tables))


class TestNodes:
    def test_runs_of_list_items_and_notes_are_one_node_each(self) -> None:
        kinds = [
            BlockKind.PARAGRAPH,
            BlockKind.LIST_ITEM,
            BlockKind.LIST_ITEM,
            BlockKind.NOTE,
            BlockKind.NOTE,
        ]
        blocks = [Block(f"b{number}", "text", kind=kind) for number, kind in enumerate(kinds)]
        found = [(node.kind, len(node.blocks)) for node in nodes(blocks)]
        assert found == [("paragraph", 1), ("list", 2), ("notes", 2)]

    def test_headings_stand_one_level_below_the_page_and_stop_at_six(self) -> None:
        levels = [1, 2, 9, 0]
        blocks = [Block(f"b{level}", "Head", kind=BlockKind.HEADING, level=level) for level in levels]
        assert [node.heading_tag for node in nodes(blocks)] == ["h2", "h3", "h6", "h2"]

    def test_the_indentation_of_a_list_item_is_held_to_what_can_be_drawn(self) -> None:
        assert [depth(Block("b1", "x", level=level)) for level in (-1, 0, 3, 99)] == [0, 0, 3, 5]


class TestSheets:
    def test_a_document_without_pages_is_one_sheet(self) -> None:
        made = sheets([Block("b1", "one"), Block("b2", "two")])
        assert [(sheet.page, len(sheet.nodes)) for sheet in made] == [(None, 2)]

    def test_each_page_is_a_sheet(self) -> None:
        made = sheets([Block("b1", "one", page=1), Block("b2", "two", page=2), Block("b3", "three", page=2)])
        assert [(sheet.page, len(sheet.nodes)) for sheet in made] == [(1, 1), (2, 2)]

    def test_notes_at_the_end_that_name_an_earlier_page_stay_at_the_end(self) -> None:
        made = sheets([Block("b1", "text", page=3), Block("b2", "note", kind=BlockKind.NOTE, page=1)])
        assert [sheet.page for sheet in made] == [3]

    def test_a_list_over_a_page_break_is_cut_there(self) -> None:
        items = [Block(f"b{page}", "item", kind=BlockKind.LIST_ITEM, page=page) for page in (1, 2)]
        assert [sheet.page for sheet in sheets(items)] == [1, 2]

    def test_an_empty_document_has_no_sheets(self) -> None:
        assert sheets([]) == []


class TestTables:
    def test_leading_head_rows_are_the_head_and_scope_their_columns(self) -> None:
        table = only_table(a_grid(3, 2, head=1))
        assert (len(table.head), len(table.body)) == (1, 2)
        assert [cell.scope for cell in table.head[0]] == ["col", "col"]
        assert {cell.scope for row in table.body for cell in row} == {""}

    def test_a_head_cell_beside_plain_ones_scopes_its_row(self) -> None:
        table = only_table([a_cell(1, 0, 0, header=True), a_cell(2, 0, 1)])
        assert [cell.scope for cell in table.body[0]] == ["row", ""]

    def test_a_head_that_reaches_into_the_body_is_not_cut_off(self) -> None:
        blocks = [a_cell(1, 0, 0, header=True, row_span=2), a_cell(2, 0, 1, header=True), a_cell(3, 1, 1)]
        table = only_table(blocks)
        assert (len(table.head), len(table.body)) == (0, 2)

    def test_several_paragraphs_of_a_cell_stay_together(self) -> None:
        table = only_table([a_cell(1, 0, 0), a_cell(2, 0, 0), a_cell(3, 0, 1)])
        assert [len(cell.blocks) for cell in table.body[0]] == [2, 1]

    def test_cells_without_text_are_filled_so_that_columns_stay_under_their_heads(self) -> None:
        table = only_table([*a_grid(1, 3, head=1), a_cell(9, 1, 2)])
        assert [len(cell.blocks) for cell in table.body[0]] == [0, 0, 1]

    def test_places_under_a_span_are_not_filled(self) -> None:
        blocks = [
            a_cell(1, 0, 0, row_span=2, column_span=2),
            a_cell(2, 0, 2),
            a_cell(3, 1, 2),
            a_cell(4, 2, 0),
        ]
        blocks += [a_cell(5, 2, 1), a_cell(6, 2, 2)]
        table = only_table(blocks)
        assert [len(row) for row in table.body] == [2, 1, 3]
        assert (table.body[0][0].row_span, table.body[0][0].column_span) == (2, 2)

    def test_a_span_counts_only_rows_and_columns_that_are_drawn(self) -> None:
        table = only_table([a_cell(1, 0, 0, column_span=200_000_000), a_cell(2, 7, 0), a_cell(3, 7, 90)])
        assert table.body[0][0].column_span == 2
        assert len(table.body) == 2

    def test_a_ragged_table_too_large_to_fill_is_drawn_as_it_comes(self) -> None:
        size = 200
        assert size * size > MAX_FILLED_PLACES
        table = only_table([a_cell(number, number, number) for number in range(size)])
        assert [len(row) for row in table.body] == [1] * size

    def test_tables_side_by_side_stay_two(self) -> None:
        assert len(tables_of([a_cell(1, 0, 0), a_cell(2, 0, 0, table=2)])) == 2

    def test_a_table_inside_a_cell_is_drawn_in_it(self) -> None:
        blocks = [a_cell(1, 0, 0), a_cell(2, 0, 0, table=2), a_cell(3, 0, 1, table=2), a_cell(4, 0, 1)]
        outer = only_table(blocks)
        assert [len(cell.tables) for cell in outer.body[0]] == [1, 0]
        assert list(block_ids([outer])) == ["b1", "b2", "b3", "b4"]


PLACES = st.builds(
    CellPlace,
    table=st.integers(1, 3),
    row=st.integers(0, 6),
    column=st.integers(0, 6),
    column_span=st.integers(1, 9),
    row_span=st.integers(1, 9),
    header=st.booleans(),
)


@given(st.lists(PLACES, min_size=1, max_size=30))
def test_every_cell_of_any_table_is_drawn_exactly_once(places: list[CellPlace]) -> None:
    blocks = [
        Block(f"b{number}", "x", kind=BlockKind.CELL, cell=place) for number, place in enumerate(places)
    ]
    drawn = list(block_ids(tables_of(blocks)))
    assert sorted(drawn) == sorted(block.id for block in blocks)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), st.data())
def test_a_browser_reads_back_exactly_the_text_that_offsets_count(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    hidden = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    markup = str(block_text(Block("b1", text, hidden=hidden)))
    # What an HTML parser does to its input before anything else: a bare return becomes a line feed.
    parser = _Text()
    parser.feed(re.sub("\r\n?", "\n", markup))
    parser.close()
    assert "".join(parser.parts) == text


def test_hidden_words_are_marked_where_they_stand() -> None:
    block = Block("b1", "a <b> c", flags=("partly-hidden",), hidden=((2, 5),))
    assert str(block_text(block)) == 'a <span class="hidden-words">&lt;b&gt;</span> c'
    assert flags(block) == ["Partly hidden"]


def test_what_was_said_before_names_who_when_and_its_state() -> None:
    said = BlockComment("0", "Why?", author="Ann Lee", date="2026-03-03T10:00:00Z", resolved=True)
    assert comment_label(said) == "Comment by <bdi>Ann Lee</bdi>, 3 March 2026, resolved"
    assert comment_label(BlockComment("1", "So.", date="soon", parent="0")) == "Answer"


def test_a_name_that_turns_the_direction_of_writing_or_holds_markup_ends_where_it_ends() -> None:
    said = BlockComment("0", "Why?", author="\u202ennA<b>", resolved=True)
    assert comment_label(said) == "Comment by <bdi>\u202ennA&lt;b&gt;</bdi>, resolved"


def test_headers_and_footers_are_a_group_at_the_end() -> None:
    blocks = [
        Block("b1", "Text."),
        Block("b2", "Top", flags=("header",)),
        Block("b3", "1", flags=("footer",)),
    ]
    assert [(node.kind, len(node.blocks)) for node in nodes(blocks)] == [("paragraph", 1), ("margins", 2)]
