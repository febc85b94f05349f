from dataclasses import replace

import pytest

from core.models.exchange import ModelAnswer, ModelRequest
from core.models.learning import TokenLearning
from core.models.model import Usage

REQUEST = ModelRequest(
    system=("s" * 700,),
    user=("u" * 2_800,),
    schema={},
    schema_name="section_review",
    prompt_version="v1",
    fingerprint="f",
)
ESTIMATE = REQUEST.input_tokens()


def answer(*, chars=350, stop="end_turn", model="m", **usage):
    return ModelAnswer(
        model_id=model,
        model_name="M",
        content="x" * chars,
        thinking="",
        usage=Usage(**{"input": ESTIMATE, "output": 5_000, **usage}),
        stop_reason=stop,
        brain="",
        latency_s=1.0,
        cost_usd=0.0,
        quota_tokens=0,
        fingerprint="f",
    )


def learnt(*answers, request=REQUEST):
    learning = TokenLearning()
    for item in answers:
        learning.learn(request, item)
    return learning


def test_before_the_first_answer_the_first_estimate_holds():
    learning = TokenLearning()
    assert learning.input_tokens(REQUEST) == ESTIMATE
    assert learning.sized(REQUEST) == REQUEST


def test_what_models_report_corrects_the_estimate_cached_tokens_included():
    learning = learnt(answer(input=ESTIMATE // 2, cache_read=ESTIMATE // 2, cache_write=ESTIMATE // 4))
    assert learning.factor("m") == pytest.approx(1.25, abs=0.01)
    assert learning.input_tokens(REQUEST) == pytest.approx(1.25 * ESTIMATE, abs=3)


def test_newer_reports_count_and_one_alone_does_not_turn_it_over():
    steady = [answer(input=ESTIMATE)] * 5
    after = learnt(*steady, answer(input=2 * ESTIMATE)).factor("m")
    assert after == pytest.approx(1.2, abs=0.01)
    assert learnt(*steady, *[answer(input=2 * ESTIMATE)] * 20).factor("m") == pytest.approx(2, abs=0.05)


def test_an_absurd_report_does_not_size_the_next_call():
    assert learnt(answer(input=100 * ESTIMATE)).factor("m") == 2.5
    assert learnt(answer(input=1)).factor("m") == 0.5


def test_the_reservation_is_by_the_most_frugal_of_the_models_heard():
    learning = learnt(answer(model="a", input=ESTIMATE), answer(model="b", input=2 * ESTIMATE))
    assert learning.input_tokens(REQUEST) == pytest.approx(2 * ESTIMATE, abs=3)


def test_room_is_never_less_than_asked_for():
    assert learnt(*[answer(chars=35)] * 50).sized(REQUEST).answer_tokens == 1500


def test_room_grows_to_what_95_of_100_answers_take():
    answers = [answer(chars=350)] * 90 + [answer(chars=7_000)] * 10
    assert learnt(*answers).sized(REQUEST).answer_tokens == pytest.approx(2_000 * 1.1, abs=5)
    rare = [answer(chars=350)] * 98 + [answer(chars=7_000)] * 2
    assert learnt(*rare).sized(REQUEST).answer_tokens == 1500


def test_answers_that_were_cut_off_make_room_grow():
    assert learnt(answer(stop="max_tokens")).sized(REQUEST).answer_tokens == pytest.approx(
        1500 * 1.5 * 1.1, abs=2
    )


def test_another_kind_of_question_has_answers_of_its_own():
    chat = replace(REQUEST, schema_name="chat")
    assert learnt(answer(chars=7_000)).sized(chat).answer_tokens == 1500


def test_the_question_stays_the_same_question():
    assert learnt(answer(chars=7_000)).sized(REQUEST).fingerprint == REQUEST.fingerprint
