"""A dead letter is replayed once, whoever asks for it and whichever process is killed meanwhile."""

import pytest

from core.queueing.letter import DeadLetter, Fate, foreign_letter
from core.queueing.letter_run import ItemOutcome, LetterRun
from core.queueing.replay_report import counted_outcomes, outcomes
from core.queueing.results import TaskStatus
from tests.support.queueing import REQUEST, TASK, Room, fail, other, succeed


def dead_room(tasks: int = 1) -> Room:
    """A room whose tasks have all failed; the first is TASK."""
    room = Room()
    for number in range(tasks):
        room.submit(REQUEST if number == 0 else other(REQUEST, number))
        room.run(fail)
        room.clock.sleep(1)
    return room


def letters(room: Room) -> list[DeadLetter]:
    return room.queueing.dead_letters.all()


def prepared(room: Room, *, operator: str = "olga", per_minute: float = 0) -> LetterRun:
    return room.queueing.letter_runs.prepare(
        letters(room), operator=operator, reason="model mended", per_minute=per_minute
    )


def replayed(room: Room, *, operator: str = "olga") -> dict[str, int]:
    return room.queueing.letter_runs.carry_out(prepared(room, operator=operator)).counts


def fates(room: Room, task_id: str = TASK) -> list[tuple[Fate, str]]:
    return [
        (verdict.fate, verdict.operator) for _, verdict in room.queueing.dead_letters.archived_of(task_id)
    ]


def test_it_runs_again_under_its_id_with_a_fresh_budget_and_its_history() -> None:
    room = dead_room()
    assert replayed(room) == {ItemOutcome.REPLAYED: 1}
    record = room.record()
    assert (record.status, record.generation, record.retries, record.attempts) == (
        TaskStatus.PENDING,
        2,
        0,
        0,
    )
    assert record.history[0]["error"]["code"] == "model/rejected"
    assert [message.generation for message in room.publisher.sent] == [1, 2]
    room.run(succeed)
    assert room.record().status is TaskStatus.SUCCESS
    assert room.outbox_keys() == []


def test_the_letter_moves_to_the_archive_and_its_message_goes() -> None:
    room = dead_room()
    replayed(room)
    assert (letters(room), room.dead()) == ([], [])
    assert fates(room) == [(Fate.REPLAYED, "olga")]


def test_who_did_it_and_why_is_audited_before_and_after() -> None:
    room = dead_room()
    replayed(room)
    entries = room.queueing.audit.read(days=1)
    assert {(entry.phase, entry.operator, entry.reason) for entry in entries} == {
        ("begun", "olga", "model mended"),
        ("ended", "olga", "model mended"),
    }
    begun = next(entry for entry in entries if entry.phase == "begun")
    assert begun.items == [f"{TASK}-1"]


def test_two_operators_with_the_same_letter_are_one_replay() -> None:
    room = dead_room()
    first, second = prepared(room, operator="olga"), prepared(room, operator="otto")
    assert room.queueing.letter_runs.carry_out(first).counts == {ItemOutcome.REPLAYED: 1}
    assert room.queueing.letter_runs.carry_out(second).counts == {ItemOutcome.TAKEN: 1}
    assert [message.generation for message in room.publisher.sent] == [1, 2]
    assert fates(room) == [(Fate.REPLAYED, "olga")]


def test_who_loses_the_swap_sends_nothing_and_leaves_no_entry() -> None:
    room = dead_room()
    first, second = prepared(room, operator="olga"), prepared(room, operator="otto")
    room.store.rival = lambda: room.queueing.letter_runs.carry_out(first)
    assert room.queueing.letter_runs.carry_out(second).counts == {ItemOutcome.TAKEN: 1}
    assert [message.generation for message in room.publisher.sent] == [1, 2]
    assert len(room.outbox_keys()) == 1
    assert room.dead() == []


def test_a_run_does_not_replay_a_newer_failure_of_a_chosen_letter() -> None:
    room = dead_room()
    stale = prepared(room)
    replayed(room, operator="otto")
    room.run(fail)
    assert room.queueing.letter_runs.carry_out(stale).counts == {ItemOutcome.TAKEN: 1}
    assert room.record().generation == 2
    assert [letter.generation for letter in letters(room)] == [2]
    assert len(room.dead()) == 1


def test_they_start_at_the_pace_of_their_queue() -> None:
    room = dead_room(tasks=4)
    room.clock.slept.clear()
    room.queueing.letter_runs.carry_out(prepared(room))
    assert [pause for pause in room.clock.slept if pause > 0] == pytest.approx([3.0, 3.0, 3.0])
    slow = dead_room(tasks=2)
    slow.queueing.letter_runs.carry_out(prepared(slow, per_minute=1))
    assert max(slow.clock.slept) == pytest.approx(60.0)


