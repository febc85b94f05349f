"""Each end of a task is counted once, with the times it took."""

from core.errors import Permanent, Throttled, Transient
from core.observability.metrics import EVERYWHERE, Metric
from core.queueing.keys import user_hash
from core.statistics.histogram import percentiles
from core.throttling.windows import UNREACHABLE
from tests.support.counted_room import CountedRoom
from tests.support.queueing import REQUEST, TASK, fail, other, succeed


def slow(room, seconds):
    def work(_context):
        room.clock.sleep(seconds)
        return {"feedback": []}

    return work


def test_a_success_counts_once_with_its_wait_and_its_work():
    room = CountedRoom()
    room.submit()
    room.clock.sleep(20)
    delivery = room.delivery()
    room.run(slow(room, 4), delivery)
    room.run(succeed, delivery)

    assert room.counts == {"tasks|analysis|SUCCESS": 1}
    assert [*room.told.tally.users] == [user_hash(REQUEST.owner)]
    spans = {name: percentiles(buckets)["p50"] for name, buckets in room.told.tally.spreads.items()}
    assert 19 < spans["wait|analysis"] < 21
    assert 3.8 < spans["run|analysis"] < 4.2
    assert 22.8 < spans["whole|analysis"] < 25.2
    assert room.told.put_ == [
        (
            "analysis",
            {
                Metric.TASKS_SUCCEEDED: 1,
                Metric.TASKS_FAILED: 0,
                Metric.QUEUE_WAIT: 20_000,
                Metric.TASK_DURATION: 4_000,
            },
        )
    ]


def test_a_failure_a_cancellation_and_tries_in_between_are_told_apart():
    room = CountedRoom()

    def stumble(_context):
        raise Transient("model/unavailable")

    def full(_context):
        raise Throttled("model/throttled", retry_after_s=5)

    room.submit()
    room.run(full)
    room.clock.sleep(10)
    room.run(stumble)
    room.clock.sleep(10)
    room.run(fail)
    cancelled = room.submit(other(REQUEST, 1))
    room.queueing.cancellation.cancel([cancelled.task_id, TASK])
    room.queueing.cancellation.cancel([cancelled.task_id])

    assert room.counts == {
        "tasks|analysis|RETRY": 1,
        "tasks|analysis|FAILURE": 1,
        "tasks|analysis|REVOKED": 1,
    }


def test_a_wait_for_a_slot_in_the_queue_is_a_wait_for_the_limiter():
    room = CountedRoom()

    def waits_for(reason):
        def full(_context):
            raise Throttled("model/throttled", retry_after_s=40, waiting_for=reason)

        return full

    room.submit()
    for reason in ("token limit", "another worker"):
        room.run(waits_for(reason))
        room.clock.sleep(60)

    found = percentiles(room.told.tally.spreads["limiter|analysis"])
    assert found["count"] == 1
    assert 38 < found["p50"] < 42
    assert room.told.put_ == [("analysis", {Metric.RATE_LIMITER_WAIT: 40_000})]


def test_a_task_that_finds_no_limiter_rings_the_alarm_of_storage():
    room = CountedRoom()
    room.submit()

    def refused(_context):
        raise Throttled("limiter/unavailable", retry_after_s=15, waiting_for=UNREACHABLE)

    room.run(refused)
    assert (EVERYWHERE, {Metric.STORAGE_UNREACHABLE: 1}) in room.told.put_


def test_two_workers_that_end_one_task_count_one_end():
    room = CountedRoom()
    room.submit()
    message = room.publisher.sent[-1]

    def overtaken(_context):
        room.queueing.failures.fail(message, Permanent("task/crashed"))
        return {"feedback": []}

    room.run(overtaken)
    assert room.counts == {"tasks|analysis|FAILURE": 1}


def test_a_dead_letter_that_is_run_again_is_counted_as_replayed_once():
    room = CountedRoom()
    room.submit()
    room.run(fail)
    runs = room.queueing.letter_runs
    runs.carry_out(runs.prepare(room.queueing.dead_letters.all(), operator="olga", reason="mended"))

    def full(_context):
        raise Throttled("model/throttled", retry_after_s=5)

    room.run(full)
    assert room.counts["replayed|analysis"] == 1
    assert room.told.put_[-1] == ("analysis", {Metric.DLQ_REPLAYED: 1})
