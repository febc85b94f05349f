"""What the rules see: sentences, figures, dates, tables, topics, lines of a prompt."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.model import Block, BlockKind, CellPlace
from core.rules.dates import SlashOrder, day_dates, has_date, slash_order
from core.rules.figures import figure_beside, has_figure
from core.rules.identifiers import iban_valid, luhn_valid
from core.rules.lexicon import lower_pattern, lowered, pattern
from core.rules.lines import blocks_of
from core.rules.tables import tables_of
from core.rules.text import is_quoted, sentences
from core.rules.topics import Topic, topics_of
from core.rules.view import view_of
from tests.unit.rules.samples import document


def _cut(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It rained. The roof held! Why? Nobody knows.", 4),
        ("Mr. Brandt met J. R. Vance, e.g. on 3 Sept. 2025, at the office. It was late.", 2),
        ("See No. 5 of the list. The answer was no. Then it closed.", 3),
        ("They belong to Group A. The rest is in Appendix B. It is short.", 3),
        ('The share rose by 4.5 points to 1.386,20. He wrote "It is done." Then he left.', 3),
        ("One line\n\nAnother line", 2),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, count):
    assert len(_cut(text)) == count


@given(st.text(alphabet='aB1 .!?\n"“”(-é', max_size=80))
def test_sentences_cover_everything_but_white_space_once(text):
    spans = sentences(text)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    left = list(text)
    for start, end in spans:
        left[start:end] = " " * (end - start)
    assert not "".join(left).strip()


def test_quotation_marks_of_several_kinds_are_known():
    text = 'He said "soon", she wrote “soon”, they answered soon.'
    first, second, third = (at for at in range(len(text)) if text.startswith("soon", at))
    assert [is_quoted(text, at, at + 4) for at in (first, second, third)] == [True, True, False]


@pytest.mark.parametrize(
    "text", ["case KX-532", "in 2024", "on 3 May", "at 14:20", "version 6.21.3", "T-70411"]
)
def test_names_dates_and_times_are_no_figures(text):
    assert not has_figure(text)


@pytest.mark.parametrize(
    "text", ["38 sellers", "EUR 4,200", "12.5%", "seven of them", "a third", "twenty-one"]
)
def test_counts_and_shares_are_figures(text):
    assert has_figure(text)


def test_the_whole_is_not_the_figure_of_the_part():
    text = "Many of the 38 sellers, most of them new, left."
    assert not figure_beside(text, 0, 4)
    assert figure_beside("Many sellers (38) left.", 0, 4)


def test_dates_are_read_in_the_ways_people_write_them():
    text = "On 3 May 2025, May 4, 2025, 2025-05-06 and 7.5.2025, then on the 8th of May."
    assert [(date.day, date.month, date.year) for date in day_dates(text)] == [
        (3, 5, 2025),
        (4, 5, 2025),
        (6, 5, 2025),
        (7, 5, 2025),
        (8, 5, None),
    ]


def test_an_ambiguous_numeric_date_is_not_guessed():
    assert day_dates("on 03/04/2025") == []
    assert has_date("on 03/04/2025")


def test_may_is_a_month_only_beside_a_number_or_after_a_preposition():
    assert not has_date("Sellers may appeal. May they?")
    assert has_date("by May")


def test_card_and_account_numbers_are_checked_by_their_check_digits():
    assert [luhn_valid(number) for number in ("4111111111111111", "4111111111111112")] == [True, False]
    assert [iban_valid(f"GB29 NWBK 6016 1331 9268 {end}") for end in (19, 18)] == [True, False]


def test_an_empty_cell_is_seen_though_it_has_no_block_and_a_merged_one_is_not_empty():
    blocks = [
        Block("b1", "Action", BlockKind.CELL, cell=CellPlace(0, 0, 0)),
        Block("b2", "Owner", BlockKind.CELL, cell=CellPlace(0, 0, 1)),
        Block("b3", "Test", BlockKind.CELL, cell=CellPlace(0, 1, 0)),
        Block("b4", "Ada Ferro", BlockKind.CELL, cell=CellPlace(0, 2, 1, row_span=2)),
        Block("b5", "Ship", BlockKind.CELL, cell=CellPlace(0, 3, 0)),
    ]
    (table,) = tables_of(blocks)
    assert table.rows == [1, 2, 3]
    assert table.header(1) == "Owner"
    assert [table.text(row, 1) for row in table.rows] == ["", "Ada Ferro", ""]
    assert table.covered == {(3, 1)}


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("1. Executive Summary", Topic.SUMMARY),
        ("3.1 Chronology of the case", Topic.TIMELINE),
        ("Customer impact", Topic.IMPACT),
        ("Why it happened", Topic.ROOT_CAUSE),
        ("Corrective measures", Topic.RESOLVING),
        ("How we prevent a recurrence", Topic.PREVENTIVE),
        ("IV. Recommendations", Topic.RECOMMENDATIONS),
    ],
)
def test_headings_are_known_by_many_names(heading, topic):
    assert topic in topics_of(heading)


@pytest.mark.parametrize("text", ["ASAP: İstanbul, Straße", "", "İ", "Soon ﬁ"])
def test_a_lowered_text_keeps_its_places(text):
    small = lowered(text)
    assert len(small) == len(text)
    assert [one for one in small if one.isupper()] == [one for one in text if len(one.lower()) > 1]


@pytest.mark.parametrize("name", ["vague_time", "vague_quantity", "vague_recurrence", "writeup", "law"])
def test_a_pattern_for_lowered_text_finds_what_the_other_finds(name):
    text = "Asap, Numerous Sellers heard Regularly; an Incident SHALL be an Outage in İzmir. Most grew."
    spans = [match.span() for match in lower_pattern(name).finditer(lowered(text))]
    assert spans == [match.span() for match in pattern(name).finditer(text)] != []


def test_an_appendix_is_not_the_part_it_speaks_of():
    assert topics_of("Appendix B: timeline of contacts") == {Topic.APPENDIX}


def test_a_sub_heading_without_a_topic_belongs_to_the_part_above():
    blocks, sections = document("# Root cause\n## The reset\nTokens stay.\n# Impact\nLosses.")
    view = view_of(blocks, sections)
    assert view.topics_at(blocks[2]) == {Topic.ROOT_CAUSE}
    assert view.topics_at(blocks[4]) == {Topic.IMPACT}


def test_lines_of_a_prompt_give_back_ids_kinds_and_tables():
    blocks = blocks_of(
        [
            "[b7 heading] Actions",
            "[b8 cell 0,0] Owner",
            "[b9 cell 1,0] Ada",
            "[b10 cell 0,0] Due",
            "[b11] End",
        ]
    )
    assert [block.id for block in blocks] == ["b7", "b8", "b9", "b10", "b11"]
    assert blocks[0].kind is BlockKind.HEADING
    assert [block.cell.table for block in blocks if block.cell] == [0, 0, 1]


def test_plain_lines_are_paragraphs_numbered_by_position():
    blocks = blocks_of(["One.", "", "Three."])
    assert [(block.id, block.text) for block in blocks] == [("b1", "One."), ("b3", "Three.")]


def test_dates_with_slashes_tell_of_each_other_which_number_is_the_month():
    assert slash_order(["02/06/2025", "24/06/2025"]) is SlashOrder.DAY
    assert slash_order(["06/02/2025", "06/24/2025"]) is SlashOrder.MONTH
    assert slash_order(["06/24/2025", "24/06/2025"]) is None
    assert slash_order(["02/06/2025"]) is None
    day, month = (day_dates("02/06/2025", order)[0] for order in (SlashOrder.DAY, SlashOrder.MONTH))
    assert (day.day, day.month, month.day, month.month) == (2, 6, 6, 2)


def _unmarked(*rows):
    places = [(row, column, text) for row, texts in enumerate(rows) for column, text in enumerate(texts)]
    return tuple(
        Block(f"b{row}-{column}", text, BlockKind.CELL, cell=CellPlace(0, row, column))
        for row, column, text in places
    )


def test_a_list_of_days_without_a_header_loses_none_of_them():
    days = [("3 May 2025", "The pump stops"), ("4 May 2025", "It runs"), ("5 May 2025", "It stops again")]
    headed = [("Day", "Event"), *days]
    assert [len(tables_of(_unmarked(*rows))[0].rows) for rows in (days, headed)] == [3, 3]
    assert len(view_of(_unmarked(*days)).sentences) == 6
