import pytest

from core.web.charts import bar_chart


def row(name="Root cause", accepted=0, rejected=0, still_open=0):
    total = accepted + rejected + still_open
    return {"name": name, "accepted": accepted, "rejected": rejected, "open": still_open, "total": total}


def test_the_longest_bar_fills_its_row_and_the_others_are_in_proportion():
    long, short = bar_chart([row(accepted=3, rejected=1), row(still_open=1)])

    assert (long.end, short.end) == (100, 25)


def test_the_parts_of_a_bar_join_and_empty_ones_are_left_out():
    [bar] = bar_chart([row(accepted=2, still_open=1)])

    assert [part.series for part in bar.segments] == ["accepted", "open"]
    assert bar.segments[1].x == pytest.approx(bar.segments[0].x + bar.segments[0].width, abs=0.02)
    assert bar.end == pytest.approx(bar.segments[1].x + bar.segments[1].width, abs=0.02)


def test_nothing_to_count_is_a_chart_without_bars():
    assert bar_chart([]) == ()


def test_a_row_without_a_count_has_no_part_of_a_bar():
    [bar] = bar_chart([row()])

    assert (bar.segments, bar.end) == ((), 0)
