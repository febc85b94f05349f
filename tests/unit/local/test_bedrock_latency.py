import statistics

import pytest

from infra.local.bedrock.latency import read_plan

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
OTHER = "us.anthropic.claude-sonnet-4-6"


def draws(data: dict[str, object], model: str = MODEL, *, seed: int | None = 7) -> list[float]:
    plan = read_plan(data, seed=seed)
    return [plan.draw(model) for _ in range(2000)]


def test_a_fixed_latency_is_always_the_same() -> None:
    assert set(draws({"fixed_s": 1.5})) == {1.5}


def test_a_uniform_latency_stays_between_its_bounds() -> None:
    drawn = draws({"min_s": 1.0, "max_s": 3.0})
    assert 1.0 <= min(drawn) < 1.1
    assert 2.9 < max(drawn) <= 3.0


def test_a_lognormal_latency_has_its_median_and_its_95th_percentile() -> None:
    drawn = sorted(draws({"median_s": 2.0, "p95_s": 8.0}))
    assert statistics.median(drawn) == pytest.approx(2.0, rel=0.1)
    assert drawn[1900] == pytest.approx(8.0, rel=0.15)


def test_a_model_may_have_a_latency_of_its_own() -> None:
    data = {"fixed_s": 1.0, "models": {MODEL.removeprefix("us."): {"fixed_s": 9.0}}}
    assert (draws(data)[0], draws(data, OTHER)[0]) == (9.0, 1.0)


def test_the_same_seed_gives_the_same_latencies() -> None:
    data = {"min_s": 0.0, "max_s": 1.0}
    assert draws(data, seed=3) == draws(data, seed=3) != draws(data, seed=4)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"min_s": 1},
        {"fixed_s": -1},
        {"fixed_s": 1, "max_s": 2},
        {"median_s": 2, "p95_s": 1},
        {"median_s": 0, "p95_s": 1},
        {"fixed_s": 1, "models": {MODEL: {"fast": True}}},
    ],
)
def test_a_latency_nobody_can_mean_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="latency"):
        read_plan(data)
