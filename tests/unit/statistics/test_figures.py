from core.statistics.figures import own_figures, success_rate, system_figures
from core.statistics.tally import NANO, CountKind, DurationKind, Tally, named

QUEUES = ("analysis", "chat")
MODEL = "us.anthropic.claude-sonnet-4-6"


def day(*counts, spreads=()):
    tally = Tally()
    for user, name, number in counts:
        tally.count(user, {name: number})
    for name, seconds in spreads:
        tally.record_duration(name, seconds)
    return tally


def ended(state, queue="analysis"):
    return named(CountKind.TASKS, queue, state)


DAYS = [
    ("2027-01-14", day(("ann", ended("SUCCESS"), 3), ("ann", named(CountKind.COST, MODEL), 2 * NANO))),
    (
        "2027-01-15",
        day(
            ("ann", ended("SUCCESS"), 1),
            ("bob", ended("FAILURE"), 1),
            ("bob", ended("REVOKED", "chat"), 2),
            ("bob", named(CountKind.CALLS, MODEL, "", "answered"), 4),
            ("bob", named(CountKind.CALLS, MODEL, "", "throttled"), 1),
            ("bob", named(CountKind.CALLS, MODEL, "rules", "answered"), 7),
            ("bob", named(CountKind.TOKENS, MODEL, "", "input"), 900),
            ("bob", named(CountKind.COST, MODEL), NANO // 2),
            spreads=[
                (named(DurationKind.WHOLE, "analysis"), 8.0),
                (named(DurationKind.CALL, MODEL, ""), 3.0),
            ],
        ),
    ),
]


def test_rates_are_of_what_has_ended_and_cancelled_work_is_in_neither():
    tasks = system_figures(DAYS, queues=QUEUES)["tasks"]
    assert (tasks["succeeded"], tasks["failed"], tasks["cancelled"]) == (4, 1, 2)
    assert tasks["success_rate"] == 0.8
    assert tasks["by_queue"]["chat"]["success_rate"] is None
    assert 7.6 < tasks["by_queue"]["analysis"]["whole_s"]["p95"] < 8.4


def test_a_stand_in_answers_under_its_own_name_and_at_no_cost():
    by_brain = {one["brain"]: one for one in system_figures(DAYS, queues=QUEUES)["models"]}
    assert (by_brain["rules"]["answered"], by_brain["rules"]["cost_usd"]) == (7, 0.0)
    assert (by_brain[""]["answered"], by_brain[""]["throttled"], by_brain[""]["cost_usd"]) == (4, 1, 2.5)
    assert by_brain["rules"]["latency_s"] is None


def test_money_by_day_and_user_adds_up_to_the_whole():
    cost = system_figures(DAYS, queues=QUEUES)["cost"]
    assert cost["usd"] == 2.5 == sum(one["usd"] for one in cost["by_day"])
    assert [(one["day"], one["succeeded"], one["failed"]) for one in cost["by_day"]] == [
        ("2027-01-14", 3, 0),
        ("2027-01-15", 1, 1),
    ]
    assert [(one["user"], one["answers"]) for one in cost["by_user"]] == [("bob", 11)]


def test_a_user_sees_their_own_and_nobody_elses():
    mine = own_figures(DAYS, "ann", queues=QUEUES)
    assert (mine["tasks"]["succeeded"], mine["tasks"]["failed"]) == (4, 0)
    assert (mine["cost"]["usd"], mine["cost"]["by_user"], mine["models"]) == (2.0, None, [])
    assert mine["tasks"]["by_queue"]["analysis"]["whole_s"] is None


def test_nothing_counted_has_no_rate():
    assert success_rate(0, 0) is None
    assert system_figures([("2027-01-15", Tally())], queues=QUEUES)["tasks"]["success_rate"] is None
