"""One delivery of a task: every outcome, and every state in which it can find the task."""

import pytest

from core.clock import epoch
from core.error_catalogue import CATALOGUE
from core.errors import AppError, Permanent, Throttled, Transient
from core.queueing.lifecycle import MOST_CRASHES, TaskContext, Work
from core.queueing.results import TaskStatus
from core.queueing.transitions import revoked
from tests.support.queueing import BODY, TASK, Killed, Room, never, succeed


def raising(error: BaseException) -> Work:
    def work(_context: TaskContext) -> dict[str, object]:
        raise error

    return work


THROTTLED = Throttled("model/throttled", retry_after_s=12.2, waiting_for="a slot")
BUSY = Transient("model/unavailable", "The scripted model is down.")
REFUSED = Permanent("model/rejected", "The scripted model refused.")


def crash(room: Room) -> None:
    """A worker takes the task and dies; time enough passes for everybody to know."""
    with pytest.raises(Killed):
        room.run(raising(Killed()))
    room.clock.sleep(60)


def test_what_the_work_returns_is_the_result(room: Room) -> None:
    room.run(lambda context: {"generation": context.generation, "queue": context.queue})
    record = room.record()
    assert record.status is TaskStatus.SUCCESS
    assert record.result == {"generation": 1, "queue": "analysis"}
    assert record.started_at is not None
    assert record.ended_at is not None
    assert room.outbox_keys() == []


def test_waiting_for_a_slot_uses_no_attempt_and_is_no_start(room: Room) -> None:
    room.run(raising(THROTTLED))
    record = room.record()
    assert (record.status, record.waiting_for) == (TaskStatus.PENDING, "a slot")
    assert (record.retries, record.starts) == (0, 0)
    assert room.publisher.delays[-1] == 13


@pytest.mark.parametrize(("retry_after_s", "delay_s"), [(0.0, 1), (5000.0, 900)])
def test_a_delay_is_within_what_sqs_accepts(room: Room, retry_after_s: float, delay_s: int) -> None:
    room.run(raising(Throttled("model/throttled", retry_after_s=retry_after_s)))
    assert room.publisher.delays[-1] == delay_s


def test_errors_are_retried_after_5_10_and_20_seconds_and_then_fail(room: Room) -> None:
    for _ in range(4):
        room.run(raising(BUSY))
        room.clock.sleep(25)
    first, second, third = room.publisher.delays[1:]
    assert 4 <= first <= 6
    assert 8 <= second <= 12
    assert 16 <= third <= 24
    record = room.record()
    assert (record.status, record.retries) == (TaskStatus.FAILURE, 3)
    assert record.error is not None
    assert record.error["detail"] == "The scripted model is down."


def test_a_retrying_task_says_why(room: Room) -> None:
    room.run(raising(BUSY))
    record = room.record()
    assert (record.status, (record.error or {})["code"]) == (TaskStatus.RETRY, "model/unavailable")
    room.clock.sleep(10)
    room.run(succeed)
    assert (room.record().status, room.record().error) == (TaskStatus.SUCCESS, None)


def test_a_failure_is_buried_with_its_envelope_and_its_words(room: Room) -> None:
    room.run(raising(REFUSED))
    record = room.record()
    assert record.status is TaskStatus.FAILURE
    assert record.error == {
        "code": "model/rejected",
        "detail": "The scripted model refused.",
        "retryable": False,
        "next_step": REFUSED.kind.next_step,
    }
    (envelope,) = room.dead()
    assert (envelope.body, envelope.attributes["task_id"]) == (BODY, TASK)
    (letter,) = room.queueing.dead_letters.all()
    assert (letter.task_id, letter.code) == (TASK, "model/rejected")
    assert record.dead_lettered_at is not None
    assert room.outbox_keys() == []


