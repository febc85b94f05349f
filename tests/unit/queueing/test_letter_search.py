"""Searching dead letters by any criterion, with as few reads as possible."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from core.clock import epoch, iso
from core.operations.letters import LetterCache
from core.queueing.letter import DeadLetter, LetterName
from core.queueing.letter_search import (
    LetterFilter,
    StoredLetters,
    by_reason,
    fitting,
    groups,
    matching,
    page_of,
)
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


def index_of(room: Room) -> StoredLetters:
    return StoredLetters(room.queueing.dead_letters)


@dataclass(frozen=True)
class Listed:
    """An index as somebody has listed it a moment ago."""

    listed: list[LetterName]
    present: StoredLetters

    def names(self) -> list[LetterName]:
        return self.listed

    def read(self, names: Sequence[LetterName]) -> list[DeadLetter]:
        return self.present.read(names)


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
    found = matching(index_of(room_with(*LETTERS)), wanted)
    assert list(found) == [LETTERS[number] for number in expected]


def test_pages_hold_every_letter_once() -> None:
    letters = index_of(room_with(*(letter(number) for number in range(7))))
    seen: list[DeadLetter] = []
    cursor: str | None = ""
    while cursor is not None:
        found = page_of(letters, LetterFilter(), limit=3, after=cursor)
        seen += found.letters
        cursor = found.after or None
    assert [each.ended_at for each in seen] == [letter(number).ended_at for number in reversed(range(7))]
    assert found.indexed == {"analysis": 7}


def test_an_invalid_cursor_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        page_of(index_of(room_with(LETTER)), LetterFilter(), limit=3, after="the next")


def test_the_first_page_reads_its_own_letters_only() -> None:
    room = room_with(*(letter(number) for number in range(300)))
    reads = []
    get = room.store.get
    room.store.get = lambda key: reads.append(key) or get(key)  # type: ignore[method-assign]
    page_of(index_of(room), LetterFilter(), limit=50)
    assert len(reads) == 51


def test_groups_come_from_the_keys_and_one_example_each() -> None:
    room = room_with(*LETTERS, letter(4))
    reads = []
    get = room.store.get
    room.store.get = lambda key: reads.append(key) or get(key)  # type: ignore[method-assign]
    index = index_of(room)
    found = groups(index, by_reason(fitting(index, LetterFilter())))
    assert (found[0].queue, found[0].count, found[0].example.code) == ("analysis", 3, "model/rejected")
    assert sorted((group.queue, group.count) for group in found[1:]) == [("analysis", 1), ("chat", 1)]
    assert (found[0].oldest_at, found[0].newest_at) == (LETTERS[0].ended_at, letter(4).ended_at)
    assert len(reads) == 3


def test_keys_of_another_shape_are_skipped() -> None:
    room = room_with(LETTER)
    room.store.put("dead-letters/analysis/readme.txt", b"hello")
    assert room.queueing.dead_letters.all() == [LETTER]


FILTERS = [
    LetterFilter(),
    LetterFilter(queue="chat"),
    LetterFilter(code="model/"),
    LetterFilter(text="THE MODEL"),
    LetterFilter(text="took 30"),
    LetterFilter(text="s9"),
    LetterFilter(text="abc"),
    LetterFilter(session_id=SESSION),
    LetterFilter(since=FIRST_AT + 2, until=FIRST_AT + 2),
    LetterFilter(task_ids=(LETTERS[1].task_id,)),
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_the_console_and_the_command_line_find_the_same(wanted: LetterFilter) -> None:
    room = room_with(*LETTERS)
    cache = LetterCache(room.queueing.dead_letters, room.clock)

    typed = [letter.name for letter in matching(index_of(room), wanted)]

    assert list(fitting(cache, wanted)) == typed
    assert [letter.name for letter in page_of(cache, wanted, limit=50).letters] == typed
    assert [letter.name for letter in page_of(index_of(room), wanted, limit=50).letters] == typed


def test_a_reason_is_found_though_its_newest_letter_was_dealt_with_since_the_listing() -> None:
    room = room_with(*(letter(number) for number in range(3)))
    index = index_of(room)
    names = index.names()
    room.store.delete(names[0].key)
    listed = Listed(names, index)

    assert [one.name for one in matching(listed, LetterFilter(code="model/"))] == names[1:]
    assert [group.count for group in groups(listed, by_reason(names))] == [3]
