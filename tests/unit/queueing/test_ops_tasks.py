"""`workers`, `queues`, `tasks list`, `tasks show`: output and exit codes."""

import json
import time
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.clock import ScriptedClock
from core.errors import Permanent, Transient
from core.operations.formatting import age
from core.ops.__main__ import make_parser
from core.queueing.lifecycle import TaskContext
from core.queueing.workers import HeldDelivery, WorkerIdentity
from tests.support.queueing import REQUEST, SESSION, SETTINGS, TASK, Room, other, succeed


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def room() -> Room:
    """With the real time: the commands go by it."""
    return Room(ScriptedClock(at=time.time()))


def run(room: Room, *words: str) -> int:
    options: Namespace = make_parser().parse_args(words)
    return int(options.command(options, SETTINGS, room.queueing))


def read(room: Room, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    run(room, *words, "--json")
    return json.loads(capsys.readouterr().out)


def fail(_context: TaskContext) -> dict[str, Any]:
    raise Permanent("model/rejected", "The scripted model refused.")


def paid(context: TaskContext) -> dict[str, Any]:
    context.attempts.claim("model-a")
    context.attempts.answered("model-a", {"quota_tokens": 1200, "cost_usd": 0.0123, "content": "SECRET"})
    return {"feedback": [{}, {}], "model_used": "Model A", "model_id": "model-a", "cost_usd": 0.0123}


def worker_lives(room: Room, *queues: str, age_s: float = 0, held: tuple[HeldDelivery, ...] = ()) -> None:
    room.clock.at -= age_s
    identity = WorkerIdentity("w1-of-the-tests", "host-7", 41, "2026-11-21T10:00:00.000Z", queues=queues)
    room.queueing.workers.renew(identity, held)
    room.clock.at += age_s


def test_a_queue_without_a_worker_needs_attention(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    worker_lives(room, "analysis", "monitoring")
    assert run(room, "workers") == 1
    assert "Nobody works on chat" in capsys.readouterr().out
    worker_lives(room, "analysis", "monitoring", "chat")
    assert run(room, "workers") == 0
    assert "1 worker at work." in capsys.readouterr().out


def test_a_worker_is_shown_with_what_it_runs(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    room.submit()
    held = (HeldDelivery(TASK, "d1", "2026-11-21T10:00:05.000Z"), HeldDelivery("monitoring", "d2"))
    worker_lives(room, "analysis", "monitoring", "chat", held=held)
    run(room, "workers")
    text = capsys.readouterr().out
    for part in (
        "host-7",
        "41",
        "analysis,monitoring,chat",
        "at work",
        TASK,
        SESSION,
        "s1",
        "about to start",
    ):
        assert part in text
    (worker,) = read(room, capsys, "workers")["workers"]
    assert worker["holds"][0]["running_since"] == "2026-11-21T10:00:05.000Z"
    assert worker["version"]


def test_a_silent_worker_needs_attention(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    worker_lives(room, "analysis", "monitoring", "chat", age_s=60)
    assert run(room, "workers") == 1
    assert "silent" in capsys.readouterr().out


def test_queues_show_the_age_of_the_oldest_work(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    room.clock.at -= 200
    room.submit()
    room.clock.at += 200
    rows = {row["queue"]: row for row in read(room, capsys, "queues")["queues"]}
    assert 200 <= rows["analysis"]["oldest_age_s"] < 230
    assert (rows["analysis"]["unreleased"], rows["chat"]["oldest_age_s"]) == (0, None)
    run(room, "queues")
    assert "3 min" in capsys.readouterr().out


def test_tasks_are_listed_and_a_failed_one_needs_attention(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    room.submit()
    room.run(paid)
    assert run(room, "tasks", "list") == 0
    text = capsys.readouterr().out
    assert "completed" in text
    assert "model-a" in text
    room.clock.sleep(1)
    room.submit(other(REQUEST, 2))
    room.run(fail)
    assert run(room, "tasks", "list") == 1
    assert "model/rejected" in capsys.readouterr().out
    assert run(room, "tasks", "list", "--state", "completed") == 0


def test_work_that_nobody_has_touched_is_listed_as_queued(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    room.submit()
    (task,) = read(room, capsys, "tasks", "list")["tasks"]
    assert (task["task_id"], task["status"]) == (TASK, "queued")
    assert read(room, capsys, "tasks", "list", "--state", "failed")["tasks"] == []
    assert read(room, capsys, "tasks", "list", "--session", "another")["tasks"] == []
    room.run(succeed)
    (task,) = read(room, capsys, "tasks", "list")["tasks"]
    assert task["status"] == "completed"


def test_a_list_is_no_longer_than_asked_for(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(1, 4):
        room.submit(other(REQUEST, number))
        room.clock.sleep(1)
    tasks = read(room, capsys, "tasks", "list", "--limit", "2")["tasks"]
    assert [task["section_id"] for task in tasks] == ["s3", "s2"]


@pytest.mark.parametrize("words", [["--since", "yesterday"], ["--limit", "0"], ["--state", "lost"]])
def test_what_cannot_be_asked_is_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        make_parser().parse_args(["tasks", "list", *words])
    assert ended.value.code == 2


def test_a_task_is_told_with_its_calls_and_never_with_their_text(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    room.submit()
    room.run(paid)
    assert run(room, "tasks", "show", TASK) == 0
    text = capsys.readouterr().out
    for part in (
        "accepted",
        "taken by worker w1",
        "run 1, call 1 of model-a: answered",
        "1200 quota tokens, $0.0123",
        "completed: 2 findings, Model A",
    ):
        assert part in text
    assert "SECRET" not in text
    assert "SECRET" not in json.dumps(read(room, capsys, "tasks", "show", TASK))


def test_the_story_of_a_failure_has_its_dead_letter_and_what_came_before(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    room.submit()
    room.run(fail)
    assert run(room, "tasks", "show", TASK) == 1
    text = capsys.readouterr().out
    assert "failed: model/rejected: The scripted model refused." in text
    assert "put into the dead letters" in text
    (letter,) = read(room, capsys, "tasks", "show", TASK)["dead_letters"]
    assert TASK in letter
    room.submit()
    run(room, "tasks", "show", TASK)
    text = capsys.readouterr().out
    assert "failed in generation 1 model/rejected" in text
    assert "accepted again" in text
    assert "released" in text


def test_the_story_of_a_replay_leads_to_who_asked_for_it(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    room.submit()
    room.run(fail)
    assert read(room, capsys, "tasks", "show", TASK)["replay"] is None
    runs = room.queueing.letter_runs
    order = runs.prepare(room.queueing.dead_letters.all(), operator="olga", reason="mended")
    runs.carry_out(order)
    assert read(room, capsys, "tasks", "show", TASK)["replay"] == order.run_id
    run(room, "tasks", "show", TASK)
    assert f"accepted again: dlq report {order.run_id}" in capsys.readouterr().out


def test_a_waiting_task_says_for_what(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    def unavailable(context: TaskContext) -> dict[str, Any]:
        context.attempts.claim("model-a")
        context.attempts.failed("model-a", "ThrottlingException")
        raise Transient("model/unavailable")

    room.submit()
    room.run(unavailable)
    assert run(room, "tasks", "show", TASK) == 0
    assert "run 1, call 1 of model-a: ThrottlingException" in capsys.readouterr().out


@pytest.mark.parametrize("task", ["99999999-9999-4999-8999-999999999999", "../limiter/state"])
def test_an_unknown_task_is_code_2(room: Room, task: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(room, "tasks", "show", task) == 2
    assert "no task of this id" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (273_600, "3 d 4 h")],
)
def test_ages_are_in_two_units(seconds: float, words: str) -> None:
    assert age(seconds) == words