@pytest.mark.parametrize("step", range(1, 6))
def test_a_kill_while_a_task_fails_leaves_the_rest_to_the_next_delivery(room: Room, step: int) -> None:
    delivery = room.delivery()

    def work(_context: TaskContext) -> dict[str, object]:
        room.die_after(step)
        raise REFUSED

    with pytest.raises(Killed):
        room.run(work, delivery)
    room.clock.sleep(60)
    room.run(never, room.delivery(delivery.message))

    assert room.record().dead_lettered_at is not None
    assert len(room.queueing.dead_letters.all()) == 1
    assert len(room.dead()) in (1, 2)
    assert room.outbox_keys() == []


def test_limits_that_people_set_leave_no_dead_letter(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOGUE, "limits/scripted", CATALOGUE["model/throttled"])
    room.run(raising(Permanent("limits/scripted")))
    assert room.record().status is TaskStatus.FAILURE
    assert (room.dead(), room.queueing.dead_letters.all()) == ([], [])


def test_a_message_of_a_deleted_review_ends_without_a_dead_letter(room: Room) -> None:
    room.run(succeed)
    room.queueing.results.delete(TASK)
    room.run(raising(Permanent("session/not-found")))
    assert (room.record().status, room.record().result) == (TaskStatus.FAILURE, None)
    assert (room.dead(), room.queueing.dead_letters.all()) == ([], [])
    assert room.outbox_keys() == []


def test_three_crashes_are_a_failure(room: Room) -> None:
    for _ in range(MOST_CRASHES):
        crash(room)
    room.run(never)
    record = room.record()
    assert (record.status, (record.error or {})["code"]) == (TaskStatus.FAILURE, "task/crashed")
    assert len(room.dead()) == 1


def test_a_start_that_was_handed_back_is_no_crash(room: Room) -> None:
    for _ in range(MOST_CRASHES + 2):
        room.run(raising(THROTTLED))
        room.clock.sleep(15)
    room.run(succeed)
    assert room.record().status is TaskStatus.SUCCESS


def test_a_second_delivery_of_a_running_task_is_handed_back_without_work(room: Room) -> None:
    first, second = room.delivery(), room.delivery(worker="w2")
    room.worker_lives()

    def work(_context: TaskContext) -> dict[str, object]:
        room.run(never, second)
        return {"by": "first"}

    room.run(work, first)
    assert room.publisher.delays[1:] == [20]
    assert room.record().result == {"by": "first"}


def test_of_two_deliveries_that_start_at_once_one_works(room: Room) -> None:
    slower, faster = room.delivery(), room.delivery(worker="w2")

    def start() -> None:
        with pytest.raises(Killed):
            room.run(raising(Killed()), faster)

    room.store.rival = start
    room.run(never, slower)
    assert room.publisher.delays[1:] == [20]
    assert room.record().worker_id == "w2"


def test_a_dead_workers_task_is_taken_over_at_once(room: Room) -> None:
    dead = room.delivery()
    room.worker_lives(dead)
    with pytest.raises(Killed):
        room.run(raising(Killed()), dead)
    room.clock.sleep(41)
    room.run(succeed, room.delivery(dead.message, worker="w2"))
    assert (room.record().status, room.record().starts) == (TaskStatus.SUCCESS, 2)


def test_the_same_workers_lost_child_is_noticed_by_its_record(room: Room) -> None:
    lost = room.delivery()
    with pytest.raises(Killed):
        room.run(raising(Killed()), lost)
    room.clock.sleep(1)
    room.worker_lives()
    room.run(succeed, room.delivery(lost.message))
    assert room.record().status is TaskStatus.SUCCESS


def test_two_ends_of_one_task_leave_the_first(room: Room) -> None:
    first, second = room.delivery(), room.delivery(worker="w2")

    def work(_context: TaskContext) -> dict[str, object]:
        room.run(lambda _: {"by": "second"}, second)
        return {"by": "first"}

    room.run(work, first)
    assert room.record().result == {"by": "second"}


def test_a_cancelled_task_stays_cancelled_when_its_answer_comes(room: Room) -> None:
    def work(context: TaskContext) -> dict[str, object]:
        context.check_wanted()
        room.queueing.results.swap(TASK, 1, lambda record: revoked(record, now=room.clock.now()))
        return {"late": True}

    room.run(work)
    assert (room.record().status, room.record().result) == (TaskStatus.REVOKED, None)


