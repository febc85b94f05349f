"""The outline holds every block exactly once, whatever the document looks like."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.headings import promote_pseudo_headings
from core.documents.model import Block, BlockKind, CellPlace
from core.documents.outline import MAX_SECTION_CHARS, MAX_SECTIONS, Start, outline, outline_by_page, sections

KINDS = [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.CELL]


def block(number: int, text: str, kind: BlockKind = BlockKind.PARAGRAPH, level: int = 0) -> Block:
    cell = CellPlace(1, number, 0) if kind is BlockKind.CELL else None
    return Block(f"b{number}", text, kind, level=level, cell=cell, page=number // 5 + 1)


def numbered(*items: tuple[str, int] | str) -> list[Block]:
    """Text alone is a paragraph, (text, level) a heading."""
    return [
        block(number, item) if isinstance(item, str) else block(number, item[0], BlockKind.HEADING, item[1])
        for number, item in enumerate(items, start=1)
    ]


def names(found) -> list[str]:
    return [section.name for section in found]


def assert_covers(found, blocks) -> None:
    assert [index for section in found for index in range(section.first, section.last + 1)] == list(
        range(len(blocks))
    )
    assert sum(section.chars for section in found) == sum(len(item.text) for item in blocks)
    assert [section.id for section in found] == [f"s{number}" for number in range(1, len(found) + 1)]
    assert len(found) <= MAX_SECTIONS
    assert all(section.name for section in found)
    assert len({section.name for section in found}) == len(found)


drawn_blocks = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.integers(1, 9_000)), min_size=1, max_size=60
).flatmap(
    lambda drawn: st.integers(0, 3).map(
        lambda notes: (
            [
                block(
                    number, "word " * (size // 5 + 1), kind, level if kind is not BlockKind.PARAGRAPH else 0
                )
                for number, (kind, level, size) in enumerate(drawn, start=1)
            ]
            + [block(len(drawn) + number, "note", BlockKind.NOTE) for number in range(1, notes + 1)]
        )
    )
)


@given(drawn_blocks)
def test_every_block_is_in_exactly_one_section_in_order(blocks):
    assert_covers(outline(blocks), blocks)
    assert_covers(outline_by_page(blocks), blocks)


@given(st.integers(1, 900), st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 5)), max_size=900))
def test_any_set_of_starts_gives_a_whole_outline(count, drawn):
    blocks = [block(number, "x") for number in range(1, count + 1)]
    starts = [Start(first % count, f"S{first}", level=level) for first, level in drawn]
    assert_covers(sections(starts, blocks), blocks)


def test_headings_start_sections_and_what_stands_before_is_named_by_its_title():
    found = outline(
        numbered("Parcel redirection", "Drafted in March.", ("Summary", 1), "Text.", ("Impact", 2), "Text.")
    )
    assert names(found) == ["Parcel redirection", "Summary", "Impact"]
    assert [section.level for section in found] == [1, 1, 2]

    assert names(outline(numbered("A sentence that is no title.", ("Summary", 1), "Text.")))[0] == "Preamble"


def test_a_title_gives_way_and_a_chapter_joins_its_first_part():
    found = outline(
        numbered(("The report", 1), ("Summary", 1), "Text.", ("Causes", 1), ("Root cause", 2), "Text.")
    )
    assert names(found) == ["Summary", "Causes / Root cause"]


def test_a_first_heading_alone_on_its_level_is_the_title_a_chapter_is_not():
    found = outline(numbered(("Report", 1), ("Summary", 2), "Text.", ("Impact", 2), "Text."))
    assert names(found) == ["Summary", "Impact"]
    found = outline(numbered(("Findings", 1), ("Scope", 2), "Text.", ("Actions", 1), "Text."))
    assert names(found) == ["Findings / Scope", "Actions"]


def test_an_empty_section_beside_its_equals_stays():
    found = outline(numbered(("Summary", 1), "Text.", ("Root cause", 1), ("Actions", 1), "Text."))
    assert names(found) == ["Summary", "Root cause", "Actions"]


def test_deep_headings_stay_inside_their_section():
    found = outline(numbered(("Summary", 1), "Text.", ("Detail", 4), "Text."))
    assert names(found) == ["Summary"]


def test_labels_and_pages_come_with_the_heading():
    blocks = numbered(("Summary", 1), "a", "b", "c", "d", ("Scope", 2), "Text.")
    blocks[5] = replace(blocks[5], label="1.1")
    found = outline(blocks)
    assert (found[1].label, found[1].page) == ("1.1", 2)


def test_without_headings_sections_are_of_bounded_length():
    found = outline([block(number, "x" * 2_500) for number in range(1, 8)])
    assert names(found) == ["Part 1", "Part 2", "Part 3", "Part 4"]
    assert max(section.chars for section in found) <= 6_000
    assert names(outline([block(1, "short")])) == ["Document"]


def test_a_long_section_is_cut_at_block_ends():
    found = outline(numbered(("Annex", 1), *["x" * 9_000] * 4))
    assert names(found) == ["Annex", "Annex (part 2)"]
    assert all(section.chars <= MAX_SECTION_CHARS for section in found)


def test_notes_are_a_section_of_their_own():
    blocks = [*numbered(("Summary", 1), "Text."), block(3, "A note.", BlockKind.NOTE)]
    assert names(outline(blocks)) == ["Summary", "Notes"]


def test_headings_in_tables_count_only_where_there_are_no_others():
    form = [
        block(number, f"Field {number}", BlockKind.CELL, 1 if number % 2 else 0) for number in range(1, 5)
    ]
    assert names(outline(form)) == ["Field 1", "Field 3"]
    assert names(outline([*form, block(5, "Real", BlockKind.HEADING, 1)])) == ["Field 1", "Real"]


def test_too_many_headings_are_thinned_deepest_first():
    items: list[tuple[str, int] | str] = []
    for chapter in range(100):
        items += [(f"Chapter {chapter}", 1), "Text."]
        for part in range(5):
            items += [(f"Part {part}", 3), "Text."]
    found = outline(numbered(*items))
    assert len(found) == 100


def test_thinning_keeps_what_stands_first_and_caps_equal_headings():
    items: list[tuple[str, int] | str] = [("Note to the reader", 3), "Text."]
    for part in range(900):
        items += [(f"Part {part}", 1), "Text."]
    blocks = numbered(*items)
    found = outline(blocks)
    assert_covers(found, blocks)
    assert found[0].name == "Note to the reader"


@pytest.mark.parametrize(
    ("lines", "bold", "levels"),
    [
        (["Summary", "Long text follows here.", "Impact", "More text."], {"b1", "b3"}, [1, 0, 1, 0]),
        (["1. Summary", "Text.", "1.1 Scope", "Text."], set(), [1, 0, 2, 0]),
        (["Summary", "Text."], {"b1"}, [0, 0]),
        (["Ends with a stop.", "So does this.", "x"], {"b1", "b2"}, [0, 0, 0]),
        (["1. call the seller", "2. write to them"], set(), [0, 0]),
    ],
)
def test_two_bold_or_numbered_lines_stand_in_for_missing_headings(lines, bold, levels):
    promoted = promote_pseudo_headings(numbered(*lines), frozenset(bold))
    assert [item.level for item in promoted] == levels
    assert [item.kind is BlockKind.HEADING for item in promoted] == [bool(level) for level in levels]


def test_pseudo_headings_are_ignored_beside_a_real_one():
    blocks = numbered("Opening", ("Real", 1), "Bold", "Bold too")
    assert promote_pseudo_headings(blocks, frozenset({"b3", "b4"})) == tuple(blocks)


def test_a_title_alone_is_no_outline_and_what_stands_out_below_it_is():
    blocks = promote_pseudo_headings(
        numbered(("Report 7", 1), "SUMMARY:", "All is well.", "COURSE OF EVENTS", "It rained."), frozenset()
    )
    assert [(block.text, block.level) for block in blocks if block.kind is BlockKind.HEADING] == [
        ("Report 7", 1),
        ("SUMMARY:", 2),
        ("COURSE OF EVENTS", 2),
    ]


def test_sections_of_one_name_are_told_apart():
    found = outline(
        numbered(("Impact", 1), "a", ("Impact", 1), "b", ("Impact (2)", 1), "c", ("Impact", 1), "d")
    )
    assert names(found) == ["Impact", "Impact (3)", "Impact (2)", "Impact (4)"]


def test_numbers_that_word_counts_make_headings_of_lines_with_text_below():
    def item(number: int, text: str, label: str) -> Block:
        return Block(f"b{number}", text, BlockKind.LIST_ITEM, label=label)

    text = numbered("x", "Some text.", "x", "More.", "x", "x", "Less.")
    blocks = [item(1, "Scope", "1"), text[1], item(3, "Sources", "1.1"), text[3]]
    blocks += [item(5, "Call them", "1"), item(6, "Write to them", "2"), text[6]]
    promoted = promote_pseudo_headings(blocks, frozenset())
    assert [item.level for item in promoted] == [1, 0, 2, 0, 0, 0, 0]


def test_items_of_a_typed_list_are_no_headings():
    lines = ["1. Scope", "It rained.", "2. Steps", "1. Call them", "2. Write to them", "3. Impact", "Little."]
    promoted = promote_pseudo_headings(numbered(*lines), frozenset())
    assert [item.text for item in promoted if item.kind is BlockKind.HEADING] == [
        "1. Scope",
        "2. Steps",
        "3. Impact",
    ]


def test_a_picture_at_the_top_names_no_section():
    blocks = [Block("b1", "Logo", flags=("alt-text",)), *numbered("Report", ("Summary", 1), "Text.")]
    assert names(outline(blocks)) == ["Report", "Summary"]
