"""Editing a dead letter submits another task; which arguments can be edited, and what the audit log has."""

import pytest

from core.clock import iso
from core.errors import AppError, Permanent
from core.queueing.editing import LetterEditing, arguments
from core.queueing.letter import DeadLetter, Fate, LetterVerdict
from core.queueing.letter_run import ItemOutcome
from core.queueing.results import TaskRecord
from tests.support.queueing import REQUEST, SESSION, TASK, Room, fail, other

ANOTHER = "44444444-4444-4444-8444-444444444444"


@pytest.fixture
def room() -> Room:
    made = Room()
    made.submit()
    made.run(fail)
    return made


def letter(room: Room) -> DeadLetter:
    (found,) = room.queueing.dead_letters.all()
    return found


def editing(room: Room) -> LetterEditing:
    def ask(session_id: str, section_id: str) -> TaskRecord:
        if session_id != SESSION:
            raise Permanent("session/not-found")
        return room.submit(other(REQUEST, int(section_id[1:])))

    queueing = room.queueing
    return LetterEditing(queueing.dead_letters, queueing.audit, ask, room.clock)


def test_another_section_is_asked_for_and_the_letter_archived(room: Room) -> None:
    record = editing(room).edit(letter(room), {"section_id": "s4"}, operator="olga", reason="moved")
    assert (record.section_id, record.generation) == ("s4", 1)
    assert room.record(TASK).generation == 1
    assert room.queueing.dead_letters.all() == []
    ((_, verdict),) = room.queueing.dead_letters.archived_of(TASK)
    assert (verdict.fate, verdict.operator, verdict.task_id) == (Fate.EDITED, "olga", record.task_id)
    room.queueing.sweep.run()
    assert room.dead() == []


def test_the_audit_log_has_the_arguments_before_and_after(room: Room) -> None:
    before = letter(room)
    record = editing(room).edit(before, {"section_id": "s4"}, operator="olga", reason="moved")
    entries = {entry.phase: entry for entry in room.queueing.audit.read(days=1)}
    after = {"session_id": SESSION, "section_id": "s4"}
    assert entries["begun"].about == {"before": arguments(before), "after": after}
    assert entries["begun"].items == [f"{TASK}-1"]
    assert entries["ended"].about["task_id"] == record.task_id


def test_only_the_first_of_two_edits_of_a_letter_is_carried_out(room: Room) -> None:
    same = letter(room)
    editing(room).edit(same, {"section_id": "s4"}, operator="olga", reason="")
    with pytest.raises(Permanent, match="letters/taken"):
        editing(room).edit(same, {"section_id": "s5"}, operator="otto", reason="")
    assert len(room.publisher.sent) == 2


def test_an_edit_and_a_replay_of_one_letter_run_only_one_of_them(room: Room) -> None:
    same, runs = letter(room), room.queueing.letter_runs
    edited_first = runs.prepare([same], operator="otto", reason="")
    editing(room).edit(same, {"section_id": "s4"}, operator="olga", reason="")
    assert runs.carry_out(edited_first).counts == {ItemOutcome.TAKEN: 1}
    assert room.record(TASK).generation == 1

    room.submit(other(REQUEST, 7))
    room.run(fail)
    same = letter(room)
    replayed_first = runs.prepare([same], operator="otto", reason="")
    runs.carry_out(replayed_first)
    with pytest.raises(Permanent, match="letters/taken"):
        editing(room).edit(same, {"section_id": "s5"}, operator="olga", reason="")
    assert room.record(same.task_id).generation == 2
    ended = [deed.outcome for deed in room.queueing.audit.read(days=1) if deed.phase == "ended"]
    assert {"refused: letters/taken": 1} in ended


def test_an_editor_killed_before_the_task_was_asked_for_leaves_a_letter_that_can_be_restored(
    room: Room,
) -> None:
    same, run_of = letter(room), room.queueing.letter_runs
    verdict = LetterVerdict(Fate.EDITED, "olga", "", iso(room.clock.now()))
    assert room.queueing.dead_letters.archive(same, verdict)
    run = run_of.prepare([same], operator="otto", reason="killed", fate=Fate.RESTORED)
    assert run_of.carry_out(run).counts == {ItemOutcome.RESTORED: 1}
    assert len(room.queueing.dead_letters.all()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"generation": "7"}, "generation cannot be edited"),
        ({"owner": "mallory", "section_id": "s4"}, "owner cannot be edited"),
        ({"section_id": "../s4"}, "not the shape"),
        ({"session_id": "here"}, "not the shape"),
        ({"section_id": "s1"}, "Nothing is changed"),
        ({}, "Nothing is changed"),
    ],
)
def test_only_what_a_task_is_about_can_be_edited(room: Room, changes: dict[str, str], words: str) -> None:
    with pytest.raises(Permanent, match=words) as refused:
        editing(room).edit(letter(room), changes, operator="olga", reason="")
    assert refused.value.code == "task/not-editable"
    assert (len(room.queueing.dead_letters.all()), room.queueing.audit.read(days=1)) == (1, [])


def test_what_is_no_task_cannot_be_edited(room: Room) -> None:
    room.queues.send("aiprism-analysis-dlq", "junk", attributes={})
    room.queueing.sweep.run()
    junk = next(found for found in room.queueing.dead_letters.all() if not found.is_task)
    assert arguments(junk) == {}
    with pytest.raises(Permanent, match="this letter is none"):
        editing(room).edit(junk, {"section_id": "s4"}, operator="olga", reason="")


def test_where_it_cannot_be_asked_for_the_letter_stays(room: Room) -> None:
    with pytest.raises(AppError, match="session/not-found"):
        editing(room).edit(letter(room), {"session_id": ANOTHER}, operator="olga", reason="")
    assert len(room.queueing.dead_letters.all()) == 1
    editing(room).edit(letter(room), {"section_id": "s4"}, operator="olga", reason="")
    assert room.queueing.dead_letters.all() == []
