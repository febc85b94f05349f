import pytest

from infra.local.bedrock.faults import Fault, FaultPlan, read_fault

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
OTHER = "us.anthropic.claude-sonnet-4-6"


def plan(*faults: Fault) -> FaultPlan:
    made = FaultPlan()
    made.load(faults, now=100.0)
    return made


def test_a_counted_fault_stops_after_its_count() -> None:
    made = plan(Fault("ThrottlingException", count=2))
    hits = [made.next_for(MODEL, now=100.0) is not None for _ in range(4)]
    assert hits == [True, True, False, False]


def test_a_fault_of_one_model_leaves_the_others_alone() -> None:
    made = plan(Fault("ThrottlingException", model=MODEL))
    assert made.next_for(OTHER, now=100.0) is None
    assert made.next_for(MODEL, now=100.0) is not None


def test_a_model_may_be_named_by_its_bare_id() -> None:
    made = plan(Fault("ThrottlingException", model=MODEL.removeprefix("us.")))
    assert made.next_for(MODEL, now=100.0) is not None


@pytest.mark.parametrize(("now", "hits"), [(104.9, False), (105.0, True), (109.9, True), (110.0, False)])
def test_a_fault_lasts_for_its_window(now: float, hits: bool) -> None:
    made = plan(Fault("ServiceUnavailableException", from_s=5, until_s=10))
    assert (made.next_for(MODEL, now=now) is not None) is hits


@pytest.mark.parametrize(("rate", "least", "most"), [(0.0, 0, 0), (1.0, 200, 200), (0.5, 50, 150)])
def test_a_fault_hits_its_share_of_calls(rate: float, least: int, most: int) -> None:
    made = plan(Fault("ThrottlingException", rate=rate))
    assert least <= sum(made.next_for(MODEL, now=100.0) is not None for _ in range(200)) <= most


@pytest.mark.parametrize("data", [{"code": "Nonsense"}, {}, {"code": "Hang", "when": 3}])
def test_a_fault_nobody_can_mean_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="fault"):
        read_fault(data)


@pytest.mark.parametrize(
    "data",
    [
        {"code": "ThrottlingException", "operation": "embed"},
        {"code": "AccessDeniedException", "after_events": 2},
        {"code": "ThrottlingException", "after_events": 0},
    ],
)
def test_a_fault_that_cannot_happen_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="fault"):
        read_fault(data)


def test_a_fault_lets_the_first_calls_of_its_model_pass() -> None:
    made = plan(Fault("ThrottlingException", model=MODEL, after_calls=2))
    made.next_for(OTHER, now=100.0)
    hits = [made.next_for(MODEL, now=100.0) is not None for _ in range(4)]
    assert hits == [False, False, True, True]


def test_a_fault_of_one_operation_leaves_the_others_alone() -> None:
    made = plan(Fault("ThrottlingException", operation="count-tokens"))
    assert made.next_for(MODEL, now=100.0, operation="converse") is None
    assert made.next_for(MODEL, now=100.0, operation="count-tokens") is not None


def test_a_fault_inside_a_stream_leaves_whole_answers_alone() -> None:
    made = plan(Fault("ThrottlingException", after_events=3))
    assert made.next_for(MODEL, now=100.0) is None
    assert made.next_for(MODEL, now=100.0, operation="converse-stream") is not None


def test_the_same_seed_gives_the_same_faults_whatever_else_is_called() -> None:
    def course(*, with_others: bool) -> list[bool]:
        made = FaultPlan()
        made.load([Fault("ThrottlingException", model=MODEL, rate=0.5)], now=0.0, seed=11)
        hits = []
        for _ in range(50):
            if with_others:
                made.next_for(OTHER, now=1.0)
            hits.append(made.next_for(MODEL, now=1.0) is not None)
        return hits

    assert course(with_others=False) == course(with_others=True)
    assert 0 < sum(course(with_others=False)) < 50
