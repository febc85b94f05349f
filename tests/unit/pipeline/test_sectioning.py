from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.documents.model import Block, CellPlace
from core.pipeline.section_text import clean, lines
from core.pipeline.sectioning import OVERLAP_CHARS, PART_CHARS, halves, pieces

WORDS = st.text("ab \t", max_size=60)
PLACES = st.one_of(st.none(), st.integers(0, 4))


@st.composite
def sections(draw, texts=WORDS):
    """Paragraphs and, at some places, tables of a few rows."""
    blocks, table = [], 0
    for text in draw(st.lists(texts, max_size=15)):
        rows = draw(PLACES)
        if rows is None:
            blocks.append(Block("", text))
            continue
        table += 1
        blocks += [
            Block("", draw(texts), cell=CellPlace(table, row, column))
            for row in range(rows)
            for column in (0, 1)
        ]
    return tuple(replace(block, id=f"b{number}") for number, block in enumerate(blocks, 1))


def covered(blocks, found):
    """For each block which of its characters are in some piece."""
    seen = {block.id: [0] * len(block.text) for block in blocks}
    for piece in found:
        for stretch in piece.stretches:
            for at in range(stretch.start, stretch.end):
                seen[stretch.block.id][at] += 1
    return seen


@given(sections(), st.integers(1, 80), st.integers(0, 20))
def test_every_character_of_every_section_is_read(blocks, most, overlap):
    found = pieces(blocks, most, overlap_chars=overlap)
    assert all(count > 0 for counts in covered(blocks, found).values() for count in counts)
    assert {block.id for piece in found for block in piece.blocks} == {block.id for block in blocks}
    assert sum(piece.fresh for piece in found) == sum(len(block.text) for block in blocks)


@given(sections(), st.integers(1, 80), st.integers(0, 20))
def test_every_character_reaches_the_prompt(blocks, most, overlap):
    found = pieces(blocks, most, overlap_chars=overlap)
    for piece in found:
        shown = "\n".join(lines(piece.blocks))
        assert all(clean(block.text) in shown for block in piece.blocks)


@given(sections(), st.integers(1, 80), st.integers(0, 20))
def test_pieces_keep_to_their_size_but_for_the_head_of_a_table(blocks, most, overlap):
    for piece in pieces(blocks, most, overlap_chars=overlap):
        assert piece.fresh <= max(most, 1)
        assert sum(stretch.chars for stretch in piece.stretches) <= max(piece.fresh + 2 * overlap, most)


@given(sections(), st.integers(1, 80), st.integers(0, 20))
def test_pieces_keep_the_order_of_the_text_and_show_a_block_once(blocks, most, overlap):
    order = {block.id: at for at, block in enumerate(blocks)}
    for piece in pieces(blocks, most, overlap_chars=overlap):
        shown = [order[block.id] for block in piece.blocks]
        assert shown == sorted(set(shown))


@given(sections(WORDS.map(lambda text: f"{text}.")), st.integers(1, 80), st.integers(0, 20))
def test_halves_lose_nothing_and_both_are_smaller(blocks, most, overlap):
    for piece in pieces(blocks, most, overlap_chars=overlap):
        divided, whole = halves(piece), sum(stretch.chars for stretch in piece.stretches)
        assert covered(piece.whole_blocks, divided).keys() == covered(piece.whole_blocks, [piece]).keys()
        if divided:
            assert sum(half.fresh for half in divided) == whole
            sizes = [
                (sum(stretch.chars for stretch in half.stretches), len(half.stretches)) for half in divided
            ]
            assert all(size < (whole, len(piece.stretches)) for size in sizes)


def test_a_section_that_fits_is_one_piece():
    blocks = (Block("b1", "x" * (PART_CHARS - 10)), Block("b2", "y" * 10))
    (piece,) = pieces(blocks)
    assert piece.blocks == blocks


def test_a_paragraph_longer_than_a_call_is_cut_between_words_and_its_end_is_repeated():
    text = "word " * (PART_CHARS // 2)
    found = pieces((Block("b1", text),))
    assert len(found) == 3
    for before, after in pairwise(found):
        (end,), (start,) = before.stretches, after.stretches
        assert text[start.start - 1] == " "
        assert OVERLAP_CHARS - 10 < end.end - start.start <= OVERLAP_CHARS
    assert all(piece.whole_blocks[0].text == text for piece in found)


def test_a_paragraph_as_long_as_a_book_is_read_to_its_end():
    text = "This is a sentence of a few words. " * 8_600
    found = pieces((Block("b1", text),))

    assert len(text) > 300_000
    assert sum(piece.fresh for piece in found) == len(text)
    assert all(sum(len(block.text) for block in piece.blocks) <= PART_CHARS for piece in found)


def test_a_part_that_begins_inside_a_table_shows_its_first_row_again():
    table = tuple(
        Block(f"b{1 + 2 * row + column}", f"{row}/{column} " + "x" * 90, cell=CellPlace(0, row, column))
        for row in range(30)
        for column in range(2)
    )
    _, second, *_ = pieces(table, 2_000, overlap_chars=250)
    header, head, first, *_ = lines(second.blocks)
    assert header.startswith("[b1 table 0]{0/0 xxx")
    assert head == "[b17 table 10 from row 8]{}:"
    assert first.startswith("  8/0")


def test_a_short_paragraph_is_not_cut_in_two():
    (piece,) = pieces((Block("b1", "x" * 1_000),))
    assert halves(piece) == []


def test_a_long_paragraph_is_cut_in_two_between_words():
    (piece,) = pieces((Block("b1", "word " * 1_000),))
    first, second = halves(piece)
    assert first.blocks[0].text.endswith("word ")
    assert second.stretches[0].end == 5_000
