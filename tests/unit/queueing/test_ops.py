"""What operators see, in words and in JSON, and the exit codes that scripts go by."""

import argparse
import json
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from core.errors import Permanent
from core.ops.__main__ import main
from core.ops.dead_letters import list_dead_letters
from core.ops.queues import show_queues
from core.ops.sweeping import sweep
from core.queueing.lifecycle import TaskContext
from tests.support.queueing import SESSION, SETTINGS, TASK, Room


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The command line logs to stderr; here nothing has configured that."""
    with capture_logs():
        yield


def options(*, json: bool = False, now: bool = False) -> argparse.Namespace:
    return argparse.Namespace(json=json, now=now)


def failed_room() -> Room:
    def fail(_context: TaskContext) -> dict[str, object]:
        raise Permanent("model/rejected", "The scripted model refused.")

    room = Room()
    room.submit()
    room.run(fail)
    return room


def test_without_dead_letters_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert list_dead_letters(options(), SETTINGS, Room().queueing) == 0
    assert capsys.readouterr().out.startswith("No dead letters")


def test_a_dead_letter_is_listed_with_what_a_person_needs(capsys: pytest.CaptureFixture[str]) -> None:
    room = failed_room()
    assert list_dead_letters(options(), SETTINGS, room.queueing) == 1
    text = capsys.readouterr().out
    for part in (
        TASK,
        SESSION,
        "s1",
        "analysis",
        "model/rejected: The scripted model refused.",
        "1 dead letter.",
    ):
        assert part in text


def test_messages_the_index_does_not_know_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    room = failed_room()
    room.queues.send("aiprism-analysis-dlq", "moved by SQS", attributes={})
    assert list_dead_letters(options(json=True), SETTINGS, room.queueing) == 1
    listed = json.loads(capsys.readouterr().out)
    assert listed["not_in_index"] == {"analysis": 1, "chat": 0, "monitoring": 0}
    assert listed["dead_letters"][0]["task_id"] == TASK
    list_dead_letters(options(), SETTINGS, room.queueing)
    assert "1 more message in the dead-letter queue of analysis" in capsys.readouterr().out


def test_a_letter_of_no_session_is_not_sent_to_a_page_that_does_not_exist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    room = Room()
    room.queues.send("aiprism-analysis-dlq", "hello", attributes={"unreadable": "not an envelope"})
    room.queueing.sweep.run()
    list_dead_letters(options(), SETTINGS, room.queueing)
    text = capsys.readouterr().out
    assert "task/unreadable: The message is not one of ours: not an envelope." in text
    assert text.endswith("\n1 dead letter.\n")


def test_the_next_step_is_named_where_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    room = failed_room()
    list_dead_letters(options(), SETTINGS, room.queueing)
    assert "1 dead letter. The next step of each is in its section" in capsys.readouterr().out
    room.queues.send("aiprism-analysis-dlq", "hello", attributes={"unreadable": "not an envelope"})
    room.queueing.sweep.run()
    list_dead_letters(options(), SETTINGS, room.queueing)
    assert "2 dead letters. The next step of those with a session" in capsys.readouterr().out


def test_queues_show_what_waits_and_what_is_dead(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_queues(options(json=True), SETTINGS, Room().queueing) == 0
    capsys.readouterr()
    assert show_queues(options(json=True), SETTINGS, failed_room().queueing) == 1
    rows = {row["queue"]: row for row in json.loads(capsys.readouterr().out)["queues"]}
    assert (rows["analysis"]["dead_letters"], rows["chat"]["dead_letters"]) == (1, 0)


def test_a_sweep_by_hand_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    room.submit()
    assert sweep(options(), SETTINGS, room.queueing) == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert sweep(options(now=True), SETTINGS, room.queueing) == 0
    assert "1  sent again" in capsys.readouterr().out
    assert len(room.publisher.sent) == 2


def test_a_sweep_that_left_something_out_needs_attention(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    room.submit()
    room.publisher.down = True
    assert sweep(options(json=True, now=True), SETTINGS, room.queueing) == 1
    assert json.loads(capsys.readouterr().out)["errors"] == 1


@pytest.mark.parametrize("arguments", [[], ["dlq"], ["dlq", "burn"], ["sweep", "--later"]])
def test_wrong_usage_is_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_wrong_settings_are_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SQS_WAIT_TIME_S", "soon")
    assert main(["queues"]) == 2
    assert "SQS_WAIT_TIME_S" in capsys.readouterr().err
