"""Operators' commands: output for people and as JSON, and exit codes."""

import argparse
import json
import sys
from pathlib import Path

import pytest

from core.ops.__main__ import carried_out, main
from core.ops.queues import show_queues
from core.ops.sweeping import WORDS, sweep
from core.ops.tasks import list_tasks
from core.queueing.sweep import SweepReport
from tests.support.queueing import REQUEST, SETTINGS, Room, fail, other

pytestmark = pytest.mark.usefixtures("quiet")


def options(*, json: bool = False, now: bool = False) -> argparse.Namespace:
    return argparse.Namespace(json=json, now=now, operator="olga", reason="all workers are dead")


def failed_room() -> Room:
    room = Room()
    room.submit()
    room.run(fail)
    return room


def test_queues_show_what_waits_and_what_is_dead(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_queues(options(json=True), SETTINGS, Room().queueing) == 0
    capsys.readouterr()
    assert show_queues(options(json=True), SETTINGS, failed_room().queueing) == 1
    rows = {row["queue"]: row for row in json.loads(capsys.readouterr().out)["queues"]}
    assert (rows["analysis"]["dead_letters"], rows["chat"]["dead_letters"]) == (1, 0)


def test_queues_name_the_oldest_task_released_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    first = room.submit()
    room.clock.at += 60
    room.submit(other(REQUEST, 2))
    show_queues(options(json=True), SETTINGS, room.queueing)
    row = json.loads(capsys.readouterr().out)["queues"][0]
    assert row["oldest_task"] == first.task_id


def test_a_long_queue_is_listed_by_reading_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    for number in range(40):
        room.clock.at += 1
        room.submit(other(REQUEST, number))
    reads: list[str] = []
    get = room.store.get
    room.store.get = lambda key: reads.append(key) or get(key)  # type: ignore[method-assign,func-returns-value,assignment]

    wanted = {"state": "queued", "queue": "", "session": "", "since": 86_400.0, "limit": 5}
    assert list_tasks(argparse.Namespace(json=True, **wanted), SETTINGS, room.queueing) == 0

    shown = [task["task_id"] for task in json.loads(capsys.readouterr().out)["tasks"]]
    assert (len(shown), len(reads) <= 10) == (5, True)


def test_a_sweep_by_hand_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    room.submit()
    assert sweep(options(), SETTINGS, room.queueing) == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert sweep(options(now=True), SETTINGS, room.queueing) == 0
    assert "1  sent again" in capsys.readouterr().out
    assert len(room.publisher.sent) == 2


def test_a_sweep_by_hand_is_in_the_audit() -> None:
    room = Room()
    sweep(options(json=True, now=True), SETTINGS, room.queueing)
    (deed,) = room.queueing.audit.read(days=1)
    assert (deed.action, deed.operator, deed.reason) == ("ops.sweep", "olga", "all workers are dead")
    assert deed.about == {"everything": True}


def test_a_sweep_has_words_for_whatever_it_can_report() -> None:
    assert WORDS.keys() == vars(SweepReport()).keys()


def test_a_sweep_that_left_something_out_needs_attention(capsys: pytest.CaptureFixture[str]) -> None:
    room = Room()
    room.submit()
    room.publisher.down = True
    assert sweep(options(json=True, now=True), SETTINGS, room.queueing) == 1
    assert json.loads(capsys.readouterr().out)["errors"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dlq"],
        ["dlq", "burn"],
        ["dlq", "list", "--older-than", "soon"],
        ["sweep", "--later"],
    ],
)
def test_wrong_usage_is_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_wrong_settings_are_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SQS_WAIT_TIME_S", "soon")
    monkeypatch.delenv("MESSAGE_KEYS", raising=False)
    assert main(["queues"]) == 2
    told = capsys.readouterr().err
    assert "SQS_WAIT_TIME_S" in told
    assert "MESSAGE_KEYS" in told


@pytest.mark.parametrize("flush", [True, False])
def test_a_command_whose_words_could_not_be_written_is_not_taken_for_one_that_did_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flush: bool
) -> None:
    def command() -> int:
        print("6 replayed", flush=flush)
        return 0

    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert carried_out(command) == 2

    said = capsys.readouterr().err
    assert "could not be written: No space left on device" in said
    assert "Look before you type it again" in said


def test_a_command_without_any_output_is_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert carried_out(lambda: print("6 replayed") or 1) == 1  # type: ignore[func-returns-value]
    monkeypatch.undo()
