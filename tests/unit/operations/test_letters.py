"""Thousands of letters: what a look at them reads, and how far it goes."""

from core.aws.object_store import MemoryObjectStore, StoredObject
from core.clock import ScriptedClock
from core.errors import Permanent
from core.operations import letters
from core.operations.letters import LetterShelf, fitting, page_of
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter_search import LetterFilter
from tests.support.dead_letters import bury, task_id_of
from tests.support.queueing import ListQueues, Steps


class CountedStore(MemoryObjectStore):
    def __init__(self) -> None:
        super().__init__()
        self.gets = 0

    def get(self, key: str) -> StoredObject | None:
        self.gets += 1
        return super().get(key)


def shelf_of(count: int, *, every: int = 0) -> tuple[CountedStore, LetterShelf]:
    """every: each so many-th failed otherwise."""
    store, clock = CountedStore(), ScriptedClock()
    for number in range(1, count + 1):
        other = every and number % every == 0
        error = Permanent("task/deadline") if other else Permanent("model/rejected", f"Try {number}.")
        bury(store, clock, number, error=error)
    store.gets = 0
    return store, LetterShelf(DeadLetters(store, ListQueues(Steps()), prefix="x-"), clock)  # type: ignore[arg-type]


def test_a_page_and_its_groups_read_only_what_they_show_and_only_once() -> None:
    store, shelf = shelf_of(300, every=10)
    page = page_of(shelf, LetterFilter(), limit=50)
    assert ([group.count for group in page.groups], page.fitting) == ([270, 30], 300)
    assert store.gets <= 52
    page_of(shelf, LetterFilter(), limit=50)
    assert store.gets <= 52


def test_words_of_an_error_are_looked_for_in_one_letter_of_each_reason() -> None:
    store, shelf = shelf_of(300, every=10)
    page = page_of(shelf, LetterFilter(text="took too long"), limit=10)
    assert (page.fitting, {letter.code for letter in page.letters}) == (30, {"task/deadline"})
    assert store.gets <= 12


def test_digits_are_looked_for_in_a_bounded_number_of_letters_and_the_rest_is_behind_a_cursor() -> None:
    store, shelf = shelf_of(letters.MOST_READ + 50)
    wanted = LetterFilter(text=task_id_of(letters.MOST_READ + 20))
    first = page_of(shelf, wanted, limit=50)
    assert (first.letters, first.fitting, bool(first.after)) == ([], None, True)
    assert store.gets <= letters.MOST_READ + 1
    (found,) = page_of(shelf, wanted, limit=50, after=first.after).letters
    assert found.task_id == task_id_of(letters.MOST_READ + 20)


def test_a_deed_is_about_all_that_fit_however_many_are_read_for_that() -> None:
    _store, shelf = shelf_of(letters.MOST_READ + 50)
    wanted = LetterFilter(text=task_id_of(letters.MOST_READ + 20))
    assert [name.task_id for name in fitting(shelf, wanted)] == [task_id_of(letters.MOST_READ + 20)]


def test_pages_hold_every_letter_once() -> None:
    _store, shelf = shelf_of(25)
    seen, after = [], ""
    while True:
        page = page_of(shelf, LetterFilter(), limit=7, after=after)
        seen += [letter.task_id for letter in page.letters]
        if not page.after:
            break
        after = page.after
    assert seen == [task_id_of(number) for number in range(1, 26)]


def test_envelopes_are_not_kept_in_memory() -> None:
    _store, shelf = shelf_of(3)
    assert {letter.body for letter in shelf.read(shelf.names())} == {""}