def test_the_oldest_goes_first() -> None:
    room = dead_room(tasks=3)
    replayed(room)
    assert [message.task_id for message in room.publisher.sent[3:]] == [
        message.task_id for message in room.publisher.sent[:3]
    ]


def test_what_is_no_task_of_ours_is_never_run() -> None:
    room = Room()
    room.queues.send("aiprism-analysis-dlq", "hello", attributes={"unreadable": "not an envelope"})
    (message,) = room.dead()
    room.queueing.dead_letters.index(
        foreign_letter("analysis", message, why="not an envelope", code="task/unreadable")
    )
    assert prepared(room).items == ()


def test_a_task_whose_review_was_deleted_is_left_to_the_operator() -> None:
    room = dead_room()
    room.queueing.results.delete(TASK)
    assert replayed(room) == {ItemOutcome.GONE: 1}
    assert len(letters(room)) == 1
    assert len(room.publisher.sent) == 1


STEPS = 17


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_replayer_killed_at_any_step_loses_nothing_and_repeats_nothing(step: int, *, lost: bool) -> None:
    room = dead_room()
    run = prepared(room)
    if room.killed(lambda: room.queueing.letter_runs.carry_out(run), step=step, lost=lost):
        room.clock.sleep(130)
        room.queueing.sweep.run()
        room.queueing.letter_runs.carry_out(run)
    assert (room.record().generation, room.record().status) == (2, TaskStatus.PENDING)
    assert [message.generation for message in room.publisher.sent].count(2) in (1, 2)
    room.run(succeed)
    room.queueing.sweep.run()
    assert (letters(room), room.dead(), room.outbox_keys()) == ([], [], [])
    assert fates(room)[0][0] in (Fate.REPLAYED, Fate.SUPERSEDED)
    assert room.record().status is TaskStatus.SUCCESS


def test_the_kill_test_covers_every_step() -> None:
    room = dead_room()
    run = prepared(room)
    room.steps.made = 0
    room.queueing.letter_runs.carry_out(run)
    assert room.steps.made == STEPS


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_without_the_replayer_the_sweep_alone_ends_what_it_began(step: int) -> None:
    room = dead_room()
    run = prepared(room)
    if room.killed(lambda: room.queueing.letter_runs.carry_out(run), step=step):
        room.clock.sleep(200)
        room.queueing.sweep.run()
    if step == 1:
        # Audited, and not begun.
        assert (len(letters(room)), len(room.dead())) == (1, 1)
    else:
        room.run(succeed)
        room.queueing.sweep.run()
        assert (room.record().status, letters(room), room.dead()) == (TaskStatus.SUCCESS, [], [])
        assert room.queueing.letter_runs.repository.under_way() == []


def test_what_became_of_them_can_be_asked_afterwards() -> None:
    room = dead_room(tasks=3)
    run = prepared(room)
    assert counted_outcomes(outcomes(run, room.queueing.results)) == {"not replayed": 3}
    room.queueing.letter_runs.carry_out(run)
    again = room.queueing.letter_runs.repository.read(run.run_id)
    assert again == run
    assert counted_outcomes(outcomes(again, room.queueing.results)) == {"under way": 3}
    first, second, _third = room.publisher.sent[3:]
    room.run(succeed, room.delivery(first))
    room.run(fail, room.delivery(second))
    found = counted_outcomes(outcomes(again, room.queueing.results))
    assert found == {"succeeded": 1, "died again": 1, "under way": 1}
    replayed(room)
    assert counted_outcomes(outcomes(again, room.queueing.results)) == found


def test_a_task_that_its_user_ran_again_is_no_dead_letter_once_it_has_ended() -> None:
    room = dead_room()
    room.clock.sleep(1)
    room.submit()
    assert len(letters(room)) == 1
    room.run(succeed)
    assert letters(room) == []
    assert fates(room) == [(Fate.SUPERSEDED, "")]
    room.queueing.sweep.run()
    assert room.dead() == []


def test_what_belongs_to_a_signed_off_review_is_left_alone() -> None:
    room = dead_room()
    room.frozen.add(REQUEST.session_id)
    assert replayed(room) == {ItemOutcome.FROZEN: 1}
    assert (room.record().status, room.record().generation) == (TaskStatus.FAILURE, 1)
    assert (len(letters(room)), len(room.dead())) == (1, 1)
