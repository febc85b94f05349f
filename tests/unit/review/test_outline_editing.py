"""Cutting the outline anew: every character stays in exactly one section, untouched sections keep what they have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.model import Block, BlockKind, CellPlace, Section
from core.errors import Permanent
from core.review.outline_editing import Action, Edit, edited
from tests.support.reviews import BLOCKS, SECTIONS, a_session

MANY = tuple(
    Block(f"b{n}", f"Words of {n}.", kind=BlockKind.HEADING if n % 4 == 1 else BlockKind.PARAGRAPH)
    for n in range(1, 25)
)
THREE = tuple(
    Section(
        f"s{n + 1}",
        name,
        first=8 * n,
        last=8 * n + 7,
        chars=sum(len(b.text) for b in MANY[8 * n : 8 * n + 8]),
    )
    for n, name in enumerate(("One", "Two", "Three"))
)


def changed(*edits: Edit, sections=SECTIONS, blocks=BLOCKS, **session):
    return edited(a_session(sections=sections, **session), edits, blocks=blocks)


def ranges(session):
    return [(section.first, section.last) for section in session.sections]


def refusal(*edits: Edit, **given) -> str:
    with pytest.raises(Permanent) as refused:
        changed(*edits, **given)
    return refused.value.code


def test_a_merge_takes_in_the_section_before_and_gets_an_id_of_its_own():
    session = changed(Edit(Action.MERGE, "s2"), tasks={"s1": "t1", "s2": "t2"})

    assert [(one.id, one.name, one.first, one.last, one.chars) for one in session.sections] == [
        ("s3", "Summary", 0, 3, 61)
    ]
    assert [one.id for one in session.retired] == ["s1", "s2"]
    assert session.tasks == {"s1": "t1", "s2": "t2"}
    assert session.outline_rev == 1


def test_a_split_at_a_heading_is_called_by_it_and_at_a_paragraph_a_further_part():
    session = changed(
        Edit(Action.SPLIT, "s1", "b5"),
        Edit(Action.SPLIT, "s2", "b11"),
        Edit(Action.SPLIT, "s3", "b20", "The end"),
        sections=THREE,
        blocks=MANY,
    )

    assert [one.name for one in session.sections] == [
        "One", "Words of 5.", "Two", "Two (part 2)", "Three", "The end",
    ]  # fmt: skip
    assert len({one.id for one in (*session.sections, *session.retired)}) == 9


def test_a_part_that_is_split_again_is_the_next_part():
    session = changed(Edit(Action.SPLIT, "s2", "b11"), sections=THREE, blocks=MANY)
    again = edited(session, [Edit(Action.SPLIT, session.sections[2].id, "b14")], blocks=MANY)

    assert [one.name for one in again.sections][1:4] == ["Two", "Two (part 2)", "Two (part 3)"]


def test_renaming_and_skipping_keep_id_text_and_analysis():
    session = changed(Edit(Action.RENAME, "s1", name="Abstract"), Edit(Action.SKIP, "s2"))

    assert [(one.id, one.name, one.skipped) for one in session.sections] == [
        ("s1", "Abstract", False),
        ("s2", "Actions", True),
    ]
    assert session.retired == ()
    assert not edited(session, [Edit(Action.INCLUDE, "s2")], blocks=BLOCKS).sections[1].skipped


def test_what_is_merged_is_skipped_only_if_all_of_it_was():
    assert not changed(Edit(Action.SKIP, "s1"), Edit(Action.MERGE, "s2")).sections[0].skipped
    both = changed(Edit(Action.SKIP, "s1"), Edit(Action.SKIP, "s2"), Edit(Action.MERGE, "s2"))
    assert both.sections[0].skipped


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (Edit(Action.MERGE, "s1"), "outline/refused"),
        (Edit(Action.MERGE, "s9"), "section/not-found"),
        (Edit(Action.SPLIT, "s1", "b1"), "outline/refused"),
        (Edit(Action.SPLIT, "s1", "b4"), "outline/refused"),
        (Edit(Action.SPLIT, "s1"), "outline/refused"),
        (Edit(Action.RENAME, "s1"), "outline/refused"),
    ],
)
def test_what_cannot_be_is_refused(edit, code):
    assert refusal(edit) == code


def test_a_row_of_a_table_is_not_split():
    cells = [Block(f"b{n}", "x", kind=BlockKind.CELL, cell=CellPlace(1, n // 2, n % 2)) for n in range(4)]
    sections = (Section("s1", "Table", first=0, last=3, chars=4),)

    assert refusal(Edit(Action.SPLIT, "s1", "b1"), sections=sections, blocks=cells) == "outline/refused"
    assert ranges(changed(Edit(Action.SPLIT, "s1", "b2"), sections=sections, blocks=cells)) == [
        (0, 1),
        (2, 3),
    ]


def test_of_several_edits_one_that_is_refused_stops_all():
    assert refusal(Edit(Action.SKIP, "s1"), Edit(Action.MERGE, "s1")) == "outline/refused"


@given(st.data())
def test_after_any_edits_every_character_is_in_exactly_one_section(data):
    session = a_session(sections=THREE, tasks={"s2": "t2"})
    for _ in range(data.draw(st.integers(1, 12))):
        action = data.draw(st.sampled_from(list(Action)))
        section = data.draw(st.sampled_from(session.sections))
        block = data.draw(st.sampled_from(MANY))
        before = session
        try:
            session = edited(session, [Edit(action, section.id, block.id, "Name")], blocks=MANY)
        except Permanent:
            assert session is before
        covered = [index for one in session.sections for index in range(one.first, one.last + 1)]
        assert covered == list(range(len(MANY)))
        assert all(
            one.chars == sum(len(block.text) for block in MANY[one.first : one.last + 1])
            for one in session.sections
        )
        ids = [one.id for one in (*session.sections, *session.retired)]
        assert len(ids) == len(set(ids))
        kept = {one.id: (one.first, one.last) for one in before.sections}
        assert all(
            kept.get(one.id, (one.first, one.last)) == (one.first, one.last) for one in session.sections
        )
        assert session.tasks == {"s2": "t2"}
