import pytest

from core.web.charts import WIDTH, bar_chart


def row(name="Root cause", accepted=0, rejected=0, still_open=0):
    total = accepted + rejected + still_open
    return {"name": name, "accepted": accepted, "rejected": rejected, "open": still_open, "total": total}


@pytest.mark.parametrize(("most", "step"), [(0, 1), (1, 1), (4, 1), (5, 2), (9, 5), (21, 10), (300, 100)])
def test_the_axis_counts_in_round_steps_and_ends_behind_the_longest_bar(most, step):
    chart = bar_chart([row(accepted=most)])

    numbers = [number for _, number in chart.ticks]
    assert numbers == list(range(0, numbers[-1] + 1, step))
    assert most <= numbers[-1] < most + step or numbers == [0, 1]
    assert chart.bars[0].end <= chart.ticks[-1][0] <= WIDTH


def test_the_parts_of_a_bar_join_and_empty_ones_are_left_out():
    [bar] = bar_chart([row(accepted=2, still_open=1)]).bars

    assert [part.series for part in bar.segments] == ["accepted", "open"]
    assert bar.segments[1].x == pytest.approx(bar.segments[0].x + bar.segments[0].width, abs=0.1)
    assert bar.end == pytest.approx(bar.segments[1].x + bar.segments[1].width, abs=0.1)


def test_nothing_to_count_is_a_chart_without_bars():
    assert bar_chart([]).bars == ()


def test_a_long_name_is_cut_where_it_would_run_out_of_the_picture():
    [bar] = bar_chart([row("A section with a very long name indeed", accepted=1)]).bars

    assert len(bar.name) <= 28
    assert bar.name.endswith("…")
