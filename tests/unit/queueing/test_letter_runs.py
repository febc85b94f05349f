"""A confirmed run over many letters ends, whichever process begins it and whichever carries it on."""

from dataclasses import replace

import pytest

from core.aws.object_store import Damaged
from core.queueing.letter import DeadLetter, Fate
from core.queueing.letter_run import ItemOutcome, LetterRun
from core.queueing.service import Queueing
from tests.support.queueing import REQUEST, TASK, Room, fail, other


def dead_room(tasks: int) -> Room:
    room = Room()
    for number in range(tasks):
        room.submit(REQUEST if number == 0 else other(REQUEST, number))
        room.run(fail)
        room.clock.sleep(0.1)
    room.publisher.sent.clear()
    room.publisher.delays.clear()
    return room


def letters(room: Room) -> list[DeadLetter]:
    return room.queueing.dead_letters.all()


def started(room: Room, *, by: Queueing | None = None, fate: Fate = Fate.REPLAYED) -> LetterRun:
    runs = (by or room.web).letter_runs
    run = runs.prepare(letters(room), operator="olga", reason="model mended", fate=fate)
    runs.start(run)
    return run


def phases(room: Room) -> list[tuple[str, str]]:
    return sorted((entry.action, entry.phase) for entry in room.queueing.audit.read(days=1))


def test_what_the_web_tier_starts_the_sweep_ends() -> None:
    room = dead_room(3)
    run = started(room)
    assert (room.publisher.sent, len(letters(room))) == ([], 3)

    assert room.queueing.sweep.run().carried_on == 3

    assert (letters(room), room.dead()) == ([], [])
    assert [message.generation for message in room.publisher.sent] == [2, 2, 2]
    assert room.queueing.letter_runs.repository.progress(run.run_id) is None
    assert phases(room) == [("dlq.replay", "begun"), ("dlq.replay", "ended")]


def test_the_web_tier_replays_what_is_due_without_waiting_or_receiving() -> None:
    room = dead_room(25)
    room.clock.slept.clear()
    run = started(room)

    # At 20 a minute: the first now, the others of this minute delayed until their places.
    assert room.web.letter_runs.carry_on(run.run_id, for_s=1.0) == 21
    assert room.publisher.delays == pytest.approx([3.0 * number for number in range(21)])
    assert room.clock.slept == []
    assert len(room.dead()) == 25

    assert room.queueing.sweep.run().carried_on == 0
    room.clock.sleep(60)
    assert room.queueing.sweep.run().carried_on == 4
    assert (letters(room), room.dead()) == ([], [])


def test_two_operators_share_one_pace() -> None:
    room = dead_room(6)
    some, others = letters(room)[:3], letters(room)[3:]
    runs = room.web.letter_runs
    for chosen in (some, others):
        run = runs.prepare(chosen, operator="olga", reason="")
        runs.start(run)
        runs.carry_on(run.run_id, for_s=1.0)
    assert room.publisher.delays == pytest.approx([3.0 * number for number in range(6)])


def test_a_clock_that_was_hours_ahead_holds_up_nobody() -> None:
    room = dead_room(2)
    first, second = letters(room)
    runs = room.queueing.letter_runs
    room.clock.at += 7200
    runs.carry_out(runs.prepare([first], operator="olga", reason=""))
    room.clock.at -= 7200
    room.clock.slept.clear()
    runs.carry_out(runs.prepare([second], operator="olga", reason=""))
    assert max(room.clock.slept, default=0) == 0


def test_a_run_left_by_a_machine_whose_clock_was_hours_ahead_is_carried_on() -> None:
    room = dead_room(1)
    run = started(room)
    book = room.queueing.letter_runs.repository
    progress = book.progress(run.run_id)
    assert progress is not None
    book.keep(progress, busy_until=room.clock.now() + 7200)
    assert room.queueing.sweep.run().carried_on == 1


