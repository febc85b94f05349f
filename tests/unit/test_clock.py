"""Times are stored and served in one form."""

from hypothesis import given
from hypothesis import strategies as st

from core.clock import ScriptedClock, epoch, iso


@given(st.floats(min_value=0, max_value=4e9))
def test_iso_and_epoch_are_inverse_to_the_millisecond(at):
    assert abs(epoch(iso(at)) - at) < 0.002


def test_iso_is_utc_and_sorts_by_time():
    assert iso(0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_000.5) < iso(1_000.6)


def test_a_scripted_clock_moves_when_it_sleeps():
    clock = ScriptedClock(at=10.0)
    clock.sleep(2.5)
    clock.sleep(-1)

    assert clock.now() == 12.5
