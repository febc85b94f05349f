"""Thousands of letters: how much a page reads, and how far a search goes."""

import json

from core.clock import ScriptedClock
from core.errors import Permanent
from core.operations.letters import LetterCache
from core.queueing.dead_letters import DeadLetters
from core.queueing.letter_search import MOST_READ, LetterFilter, fitting, page_of
from tests.support.dead_letters import bury, task_id_of
from tests.support.queueing import ListQueues, Steps
from tests.support.stores import CountingStore


def gets(store: CountingStore) -> int:
    return sum(operation == "get" for operation, _key in store.asked)


def cache_of(count: int, *, every: int = 0) -> tuple[CountingStore, LetterCache]:
    """every: each so many-th failed otherwise."""
    store, clock = CountingStore(), ScriptedClock()
    for number in range(1, count + 1):
        other = every and number % every == 0
        error = Permanent("task/deadline") if other else Permanent("model/rejected", f"Try {number}.")
        bury(store, clock, number, error=error)
    store.asked.clear()
    return store, LetterCache(DeadLetters(store, ListQueues(Steps()), prefix="x-"), clock)  # type: ignore[arg-type]


def test_a_page_and_its_groups_read_only_what_they_show_and_only_once() -> None:
    store, cache = cache_of(300, every=10)
    page = page_of(cache, LetterFilter(), limit=50)
    assert ([group.count for group in page.groups], page.fitting) == ([270, 30], 300)
    assert gets(store) <= 52
    page_of(cache, LetterFilter(), limit=50)
    assert gets(store) <= 52


def test_words_of_an_error_are_looked_for_in_one_letter_of_each_reason() -> None:
    store, cache = cache_of(300, every=10)
    page = page_of(cache, LetterFilter(text="took too long"), limit=10)
    assert (page.fitting, {letter.code for letter in page.letters}) == (30, {"task/deadline"})
    assert gets(store) <= 12


def test_digits_are_looked_for_in_a_bounded_number_of_letters_and_the_rest_is_behind_a_cursor() -> None:
    store, cache = cache_of(MOST_READ + 50)
    wanted = LetterFilter(text=task_id_of(MOST_READ + 20))
    first = page_of(cache, wanted, limit=50)
    assert (first.letters, first.fitting, bool(first.after)) == ([], None, True)
    assert gets(store) <= MOST_READ + 1
    (found,) = page_of(cache, wanted, limit=50, after=first.after).letters
    assert found.task_id == task_id_of(MOST_READ + 20)


def test_a_deed_is_about_all_that_fit_however_many_are_read_for_that() -> None:
    _store, cache = cache_of(MOST_READ + 50)
    wanted = LetterFilter(text=task_id_of(MOST_READ + 20))
    assert [name.task_id for name in fitting(cache, wanted)] == [task_id_of(MOST_READ + 20)]


def test_pages_hold_every_letter_once() -> None:
    _store, cache = cache_of(25)
    seen, after = [], ""
    while True:
        page = page_of(cache, LetterFilter(), limit=7, after=after)
        seen += [letter.task_id for letter in page.letters]
        if not page.after:
            break
        after = page.after
    assert seen == [task_id_of(number) for number in range(1, 26)]


def test_envelopes_are_not_kept_in_memory() -> None:
    _store, cache = cache_of(3)
    assert {letter.body for letter in cache.read(cache.names())} == {""}


def test_a_letter_that_was_seen_to_go_is_there_again_once_it_is_restored() -> None:
    store, cache = cache_of(2)
    (first, second) = cache.names()
    gone = store.get(first.key)
    assert gone is not None
    store.delete(first.key)
    assert [letter.name for letter in cache.read([first, second])] == [second]

    restored = {**json.loads(gone.body), "restored_at": "2026-11-22T00:00:00.000Z"}
    store.put(first.key, json.dumps(restored).encode())

    assert [letter.name for letter in cache.read([first, second])] == [first, second]


def test_a_letter_says_that_it_was_restored_to_whoever_knew_it_before() -> None:
    store, cache = cache_of(1)
    ((name,), (before,)) = cache.names(), cache.read(cache.names())
    store.delete(name.key)
    cache.forget_names()
    assert cache.names() == []
    store.put(name.key, json.dumps({**before.to_dict(), "restored_at": "2026-11-22T00:00:00.000Z"}).encode())
    cache.forget_names()

    (after,) = cache.read(cache.names())

    assert (before.restored_at, bool(after.restored_at)) == ("", True)