def test_a_run_whose_terminal_was_closed_is_carried_on_once_it_is_nobodys() -> None:
    room = dead_room(3)
    run = started(room, by=room.queueing)
    # In the middle of the second letter.
    assert room.killed(lambda: room.queueing.letter_runs.carry_out(run), step=17)
    assert 0 < len(letters(room)) < 3
    assert room.queueing.sweep.run().carried_on == 0

    room.clock.sleep(181)
    room.queueing.sweep.run()

    assert (letters(room), room.dead()) == ([], [])
    assert [message.task_id for message in room.publisher.sent].count(TASK) == 1
    assert len(room.publisher.sent) == 3
    ended = room.queueing.audit.read(days=1)[0]
    assert (ended.phase, ended.outcome) == ("ended", {"replayed": 3})


def test_a_run_is_started_once_and_never_begun_again_when_it_has_ended() -> None:
    room = dead_room(2)
    run = room.web.letter_runs.prepare(letters(room), operator="olga", reason="mended")
    assert [room.web.letter_runs.start(run) for _ in range(2)] == [True, False]
    room.web.letter_runs.carry_on(run.run_id, for_s=1.0)
    assert room.web.letter_runs.start(run) is False
    ended = room.web.letter_runs.repository.ended(run.run_id)
    assert ended is not None
    assert (ended.done, ended.counts) == (2, {"replayed": 2})
    assert sorted(entry.phase for entry in room.queueing.audit.read(days=1)) == ["begun", "ended"]


def test_of_two_who_confirm_one_run_the_first_is_whose_it_is() -> None:
    room = dead_room(2)
    runs = room.web.letter_runs
    run = runs.prepare(letters(room), operator="olga", reason="", fate=Fate.DELETED)
    first, second = (replace(run, operator=name, reason=f"{name}'s") for name in ("otto", "oscar"))
    assert [runs.start(first), runs.start(second)] == [True, False]
    assert (runs.repository.read(run.run_id).operator, runs.repository.read(run.run_id).reason) == (
        "otto",
        "otto's",
    )
    runs.carry_on(run.run_id, for_s=1.0)
    assert runs.repository.read(run.run_id).operator == "otto"
    [(_letter, verdict)] = room.queueing.dead_letters.archived_of(TASK)
    assert (verdict.operator, verdict.reason) == ("otto", "otto's")


def test_a_run_that_is_stopped_leaves_the_rest_as_it_is() -> None:
    room = dead_room(25)
    run = started(room)
    room.web.letter_runs.carry_on(run.run_id, for_s=1.0)
    assert room.web.letter_runs.stop(run.run_id, operator="otto", reason="wrong model")
    assert not room.web.letter_runs.stop(run.run_id, operator="otto", reason="wrong model")
    room.clock.sleep(200)
    assert room.queueing.sweep.run().carried_on == 0
    assert len(letters(room)) == 4
    assert phases(room)[-1] == ("dlq.stop", "ended")


def test_a_terminal_notices_that_its_run_was_stopped() -> None:
    room = dead_room(3)
    run = started(room, by=room.queueing)

    def stopped_after_the_first(seconds: float) -> None:
        room.clock.at += seconds
        room.web.letter_runs.stop(run.run_id, operator="otto", reason="wrong model")

    room.clock.sleep = stopped_after_the_first  # type: ignore[method-assign]
    progress = room.queueing.letter_runs.carry_out(run)
    assert 0 < progress.done < 3
    assert len(letters(room)) == 3 - progress.done
    ended = room.queueing.letter_runs.repository.ended(run.run_id)
    assert ended is not None
    assert (ended.done, ended.counts) == (progress.done, progress.counts)
    assert room.queueing.letter_runs.repository.under_way() == []


def test_stopping_an_ended_run_leaves_its_report_unchanged() -> None:
    room = dead_room(2)
    run = started(room)
    book = room.web.letter_runs.repository
    seen = book.progress(run.run_id)
    assert seen is not None
    room.web.letter_runs.carry_on(run.run_id, for_s=1.0)
    book.end(seen)
    ended = book.ended(run.run_id)
    assert ended is not None
    assert ended.done == 2


