import math

from hypothesis import given
from hypothesis import strategies as st

from core.statistics.histogram import percentiles
from core.statistics.tally import Tally, added

DURATIONS = st.lists(st.floats(0.001, 5_000), min_size=1, max_size=300)


def spread_of(durations):
    tally = Tally()
    for seconds in durations:
        tally.record_duration("whole|analysis", seconds)
    return tally


def exact(durations, part):
    """By nearest rank."""
    return sorted(durations)[math.ceil(part * len(durations) / 100) - 1]


@given(DURATIONS)
def test_percentiles_are_those_of_the_durations_within_5_percent(durations):
    found = percentiles(spread_of(durations).spreads["whole|analysis"])
    assert found["count"] == len(durations)
    for part in (50, 95, 99):
        true = exact(durations, part)
        assert abs(found[f"p{part}"] - true) <= 0.051 * true + 0.0001


@given(DURATIONS, DURATIONS)
def test_two_processes_add_up_to_one_that_saw_everything(one, other):
    assert added(spread_of(one), spread_of(other)) == spread_of([*one, *other])


def test_nothing_measured_is_unknown_and_not_zero():
    assert percentiles({}) is None
    assert percentiles(None) is None


def test_no_time_at_all_counts_as_a_millisecond():
    assert percentiles(spread_of([0.0]).spreads["whole|analysis"])["p50"] < 0.0011
