"""`dlq` commands: options, output, confirmations, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.aws.sqs import QueueDepth
from core.errors import Permanent, Transient
from core.ops.exit_codes import WrongUsage
from core.queueing.letter import Fate
from core.queueing.lifecycle import TaskContext
from tests.support.envelopes import envelope
from tests.support.letter_desk import DEAD, RAW, SECOND, WHY, Operator
from tests.support.queueing import SESSION, TASK, Room, succeed

pytestmark = pytest.mark.usefixtures("quiet")


def test_without_dead_letters_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    nobody = Operator(Room(), capsys)
    assert nobody.types("list").startswith("No dead letters")
    assert nobody.code == 0
    assert nobody.types("groups").startswith("No dead letters")
    assert nobody.code == 0


def test_a_letter_is_listed_with_what_a_person_needs(operator: Operator) -> None:
    text = operator.types("list")
    assert operator.code == 1
    for part in (TASK, SESSION, "s1", "analysis", "dead", "model/rejected: The scripted model refused."):
        assert part in text
    assert "task/unreadable: The message is not one of ours: not an envelope." in text
    assert "never run" in text
    assert "3 dead letters. The next step of those with a session" in text


def test_a_page_has_the_cursor_of_the_next_one(operator: Operator) -> None:
    first = operator.asks("list", "--limit", "2")
    rest = operator.asks("list", "--limit", "2", "--after", first["next"])
    assert (len(first["dead_letters"]), len(rest["dead_letters"]), rest["next"]) == (2, 1, None)
    assert first["indexed"]["analysis"] == 3
    assert "There are more (3 in all): --after" in operator.types("list", "--limit", "2")
    with pytest.raises(WrongUsage, match="--after"):
        operator.types("list", "--after", "the rest")


def test_letters_are_found_by_their_age(operator: Operator) -> None:
    operator.room.clock.sleep(3600)
    assert len(operator.asks("list", "--older-than", "30m")["dead_letters"]) == 3
    assert operator.asks("list", "--newer-than", "30m")["dead_letters"] == []
    assert operator.code == 0
    assert "No dead letter fits." in operator.types("list", "--newer-than", "30m")
    assert " 1 h " in operator.types("list")


def test_messages_the_index_does_not_know_are_counted(operator: Operator) -> None:
    operator.room.queues.send(DEAD, "moved by SQS", attributes={})
    assert operator.asks("list")["not_in_index"] == {"analysis": 1, "chat": 0, "monitoring": 0}
    assert "1 more message in the dead-letter queue of analysis" in operator.types("list")


def test_the_list_needs_no_queue(operator: Operator) -> None:
    def gone(name: str) -> QueueDepth:
        raise Transient("queue/unavailable")

    operator.room.queues.depth = gone  # type: ignore[method-assign]
    assert operator.asks("list")["not_in_index"] == {"analysis": None, "chat": None, "monitoring": None}
    assert operator.code == 1
    assert "SQS does not answer about analysis" in operator.types("list")
    assert "cannot be counted" in operator.types("groups")


def test_groups_count_messages_that_are_not_indexed_yet(capsys: pytest.CaptureFixture[str]) -> None:
    someone = Operator(Room(), capsys)
    someone.room.queues.send(DEAD, "moved by SQS", attributes={})
    assert "1 more message" in someone.types("groups")
    assert someone.code == 1


def test_groups_are_counted(operator: Operator) -> None:
    found = operator.asks("groups")["groups"]
    assert [(group["count"], group["example"]["code"]) for group in found] == [
        (2, "model/rejected"),
        (1, "task/unreadable"),
    ]
    assert "model/rejected: The scripted model refused." in operator.types("groups")


def test_one_letter_is_shown_with_its_envelope_and_its_task(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    room.submit()
    body = envelope(room.publisher.sent[0])
    room.queues.send(DEAD, body, attributes={})
    room.queueing.sweep.run()
    someone = Operator(room, capsys)
    found = someone.asks("show", TASK)
    (letter,) = found["letters"]
    assert letter["envelope"]["payload"][1] == room.publisher.sent[0].arguments
    assert (letter["raw"], letter["where"]) == (body, "in the index, its message in analysis-dlq")
    assert (found["task"]["status"], found["task"]["generation"]) == ("FAILURE", 1)
    assert "generation 1" in someone.types("show", TASK)
    assert someone.asks("show", "nobody")["letters"] == []
    assert someone.code == 3


def test_a_foreign_message_is_shown_raw_without_moving_the_cursor(operator: Operator) -> None:
    assert operator.asks("show", "message-3")["letters"][0]["raw"] == RAW
    assert "\x1b" not in operator.types("show", "message-3")
    assert "\x1b" not in operator.types("list")


def test_many_are_replayed_only_when_it_is_said(operator: Operator) -> None:
    told = operator.types("replay", "--code", "model/")
    assert (operator.code, len(operator.room.publisher.sent)) == (0, 2)
    assert (
        "Dry run: this would replay 2 dead letters. At 20 a minute in analysis: less than a minute." in told
    )
    assert operator.asks("replay", "--code", "model/")["dry_run"] is True
    done = operator.asks("replay", "--code", "model/", "--execute", "--reason", "model mended")
    assert (operator.code, done["outcome"]) == (0, {"replayed": 2})
    assert [message.generation for message in operator.room.publisher.sent] == [1, 1, 2, 2]
    assert operator.ids == ["message-3"]


def test_a_single_named_letter_is_replayed_without_execute(operator: Operator) -> None:
    operator.types("replay", TASK, "--dry-run")
    assert len(operator.room.publisher.sent) == 2
    assert "1 replayed." in operator.types("replay", TASK, *WHY)
    assert len(operator.room.publisher.sent) == 3
    operator.types("replay", TASK, *WHY)
    assert operator.code == 3


def test_who_names_a_letter_that_is_none_is_told(operator: Operator) -> None:
    operator.types("replay", TASK, "nobody", "--execute", *WHY)
    assert operator.code == 0
    assert "dealt with already: nobody" in operator.stderr


def test_where_it_failed_is_shown_without_a_word_of_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    def break_down(_context: TaskContext) -> dict[str, Any]:
        try:
            raise ValueError("words of a document")
        except ValueError as error:
            raise Permanent("task/unexpected") from error

    someone = Operator(Room(), capsys)
    someone.room.submit()
    someone.room.run(break_down)
    text = someone.types("show", TASK)
    assert "trace    ValueError" in text
    assert "test_ops_dead_letters.py" in text
    assert "words of a document" not in text


def test_replaying_a_task_that_its_user_has_just_run_again_exits_with_4(operator: Operator) -> None:
    operator.room.store.rival = lambda: operator.room.submit()
    text = operator.types("replay", TASK, *WHY)
    assert operator.code == 4
    assert "had been dealt with already" in text
    assert len(operator.room.publisher.sent) == 3


def test_nothing_named_is_not_everything(operator: Operator) -> None:
    with pytest.raises(WrongUsage, match="--all"):
        operator.types("replay", "--execute")
    with pytest.raises(WrongUsage, match="--all"):
        operator.types("delete", "--reason", "tidy", "--execute")
    assert operator.asks("replay", "--all", "--execute", *WHY)["outcome"] == {"replayed": 2}


def test_what_is_no_task_is_never_run(operator: Operator) -> None:
    assert "never run" in operator.types("replay", "message-3")
    assert operator.code == 3


def test_an_interrupted_replay_can_be_continued_and_reported(operator: Operator) -> None:
    run_id = operator.asks("replay", "--code", "model/", "--execute", *WHY)["run_id"]
    assert operator.asks("replay", "--run", run_id)["outcome"] == {"replayed": 2}
    assert len(operator.room.publisher.sent) == 4
    operator.room.run(succeed)
    assert "2 selected by" in operator.types("report", run_id)
    assert operator.code == 1
    operator.room.run(succeed, operator.room.delivery(operator.room.publisher.sent[2]))
    assert operator.asks("report", run_id)["counts"] == {"succeeded": 2}
    assert operator.code == 0


def test_a_run_under_way_is_listed_and_can_be_stopped(operator: Operator) -> None:
    assert operator.types("runs").startswith("No replay or removal is under way")
    assert operator.code == 0
    runs = operator.room.queueing.letter_runs
    run = runs.prepare(operator.room.queueing.dead_letters.all(), operator="olga", reason="model mended")
    runs.start(run)
    (listed,) = operator.asks("runs")["under_way"]
    assert (listed["run_id"], listed["done"], listed["selected"]) == (run.run_id, 0, 2)
    assert operator.code == 1
    assert "0 of 2 are done" in operator.types("report", run.run_id)
    assert "Stopped after 0 of 2 letters" in operator.types("stop", run.run_id, "--reason", "wrong model")
    assert "not under way" in operator.types("stop", run.run_id, "--reason", "wrong model")
    assert operator.code == 3
    assert len(operator.room.publisher.sent) == 2


def test_a_removal_is_no_replay_and_can_be_gone_on_with(operator: Operator) -> None:
    runs = operator.room.queueing.letter_runs
    letters = operator.room.queueing.dead_letters.all()
    run = runs.prepare(letters, operator="olga", reason="tidy", fate=Fate.DELETED)
    runs.start(run)
    assert "3 archived and removed." in operator.types("replay", "--run", run.run_id)
    assert (operator.code, operator.ids) == (0, [])
    with pytest.raises(WrongUsage, match="was no replay"):
        operator.types("report", run.run_id)


def test_a_dry_run_that_nobody_has_confirmed_is_not_gone_on_with(operator: Operator) -> None:
    queueing = operator.room.queueing
    letters = queueing.dead_letters.all()
    run = queueing.letter_runs.prepare(letters, operator="olga", reason="", fate=Fate.PURGED)
    with pytest.raises(WrongUsage, match="nobody has confirmed"):
        operator.types("replay", "--run", run.run_id)
    assert (queueing.dead_letters.all(), queueing.audit.read(days=1)) == (letters, [])


@pytest.mark.parametrize("words", [["--edit", "section_id=s4"], [TASK, SECOND, "--edit", "section_id=s4"]])
def test_one_letter_at_a_time_is_edited(operator: Operator, words: list[str]) -> None:
    with pytest.raises(WrongUsage, match="one letter"):
        operator.types("replay", *words, "--reason", "moved")


def test_an_edit_is_shown_before_it_is_made(operator: Operator) -> None:
    words = ["replay", TASK, "--edit", "section_id=s4", "--dry-run"]
    assert "s4   (was s1)" in operator.types(*words)
    assert operator.asks(*words)["after"]["section_id"] == "s4"
    with pytest.raises(WrongUsage, match="no dead letter nobody"):
        operator.types("replay", "nobody", "--edit", "section_id=s4", "--reason", "moved")
    with pytest.raises(SystemExit):
        operator.types("replay", TASK, "--edit", "s4", "--reason", "moved")


def test_a_finished_replay_is_not_begun_again_and_says_what_it_did(operator: Operator) -> None:
    run_id = operator.asks("replay", "--code", "model/", "--execute", *WHY)["run_id"]
    for task_id in (TASK, SECOND):
        operator.room.queueing.results.delete(task_id)
    told = operator.types("replay", "--run", run_id)
    assert "2 replayed" in told
    assert operator.code == 0


def test_a_letter_whose_review_was_deleted_is_left_to_dlq_delete(operator: Operator) -> None:
    operator.room.queueing.results.delete(TASK)
    assert "dlq delete" in operator.types("replay", TASK, *WHY)
    assert operator.code == 1


def test_an_export_is_json_with_the_envelopes(operator: Operator, tmp_path: Path) -> None:
    found = json.loads(operator.types("export"))
    assert (operator.code, len(found)) == (0, 3)
    assert RAW in [letter["body"] for letter in found]
    operator.types("export", "--code", "model/", "--output", str(tmp_path / "letters.json"))
    assert len(json.loads((tmp_path / "letters.json").read_text())) == 2
    assert json.loads(operator.types("export", "--session", "none")) == []
    assert operator.code == 3


@pytest.mark.parametrize("name", ["", "missing/letters.json"])
def test_an_export_that_cannot_be_written_says_so(operator: Operator, tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUsage, match="cannot be written"):
        operator.types("export", "--output", str(tmp_path / name))


def test_the_audit_says_who_did_what_and_why(operator: Operator) -> None:
    operator.types("replay", TASK, "--operator", "olga", "--reason", "model mended")
    operator.types("delete", SECOND, "--operator", "otto", "--reason", "a test document")
    entries = operator.asks("audit")["deeds"]
    assert {(entry["action"], entry["operator"], entry["reason"]) for entry in entries} == {
        ("dlq.replay", "olga", "model mended"),
        ("dlq.delete", "otto", "a test document"),
    }
    assert f"{SECOND}-1" in [item for entry in entries for item in entry["items"]]
    assert "a test document" in operator.types("audit")


def test_somebody_is_always_named(operator: Operator) -> None:
    operator.types("replay", TASK, *WHY)
    assert all(entry["operator"] for entry in operator.asks("audit")["deeds"])


def test_a_run_whose_order_cannot_be_read_is_listed_and_can_be_stopped(operator: Operator) -> None:
    runs, letters = operator.room.queueing.letter_runs, operator.room.queueing.dead_letters.all()[:1]
    whole, broken = (
        runs.prepare(letters, operator="olga", reason="again", fate=Fate.REPLAYED) for _ in range(2)
    )
    for run in (whole, broken):
        runs.repository.begin(run)
    operator.room.store.objects[f"dead-letters/archive/runs/{broken.run_id}.json"] = b"{"

    listed = {one["run_id"]: one for one in operator.asks("runs")["under_way"]}

    assert set(listed) == {whole.run_id, broken.run_id}
    assert broken.run_id in listed[broken.run_id]["reason"], "the key of the record"
    assert "Stopped after 0" in operator.types("stop", broken.run_id, "--reason", "damaged")
    assert [one["run_id"] for one in operator.asks("runs")["under_way"]] == [whole.run_id]