@pytest.mark.parametrize("fate", [Fate.DELETED, Fate.PURGED])
def test_many_are_archived_by_the_web_tier_and_taken_off_by_the_sweep(fate: Fate) -> None:
    room = dead_room(70)
    run = started(room, fate=fate)
    assert room.web.letter_runs.carry_on(run.run_id, for_s=1.0) == 70
    assert (letters(room), len(room.dead())) == ([], 70)
    room.queueing.sweep.run()
    assert (room.dead(), room.publisher.sent) == ([], [])
    assert {verdict.fate for _, verdict in room.queueing.dead_letters.archived_of(TASK)} == {fate}


def test_a_removal_cut_off_half_way_counts_each_letter_once() -> None:
    room = dead_room(3)
    run = started(room, fate=Fate.DELETED)
    room.queueing.letter_runs.replays.dead_letters.archive(
        letters(room)[0], room.queueing.letter_runs._verdict(run)
    )
    progress = room.queueing.letter_runs.carry_out(run)
    assert progress.counts == {ItemOutcome.ARCHIVED: 3}


def test_only_the_first_of_two_archivers_gets_the_letter() -> None:
    room = dead_room(1)
    first, second = started(room, fate=Fate.DELETED), started(room, fate=Fate.PURGED)
    assert room.queueing.letter_runs.carry_out(first).counts == {ItemOutcome.ARCHIVED: 1}
    assert room.queueing.letter_runs.carry_out(second).counts == {ItemOutcome.TAKEN: 1}


def test_who_confirms_in_the_same_moment_as_another_leaves_no_deed_that_never_ends() -> None:
    room = dead_room(2)
    runs = room.queueing.letter_runs
    run = runs.prepare(letters(room), operator="olga", reason="mended")
    begin = runs.repository.begin

    def beaten(mine: LetterRun) -> bool:
        begin(replace(mine, operator="otto"))
        return begin(mine)

    runs.repository.begin = beaten  # type: ignore[method-assign]
    assert runs.start(run) is False
    ended, begun = sorted(room.queueing.audit.read(days=1), key=lambda entry: entry.phase, reverse=True)
    assert (begun.operator, ended.operator, ended.outcome) == ("olga", "olga", {"taken": 2})


def removed(room: Room, *, fate: Fate = Fate.DELETED) -> LetterRun:
    run = started(room, by=room.queueing, fate=fate)
    room.queueing.letter_runs.carry_out(run)
    room.clock.sleep(1)
    return run


def restoration(room: Room, found: list[DeadLetter], *, operator: str = "otto") -> LetterRun:
    runs = room.queueing.letter_runs
    return runs.prepare(found, operator=operator, reason="too soon", fate=Fate.RESTORED)


@pytest.mark.parametrize("fate", [Fate.DELETED, Fate.PURGED])
def test_what_was_removed_is_restored_and_runs_as_the_next_generation(fate: Fate) -> None:
    room = dead_room(3)
    before = letters(room)
    removed(room, fate=fate)
    assert letters(room) == []

    runs = room.queueing.letter_runs
    assert runs.carry_out(restoration(room, before)).counts == {ItemOutcome.RESTORED: 3}

    assert [letter.task_id for letter in letters(room)] == [letter.task_id for letter in before]
    assert all(letter.restored_at for letter in letters(room))
    assert room.queueing.dead_letters.archived_of(TASK) == []
    assert runs.carry_out(runs.prepare(letters(room), operator="olga", reason="")).counts == {
        ItemOutcome.REPLAYED: 3
    }
    assert [message.generation for message in room.publisher.sent] == [2, 2, 2]
    assert ("dlq.restore", "ended") in phases(room)


def test_of_two_who_restore_one_letter_one_has_done_it() -> None:
    room = dead_room(1)
    before = letters(room)
    removed(room)
    runs, found = room.queueing.letter_runs, list[ItemOutcome]()
    olga, otto = (restoration(room, before, operator=name) for name in ("olga", "otto"))
    room.store.rival = lambda: found.append(runs._restore(olga, olga.items[0]))
    found.append(runs._restore(otto, otto.items[0]))
    assert found == [ItemOutcome.RESTORED, ItemOutcome.TAKEN]
    assert len(letters(room)) == 1


