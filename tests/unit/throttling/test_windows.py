"""The first free moment is right for any entries, past and reserved: compared with trying every moment."""

from hypothesis import given
from hypothesis import strategies as st

from core.throttling.windows import Block, Free, WaitingFor, Window, blocked, first_free

SPAN = 6.0


def fits(points, at, *, need, limit):
    """By the definition: no half-open window of SPAN that holds `at` has more than the limit."""
    everything = sorted([*points, (at, need)])
    for start, _ in everything:
        inside = [(stamp, weight) for stamp, weight in everything if start <= stamp < start + SPAN]
        if (at, need) in inside and sum(weight for _, weight in inside) > limit:
            return False
    return True


ENTRIES = st.lists(st.tuples(st.integers(0, 80).map(lambda n: n / 4), st.integers(0, 4)), max_size=14)


@given(points=ENTRIES, need=st.integers(1, 5), limit=st.integers(5, 12), since=st.integers(0, 80))
def test_the_first_free_moment_fits_and_none_before_it_does(points, need, limit, since):
    points, since = sorted(points), since / 4
    free = first_free(blocked(points, need, Window(limit, SPAN, WaitingFor.TOKENS)), since)
    assert fits(points, free.at, need=need, limit=limit)
    steps = int((free.at - since) * 8)
    assert not any(fits(points, since + step / 8, need=need, limit=limit) for step in range(steps))


def test_nothing_in_the_way_is_now_and_without_a_reason():
    assert first_free([], 5.0) == Free(5.0, None)


def test_a_reserved_entry_holds_up_one_that_would_come_just_before_it():
    window = Window(1, SPAN, WaitingFor.REQUESTS)
    assert first_free(blocked([(10.0, 1)], 1, window), 3.0).at == 3.0
    assert first_free(blocked([(10.0, 1)], 1, window), 5.0) == Free(16.0, WaitingFor.REQUESTS)


def test_the_last_block_passed_says_what_is_waited_for():
    blocks = [Block(0, 5, WaitingFor.TOKENS), Block(4, 9, WaitingFor.SLOT), Block(20, 30, WaitingFor.MODEL)]
    assert first_free(blocks, 1.0) == Free(9, WaitingFor.SLOT)
