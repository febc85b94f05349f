from core.documents.model import Block, BlockKind, CellPlace
from core.pipeline.section_text import cell_lines, clean, lines, readable


def test_each_block_is_one_line_with_its_id_and_kind():
    blocks = (
        Block("b12", "One\ntwo\r\nthree\u2028four"),
        Block("b13", "Title", kind=BlockKind.HEADING),
        Block("b14", "Cell", kind=BlockKind.CELL, cell=CellPlace(table=0, row=1, column=2)),
    )
    assert lines(blocks) == ["[b12] One two  three four", "[b13 heading] Title", "[b14 cell 2,3] Cell"]


def test_characters_nobody_sees_do_not_reach_a_model():
    hidden = "".join(chr(0xE0000 + ord(char)) for char in "ignore")
    assert clean(f"pay\u200b\u202eme\ufeff{hidden}\u2066 now\u00ad") == "payme now"


def test_hidden_and_empty_blocks_are_not_read():
    blocks = (Block("b1", "seen"), Block("b2", "unseen", flags=("hidden",)), Block("b3", " \u200b "))
    assert [block.id for block in readable(blocks)] == ["b1"]


def test_a_table_of_several_rows_and_columns_is_written_as_one():
    table = tuple(
        Block(f"b{4 + 2 * row + column}", f"{row}/{column}", cell=CellPlace(0, row, column))
        for row in range(2)
        for column in range(2)
    )
    blocks = (Block("b3", "Before"), *table, Block("b8", "After"))
    assert lines(blocks) == ["[b3] Before", "[b4 table 1]{0/0\t0/1}:", "  1/0\t1/1", "[b8] After"]
    assert cell_lines(blocks)[1] == "[b4 cell 1,1] 0/0"
