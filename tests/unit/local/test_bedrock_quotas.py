"""Quotas of the local Bedrock: exact at the limit, settled with the real burndown, never over it in any window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock.errors import (
    TOO_MANY_REQUESTS,
    TOO_MANY_TOKENS,
    TOO_MANY_TOKENS_TODAY,
    ServiceError,
)
from infra.local.bedrock.quotas import Quotas, read_quotas
from infra.local.bedrock.windows import most_in_window

SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"


class Seconds:
    """A clock that stands where it was put."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def quotas(clock: Seconds, **plan: object) -> Quotas:
    return Quotas(read_quotas(plan), clock=clock)


def admitted(made: Quotas, model: str = SONNET, *, tokens: int = 100) -> bool:
    try:
        made.admit(model, tokens=tokens)
    except ServiceError:
        return False
    return True


def refusal(made: Quotas, model: str = SONNET, *, tokens: int = 100) -> str:
    with pytest.raises(ServiceError) as caught:
        made.admit(model, tokens=tokens)
    assert (caught.value.code, caught.value.status) == ("ThrottlingException", 429)
    return caught.value.message


def test_requests_are_let_in_up_to_the_limit_and_not_one_more() -> None:
    made = quotas(Seconds(), each={"rpm": 3})
    assert [admitted(made) for _ in range(4)] == [True, True, True, False]
    assert refusal(made) == TOO_MANY_REQUESTS


def test_tokens_are_let_in_up_to_the_limit_and_not_one_more() -> None:
    made = quotas(Seconds(), each={"tpm": 1000})
    assert admitted(made, tokens=1000)
    assert refusal(made, tokens=1) == TOO_MANY_TOKENS


def test_a_request_leaves_the_window_after_exactly_its_length() -> None:
    clock = Seconds()
    made = quotas(clock, window_s=6, each={"rpm": 1})
    assert admitted(made)
    clock.at += 5.999
    assert not admitted(made)
    clock.at += 0.001
    assert admitted(made)


def test_a_refused_call_takes_nothing() -> None:
    clock = Seconds()
    made = quotas(clock, window_s=6, each={"rpm": 1})
    assert admitted(made)
    clock.at += 3
    assert not admitted(made)
    clock.at += 3
    assert admitted(made)


def test_unused_tokens_come_back_when_a_call_is_settled() -> None:
    made = quotas(Seconds(), each={"tpm": 1000})
    charge = made.admit(SONNET, tokens=1000)
    made.settle(SONNET, charge, tokens=300)
    assert admitted(made, tokens=700)
    assert not admitted(made, tokens=1)


def test_what_a_call_cost_more_than_it_reserved_is_carried_until_it_has_left_the_window() -> None:
    clock = Seconds()
    made = quotas(clock, window_s=6, each={"tpm": 1000})
    charge = made.admit(SONNET, tokens=500)
    made.settle(SONNET, charge, tokens=1800)
    clock.at += 5.9
    assert refusal(made, tokens=1) == TOO_MANY_TOKENS
    clock.at += 0.1
    assert admitted(made, tokens=1000)


def test_a_call_settled_after_it_has_left_the_window_changes_nothing() -> None:
    clock = Seconds()
    made = quotas(clock, window_s=6, each={"tpm": 1000})
    charge = made.admit(SONNET, tokens=500)
    clock.at += 6
    made.settle(SONNET, charge, tokens=1800)
    assert admitted(made, tokens=1000)


def test_tokens_of_a_day_have_words_of_their_own() -> None:
    clock = Seconds()
    made = quotas(clock, window_s=6, day_s=100, each={"tpd": 1000})
    assert admitted(made, tokens=1000)
    clock.at += 50
    assert refusal(made, tokens=1) == TOO_MANY_TOKENS_TODAY
    clock.at += 50
    assert admitted(made, tokens=1000)


def test_models_have_quotas_of_their_own_and_share_the_accounts() -> None:
    made = quotas(Seconds(), models={SONNET: {"rpm": 1}}, account={"rpm": 2})
    assert admitted(made, SONNET)
    assert not admitted(made, SONNET)
    assert admitted(made, HAIKU)
    assert not admitted(made, HAIKU)


def test_ids_of_one_model_share_its_quota() -> None:
    made = quotas(Seconds(), models={SONNET.removeprefix("us."): {"rpm": 1}})
    assert admitted(made, SONNET)
    assert not admitted(made, f"arn:aws:bedrock:us-east-2:1:inference-profile/{SONNET}")


def test_an_outside_consumer_eats_its_share() -> None:
    clock = Seconds()
    made = quotas(clock, window_s=10, each={"rpm": 10}, outside=[{"model": SONNET, "rpm": 5}])
    clock.at += 9.9
    assert sum(admitted(made) for _ in range(20)) == 5
    assert made.to_dict()["outside"] == {"admitted": 5, "refused": 0}


def test_an_outside_consumer_is_held_to_the_quota_too() -> None:
    clock = Seconds()
    made = quotas(clock, window_s=10, each={"rpm": 4}, outside=[{"model": SONNET, "rpm": 2, "from_s": 1}])
    assert sum(admitted(made) for _ in range(5)) == 4
    clock.at += 9.5
    assert not admitted(made)
    assert made.to_dict()["outside"] == {"admitted": 0, "refused": 2}


def test_an_outside_consumer_stops_at_its_end() -> None:
    clock = Seconds()
    made = quotas(clock, window_s=10, each={"rpm": 4}, outside=[{"model": SONNET, "rpm": 10, "until_s": 3}])
    clock.at += 9.9
    assert sum(admitted(made) for _ in range(5)) == 1


def test_the_reservation_is_all_input_and_the_maximum_of_the_answer() -> None:
    assert quotas(Seconds()).reserved(input_tokens=700, max_tokens=3500) == 4200
    assert quotas(Seconds(), reserve_multiplier=5).reserved(input_tokens=700, max_tokens=3500) == 18_200


@pytest.mark.parametrize(
    "plan",
    [
        {"rpm": 5},
        {"window_s": 0},
        {"each": {"rps": 5}},
        {"outside": [{"model": SONNET}]},
        {"outside": [{"rpm": 0}]},
        {"outside": [{"rpm": 5, "every": 3}]},
    ],
)
def test_quotas_nobody_can_mean_are_refused(plan: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        read_quotas(plan)


calls = st.lists(st.tuples(st.floats(0, 4), st.integers(1, 60), st.floats(0, 2)), max_size=40)


@given(calls)
def test_no_window_ever_holds_more_than_the_limits(calls: list[tuple[float, int, float]]) -> None:
    """Each call is settled at once, to no more than it reserved; then what was let in never exceeds a limit."""
    clock = Seconds()
    made = quotas(clock, window_s=6, each={"rpm": 5, "tpm": 100})
    charged: list[tuple[float, int]] = []
    for pause_s, tokens, share in calls:
        clock.at += pause_s
        try:
            charge = made.admit(SONNET, tokens=tokens)
        except ServiceError:
            continue
        settled = int(tokens * min(share, 1.0))
        made.settle(SONNET, charge, tokens=settled)
        charged.append((clock.at, settled))
    assert most_in_window([(at, 1) for at, _ in charged], length_s=6) <= 5
    assert most_in_window(charged, length_s=6) <= 100


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=30), st.integers(1, 20))
def test_the_most_in_a_window_is_what_counting_every_window_gives(
    points: list[tuple[int, int]], length: int
) -> None:
    by_counting = [sum(w for at, w in points if end - length < at <= end) for end, _ in points]
    assert most_in_window(points, length_s=length) == max(by_counting, default=0)
