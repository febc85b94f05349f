"""Searching dead letters by any criterion, with as few reads as possible."""

from dataclasses import replace

import pytest

from core.clock import epoch, iso
from core.queueing.letter import DeadLetter
from core.queueing.letter_search import LetterFilter, groups, matching, page
from tests.support.dead_letters import LETTER
from tests.support.queueing import SESSION, Room

FIRST_AT = epoch(LETTER.ended_at)


def letter(number: int, **changes: object) -> DeadLetter:
    task_id = f"33333333-3333-4333-8333-{number:012d}"
    return replace(LETTER, task_id=task_id, ended_at=iso(FIRST_AT + number), **changes)  # type: ignore[arg-type]


def room_with(*found: DeadLetter) -> Room:
    room = Room()
    for each in found:
        room.queueing.dead_letters.index(each)
    return room


LETTERS = (
    letter(0),
    letter(1, code="model/timeout", detail="The model took 30 s."),
    letter(2, queue="chat", section_id=""),
    letter(3, session_id="66666666-6666-4666-8666-666666666666", section_id="s9"),
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (LetterFilter(), [3, 2, 1, 0]),
        (LetterFilter(queue="chat"), [2]),
        (LetterFilter(signature=LETTERS[1].signature), [1]),
        (LetterFilter(code="model/timeout"), [1]),
        (LetterFilter(code="model/"), [3, 2, 1, 0]),
        (LetterFilter(session_id=SESSION, queue="analysis"), [1, 0]),
        (LetterFilter(text="TOOK 30"), [1]),
        (LetterFilter(text="s9"), [3]),
        (LetterFilter(task_ids=(LETTERS[0].task_id, LETTERS[3].task_id)), [3, 0]),
        (LetterFilter(since=FIRST_AT + 2), [3, 2]),
        (LetterFilter(until=FIRST_AT + 1), [1, 0]),
        (LetterFilter(text="nothing says this"), []),
    ],
)
def test_a_filter_finds_the_newest_first(wanted: LetterFilter, expected: list[int]) -> None:
    found = matching(room_with(*LETTERS).queueing.dead_letters, wanted)
    assert list(found) == [LETTERS[number] for number in expected]


def test_pages_hold_every_letter_once() -> None:
    letters = room_with(*(letter(number) for number in range(7))).queueing.dead_letters
    seen: list[DeadLetter] = []
    cursor: str | None = ""
    while cursor is not None:
        found = page(letters, LetterFilter(), limit=3, after=cursor)
        seen += found.letters
        cursor = found.next_cursor
    assert [each.ended_at for each in seen] == [letter(number).ended_at for number in reversed(range(7))]
    assert found.indexed == {"analysis": 7}


def test_an_invalid_cursor_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        page(room_with(LETTER).queueing.dead_letters, LetterFilter(), limit=3, after="the next")


def test_the_first_page_reads_its_own_letters_only() -> None:
    room = room_with(*(letter(number) for number in range(300)))
    reads = []
    get = room.store.get
    room.store.get = lambda key: reads.append(key) or get(key)  # type: ignore[method-assign]
    page(room.queueing.dead_letters, LetterFilter(), limit=50)
    assert len(reads) == 51


def test_groups_come_from_the_keys_and_one_example_each() -> None:
    room = room_with(*LETTERS, letter(4))
    reads = []
    get = room.store.get
    room.store.get = lambda key: reads.append(key) or get(key)  # type: ignore[method-assign]
    found = groups(room.queueing.dead_letters, LetterFilter())
    assert (found[0].queue, found[0].count, found[0].example.code) == ("analysis", 3, "model/rejected")
    assert sorted((group.queue, group.count) for group in found[1:]) == [("analysis", 1), ("chat", 1)]
    assert (found[0].oldest_at, found[0].newest_at) == (LETTERS[0].ended_at, letter(4).ended_at)
    assert len(reads) == 3


def test_keys_of_another_shape_are_skipped() -> None:
    room = room_with(LETTER)
    room.store.put("dead-letters/analysis/readme.txt", b"hello")
    assert room.queueing.dead_letters.all() == [LETTER]
