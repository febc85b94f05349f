import pytest

from core.aws.sqs import QueueDepth
from core.clock import ScriptedClock
from core.errors import Permanent, Transient
from core.web.readiness import Readiness


def test_the_process_is_alive_whatever_happens_around_it(web):
    web.depths.error = Transient("queue/unavailable")

    assert web.client(user=None).get("/health").get_json() == {"status": "ok"}


@pytest.mark.parametrize(
    "error", [Transient("queue/unavailable", "arn:aws:sqs"), Permanent("queue/unavailable")]
)
def test_a_process_that_cannot_reach_its_queues_says_no_and_nothing_else(web, error):
    web.depths.error = error

    response = web.client(user=None).get("/ready")

    assert (response.status_code, response.get_json()) == (503, {"ready": False})


def test_a_process_that_cannot_reach_its_storage_says_no(web):
    def offline(key):
        raise Transient("storage/unavailable")

    web.store.get = offline

    assert web.client(user=None).get("/ready").status_code == 503


def test_readiness_is_asked_once_in_five_seconds(web):
    client = web.client(user=None)
    for _ in range(4):
        client.get("/ready")
    assert len(web.depths.asked) == 1

    web.clock.sleep(5)
    client.get("/ready")
    assert len(web.depths.asked) == 2


def test_a_process_gets_ready_again_when_what_it_needs_is_back():
    clock, faults = ScriptedClock(), [Transient("storage/unavailable")]

    def probe():
        if faults:
            raise faults.pop()

    readiness = Readiness(probe, clock)

    assert readiness.is_ready() is False
    clock.sleep(5)
    assert readiness.is_ready() is True


def test_operators_see_what_the_queues_hold(web):
    web.depths.held = QueueDepth(waiting=3, in_flight=2, delayed=1)

    queues = web.client("olga").get("/stats").get_json()["queues"]

    sqs = {"waiting": 3, "in_flight": 2, "delayed": 1, "dead_letters": 6}
    assert queues["analysis"] == {**sqs, "unreleased": 0, "oldest_age_s": None}
    assert "aiprism-analysis-dlq" in web.depths.asked


def test_figures_that_cannot_be_read_are_faults_and_never_zero(web):
    web.depths.error = Transient("queue/unavailable")

    answer = web.client("olga").get("/stats")

    assert answer.status_code == 200
    assert {queue["waiting"] for queue in answer.get_json()["queues"].values()} == {None}
    assert {fault["code"] for fault in answer.get_json()["faults"]} == {"queue/unavailable"}