def test_what_was_read_before_the_call_is_not_read_again_for_the_result(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = room.queueing.results
    store, reads = results._store, []
    monkeypatch.setattr(store, "get", lambda key, get=store.get: reads.append(key) or get(key))

    def work(context: TaskContext) -> dict[str, object]:
        context.check_wanted()
        reads.clear()
        return {}

    room.run(work)
    assert [key for key in reads if key.startswith("celery-results/")] == []
    assert room.record().status is TaskStatus.SUCCESS


def test_messages_of_an_older_generation_are_dropped_unread(room: Room) -> None:
    old = room.delivery()
    room.run(raising(REFUSED))
    room.clock.sleep(1)
    room.submit()
    room.run(never, old)
    assert (room.record().generation, room.record().status) == (2, TaskStatus.PENDING)


def test_an_ended_tasks_message_is_dropped_unread(room: Room) -> None:
    room.run(succeed)
    before = room.record()
    room.run(never)
    assert room.record() == before


def test_a_missing_result_is_made_from_the_message(room: Room) -> None:
    delivery = room.delivery()
    room.queueing.results.delete(TASK)
    room.run(succeed, delivery)
    record = room.record()
    assert (record.status, record.owner, record.section_id) == (TaskStatus.SUCCESS, "someone", "s1")


def test_a_duplicate_does_not_shorten_a_wait(room: Room) -> None:
    delivery = room.delivery()
    room.run(raising(THROTTLED), delivery)
    room.clock.sleep(3)
    room.run(never, room.delivery(delivery.message))
    assert room.publisher.delays[-1] == 10
    assert room.record().status is TaskStatus.PENDING


def test_the_deadline_counts_work_and_not_waits(room: Room) -> None:
    deadlines = []

    def note(context: TaskContext) -> dict[str, object]:
        deadlines.append(context.deadline_at)
        room.clock.sleep(100)
        raise THROTTLED

    started_at = room.clock.now()
    room.run(note)
    room.clock.sleep(500)
    room.run(note)
    assert deadlines == pytest.approx([started_at + 900, started_at + 900 + 500], abs=0.01)


def test_past_its_deadline_a_task_fails_instead_of_starting(room: Room) -> None:
    crash(room)
    room.clock.sleep(900)
    room.run(never)
    record = room.record()
    assert (record.error or {})["code"] == "task/deadline"
    assert record.deadline_at is not None
    assert epoch(record.deadline_at) < room.clock.now()


def test_a_finished_answer_is_kept_through_a_short_outage(room: Room) -> None:
    def work(_context: TaskContext) -> dict[str, object]:
        room.steps.outage = True
        return {"paid": "for"}

    def mended(seconds: float) -> None:
        room.clock.at += seconds
        room.steps.outage = room.clock.at < started_at + 3

    started_at = room.clock.now()
    object.__setattr__(room.clock, "sleep", mended)
    room.run(work)
    assert room.record().result == {"paid": "for"}


def test_an_outage_longer_than_the_retries_lets_the_message_come_back(room: Room) -> None:
    def work(_context: TaskContext) -> dict[str, object]:
        room.steps.outage = True
        return {}

    with pytest.raises(AppError):
        room.run(work)
    room.steps.outage = False
    assert room.record().status is TaskStatus.STARTED


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("error", [THROTTLED, BUSY], ids=["hand-back", "retry"])
def test_a_kill_while_a_task_is_put_off_loses_nothing(room: Room, error: AppError, step: int) -> None:
    delivery = room.delivery()

    def work(_context: TaskContext) -> dict[str, object]:
        room.die_after(step)
        raise error

    with pytest.raises(Killed):
        room.run(work, delivery)

    room.clock.sleep(60)
    for message in [delivery.message, *room.publisher.sent[1:]]:
        room.run(succeed, room.delivery(message))
    assert room.record().status is TaskStatus.SUCCESS
