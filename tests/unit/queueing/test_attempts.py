"""A model call is claimed before it is made and stored after: paid once, or once more for each dead worker."""

import pytest

from core.errors import Throttled
from core.queueing.attempts import AttemptLog
from core.queueing.results import TaskStatus
from core.queueing.workers import Holder
from tests.support.queueing import REQUEST, TASK, Room, fail


def log(
    room: Room,
    *,
    delivery: str = "d1",
    worker: str = "w1",
    fresh: bool = False,
    generation: int = 1,
    **more: bool,
) -> AttemptLog:
    queueing = room.queueing
    since = "2027-01-15T08:00:00.000Z"
    holder = Holder(worker, TASK, delivery, since)
    return queueing.runner.attempt_log(
        holder=holder, generation=generation, fresh=fresh, wanted=lambda: None, **more
    )


@pytest.fixture
def room() -> Room:
    living = Room()
    living.clock.at = 1_800_000_000.0
    return living


def test_a_stored_answer_is_found_by_the_next_execution(room: Room) -> None:
    first = log(room, fresh=True)
    assert first.stored_answer() is None
    first.claim("model-a")
    first.answered("model-a", {"content": "..."})

    assert log(room, delivery="d2").stored_answer() == {"content": "..."}


def test_a_live_workers_claim_is_throttled(room: Room) -> None:
    room.worker_lives()
    log(room).claim("model-a")
    with pytest.raises(Throttled) as waiting:
        log(room, delivery="d2", worker="w2").claim("model-a")
    assert (waiting.value.code, waiting.value.retry_after_s) == ("task/attempt-live", 20)


def test_a_dead_claim_allows_exactly_one_more(room: Room) -> None:
    log(room).claim("model-a")
    room.clock.sleep(41)
    room.worker_lives(worker="w2")
    room.worker_lives(worker="w3")
    second, third = log(room, delivery="d2", worker="w2"), log(room, delivery="d3", worker="w3")
    assert third.stored_answer() is None

    second.claim("model-a")
    with pytest.raises(Throttled):
        third.claim("model-a")
    claims = [key for key in room.store.objects if key.startswith("attempts/")]
    assert sorted(claims) == [f"attempts/{TASK}/1/1.json", f"attempts/{TASK}/1/2.json"]


def test_a_call_that_still_runs_for_a_cancelled_run_is_waited_for_by_the_next(room: Room) -> None:
    """Its answer goes into the cache, where the next run finds it: it is paid for once."""
    room.worker_lives()
    former = log(room)
    former.claim("model-a")
    again = log(room, delivery="d2", worker="w2", generation=2, fresh=True, cancelled_before=True)
    with pytest.raises(Throttled) as waiting:
        again.claim("model-a")
    assert waiting.value.code == "task/attempt-live"
    former.answered("model-a", {"content": "..."})
    again.claim("model-a")


def test_a_dead_workers_call_of_the_former_generation_is_not_waited_for(room: Room) -> None:
    log(room).claim("model-a")
    room.clock.sleep(41)
    log(room, delivery="d2", worker="w2", generation=2, fresh=True, cancelled_before=True).claim("model-a")


def test_a_run_that_ended_by_itself_has_no_call_to_wait_for(room: Room) -> None:
    """Its worker's record may still list it for seconds: a replay must not stand still for that."""
    room.worker_lives()
    room.submit()
    room.worker_lives(first := room.delivery())

    def claim_and_fail(context):
        context.attempts.claim("model-a")
        fail(context)

    room.run(claim_and_fail, first)
    room.queueing.dispatcher.submit(REQUEST)
    room.run(lambda context: context.attempts.claim("model-a") or {}, room.delivery(worker="w2"))
    assert room.record().status is TaskStatus.SUCCESS


def test_after_a_failed_call_another_model_may_be_asked(room: Room) -> None:
    room.worker_lives()
    mine = log(room, fresh=True)
    mine.claim("model-a")
    mine.failed("model-a", "model/throttled")
    mine.claim("model-b")
    mine.answered("model-b", {"content": "b"})
    assert (mine.sent, mine.failed_models()) == (2, {"model-a"})
    assert log(room, delivery="d2").stored_answer() == {"content": "b"}


def test_a_failure_of_another_execution_is_no_claim(room: Room) -> None:
    room.worker_lives()
    first = log(room)
    first.claim("model-a")
    first.failed("model-a", "model/unavailable")
    second = log(room, delivery="d2")
    second.claim("model-a")
    assert second.sent == 2


def test_a_fresh_log_reads_nothing_and_still_meets_a_rival(room: Room) -> None:
    room.worker_lives()
    log(room).claim("model-a")
    with pytest.raises(Throttled):
        log(room, delivery="d2", fresh=True).claim("model-a")
