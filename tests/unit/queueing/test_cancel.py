"""Cancelling: whoever swaps first wins, and no model is called for a cancelled task."""

from dataclasses import replace

from core.errors import Throttled
from core.queueing.lifecycle import TaskContext
from core.queueing.results import TaskStatus
from tests.support.queueing import REQUEST, TASK, Room, never, other, succeed


def cancel(room: Room, *task_ids: str) -> list[TaskStatus]:
    return [record.status for record in room.queueing.cancellation.cancel(task_ids or [TASK])]


def test_a_queued_task_is_cancelled_and_its_message_dropped_unread(room: Room) -> None:
    assert cancel(room) == [TaskStatus.REVOKED]
    room.run(never)
    assert (room.record().status, room.record().starts) == (TaskStatus.REVOKED, 0)
    assert room.outbox_keys() == []


def test_a_retrying_task_is_cancelled(room: Room) -> None:
    def busy(_context: TaskContext) -> dict[str, object]:
        raise Throttled("model/throttled", retry_after_s=5)

    room.run(busy)
    assert cancel(room) == [TaskStatus.REVOKED]
    room.clock.sleep(10)
    room.run(never)


def test_what_has_ended_stays_as_it_is(room: Room) -> None:
    room.run(succeed)
    assert cancel(room) == [TaskStatus.SUCCESS]


def test_a_task_that_does_not_exist_is_passed_over(room: Room) -> None:
    assert cancel(room, "99999999-9999-4999-8999-999999999999") == []


def test_an_end_that_comes_first_wins(room: Room) -> None:
    room.store.rival = lambda: room.run(succeed)
    assert cancel(room) == [TaskStatus.SUCCESS]


def test_running_work_notices_before_it_pays(room: Room) -> None:
    claimed = []

    def work(context: TaskContext) -> dict[str, object]:
        context.attempts.claim("model-a")
        claimed.append("model-a")
        context.attempts.answered("model-a", {"part": 1})
        cancel(room)
        context.attempts.claim("model-a")
        claimed.append("model-b")
        return {}

    room.run(work)
    assert claimed == ["model-a"]
    assert (room.record().status, room.record().error) == (TaskStatus.REVOKED, None)
    assert room.dead() == []


def test_an_answer_that_comes_later_is_not_its_result(room: Room) -> None:
    def work(_context: TaskContext) -> dict[str, object]:
        cancel(room)
        return {"feedback": ["late"]}

    room.run(work)
    assert (room.record().status, room.record().result) == (TaskStatus.REVOKED, None)


def test_a_failed_task_asked_for_again_runs_in_its_next_generation(room: Room) -> None:
    earlier = room.delivery()
    cancel(room)
    room.clock.sleep(1)
    record = room.submit()
    assert (record.task_id, record.generation, record.status) == (TASK, 2, TaskStatus.PENDING)
    room.run(never, earlier)
    room.run(succeed)
    assert room.record().status is TaskStatus.SUCCESS


def test_an_execution_of_the_cancelled_generation_asks_no_model_for_the_next(room: Room) -> None:
    def work(context: TaskContext) -> dict[str, object]:
        cancel(room)
        room.clock.sleep(1)
        room.submit()
        context.attempts.claim("model-a")
        raise AssertionError("this call must not be made")

    room.run(work)
    assert (room.record().generation, room.record().status) == (2, TaskStatus.PENDING)


def test_of_a_whole_review_nothing_more_is_sent(room: Room) -> None:
    requests = [other(REQUEST, number) for number in range(1, 21)]
    room.queueing.dispatcher.submit_many(requests)
    before = len(room.publisher.sent)
    cancel(room, TASK, *(request.task_id for request in requests))
    assert len(room.publisher.sent) == before
    assert room.outbox_keys() == []


def test_a_place_that_becomes_free_goes_to_the_users_other_work(room: Room) -> None:
    requests = [other(REQUEST, number) for number in range(1, 9)]
    room.queueing.dispatcher.submit_many(requests)
    assert len(room.publisher.sent) == 8
    cancel(room)
    assert len(room.publisher.sent) == 9


def test_the_record_of_a_deleted_reviews_task_goes_in_time(room: Room) -> None:
    cancel(room)
    room.queueing.cancellation.forget_later(room.record())
    assert room.queueing.sweep.run().records_forgotten == 0
    room.store.put(f"attempts/{TASK}/1/1.json", b'{"answer": "came after the deletion"}')
    room.clock.sleep(7201)
    assert room.queueing.sweep.run().records_forgotten == 1
    assert not any(key.startswith("attempts/") for key in room.store.objects)
    assert room.queueing.results.get(TASK) is None
    assert not any(key.startswith("outbox/revoked/") for key in room.store.objects)


def test_the_record_of_a_task_that_ended_otherwise_is_not_kept_in_mind(room: Room) -> None:
    room.run(succeed)
    room.queueing.cancellation.forget_later(room.record())
    assert not any(key.startswith("outbox/revoked/") for key in room.store.objects)


def test_cancelling_while_the_submit_is_half_done_leaves_nothing_behind(room: Room) -> None:
    asked = replace(REQUEST, task_id="77777777-7777-4777-8777-777777777777")
    assert room.killed(lambda: room.submit(asked), step=2)
    assert room.record(asked.task_id).status == "PENDING"
    cancel(room, asked.task_id)
    assert not any(asked.task_id in key for key in room.outbox_keys())