def test_what_was_restored_can_be_removed_again_and_stays_removed() -> None:
    room = dead_room(1)
    before = letters(room)
    removed(room)
    first = restoration(room, before)
    runs = room.queueing.letter_runs
    runs.carry_out(first)
    room.clock.sleep(1)
    again = removed(room)
    assert letters(room) == []
    ((_letter, verdict),) = room.queueing.dead_letters.archived_of(TASK)
    assert verdict.run_id == again.run_id
    # A restoration that was cut off and is carried on long afterwards is not about the second removal.
    assert runs._restore(first, first.items[0]) is ItemOutcome.TAKEN
    assert letters(room) == []


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("step", range(1, 9))
def test_a_restorer_killed_at_any_step_loses_nothing(step: int, *, lost: bool) -> None:
    room = dead_room(1)
    before = letters(room)
    removed(room)
    run = restoration(room, before)
    if room.killed(lambda: room.queueing.letter_runs.carry_out(run), step=step, lost=lost):
        room.clock.sleep(200)
        room.queueing.sweep.run()
        room.queueing.letter_runs.carry_out(run)
    assert len(letters(room)) == 1
    assert room.queueing.dead_letters.archived_of(TASK) == []


def test_what_was_run_again_since_or_belongs_to_a_deleted_review_is_not_restored() -> None:
    room = dead_room(2)
    before = sorted(letters(room), key=lambda letter: letter.task_id == TASK)
    removed(room)
    room.submit()
    room.queueing.results.delete(before[0].task_id)
    progress = room.queueing.letter_runs.carry_out(restoration(room, before))
    assert progress.counts == {ItemOutcome.GONE: 1, ItemOutcome.TAKEN: 1}
    assert letters(room) == []


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"run_id": 1}'])
def test_the_progress_of_one_run_that_cannot_be_read_does_not_hold_up_the_others(body: bytes) -> None:
    room = dead_room(2)
    room.store.objects["dead-letters/under-way/a1.json"] = body
    started(room)

    report = room.queueing.sweep.run()

    assert (report.carried_on, report.errors, letters(room)) == (2, 0, [])


def test_a_run_that_a_later_release_wrote_is_carried_on() -> None:
    room = dead_room(2)
    run = started(room)
    for key in (f"dead-letters/archive/runs/{run.run_id}.json", f"dead-letters/under-way/{run.run_id}.json"):
        room.store.objects[key] = room.store.objects[key].replace(b"{", b'{"later": 1,', 1)

    assert room.queueing.sweep.run().carried_on == 2


def test_an_order_that_cannot_be_read_says_so_with_its_key() -> None:
    room = dead_room(1)
    run = started(room)
    key = f"dead-letters/archive/runs/{run.run_id}.json"
    room.store.objects[key] = b'{"items": 3}'

    with pytest.raises(Damaged, match=key):
        room.web.letter_runs.repository.read(run.run_id)


def test_a_task_whose_record_is_damaged_does_not_keep_a_run_from_ending() -> None:
    room = dead_room(3)
    run = started(room)
    room.store.objects[f"celery-results/{TASK}.json"] = b"{"

    report = room.queueing.sweep.run()

    assert (report.carried_on, report.errors) == (3, 0)
    progress = room.queueing.letter_runs.repository.ended(run.run_id)
    assert progress is not None
    assert (progress.count(ItemOutcome.REPLAYED), progress.count(ItemOutcome.GONE)) == (2, 1)
    assert [letter.task_id for letter in letters(room)] == [TASK], "it waits for an operator"


def test_an_archived_letter_that_cannot_be_read_hides_no_other() -> None:
    room = dead_room(1)
    started(room)
    room.queueing.sweep.run()
    room.run(fail)
    started(room)
    room.queueing.sweep.run()
    archived = [key for key in room.store.objects if key.startswith(f"dead-letters/archive/analysis/{TASK}-")]
    assert len(archived) == len(room.queueing.dead_letters.archived_of(TASK)) == 2

    room.store.objects[archived[0]] = b"{"

    assert len(room.queueing.dead_letters.archived_of(TASK)) == 1
