"""`limits`: output and exit codes."""

import json
from dataclasses import dataclass

import pytest

from core.aws.object_store import put_json
from core.clock import SystemClock
from core.errors import Throttled
from core.models.registry import load_registry
from core.ops.__main__ import make_parser
from core.ops.exit_codes import WrongUsage
from core.throttling.state import Health, LimiterState, Request
from core.throttling.store import STATE_KEY
from tests.support.queueing import SETTINGS, Room

FIRST, SECOND, THIRD, *OTHERS = (model.id for model in load_registry().models)
# Fifty-some minutes, however long the test takes.
LATER_S = 3_500


@dataclass
class Shown:
    code: int
    text: str


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]):
    """The command's code and output in a room with this state."""

    def show(*words: str, room: Room | None = None, **state) -> Shown:
        room = room or Room()
        if state:
            put_json(room.store, STATE_KEY, LimiterState(at=SystemClock().now(), **state).to_dict())
        options = make_parser().parse_args(["limits", *words])
        code = options.command(options, SETTINGS, room.queueing)
        return Shown(code, capsys.readouterr().out)

    return show


def rows(text: str) -> dict[str, str]:
    return {line.split()[0]: line for line in text.splitlines() if line}


def test_before_anything_was_asked_every_model_is_ready(shown) -> None:
    told = shown()
    assert told.code == 0
    models = 3 + len(OTHERS)
    assert told.text.count(" ready\n") == models
    assert f"{models} of {models} models can be called." in told.text


def test_people_see_what_is_used_of_what_and_how_each_model_is(shown) -> None:
    until = SystemClock().now() + LATER_S
    told = shown(
        requests=(Request(SystemClock().now(), FIRST, "analysis", 700, "a lease"),),
        health={
            FIRST: Health(cool_until=until),
            SECOND: Health(dead_until=until, dead_reason="gone"),
            THIRD: Health(open_until=until, failures=10),
        },
    )
    assert told.code == 0
    found = rows(told.text)
    assert "cooling: it was throttled, 5" in found[FIRST]
    assert "700" in found[FIRST]
    assert "dead (gone), 5" in found[SECOND]
    assert "breaker open: it failed too often, 5" in found[THIRD]
    assert found["tokens"].split() == ["tokens", "700", "180000"]
    assert found["calls"].split()[-1] == "15"
    assert "requests of analysis  1       20" in told.text


def test_programs_get_the_same_as_json(shown) -> None:
    until = SystemClock().now() + LATER_S
    told = json.loads(shown("--json", health={FIRST: Health(cool_until=until)}).text)
    assert (told["usable"], told["requests"], told["tokens"], told["slots"], told["tickets"]) == (
        True,
        0,
        0,
        0,
        0,
    )
    assert told["limits"] == {
        "window_s": 60.0,
        "requests": 60,
        "tokens": 180_000,
        "slots": 15,
        "queues": {"analysis": 20, "chat": 30},
    }
    first, second = told["models"][:2]
    assert (first["model_id"], first["state"], first["until"][:2]) == (FIRST, "cooling", "20")
    assert (second["state"], second["until"]) == ("ready", None)


def test_without_a_model_to_call_it_is_code_1_with_what_to_do(shown) -> None:
    until = SystemClock().now() + LATER_S
    every = (FIRST, SECOND, THIRD, *OTHERS)
    pausing = shown(health=dict.fromkeys(every, Health(cool_until=until)))
    assert pausing.code == 1
    assert "come back by themselves" in pausing.text
    dead = shown(health=dict.fromkeys(every, Health(dead_until=until, dead_reason="denied")))
    assert dead.code == 1
    assert "MODELS_FILE" in dead.text


def test_a_state_that_nobody_can_read_is_code_1(shown) -> None:
    room = Room()
    put_json(room.store, STATE_KEY, {"version": "of another world", "requests": 7})
    assert shown(room=room).code == 1


def test_without_storage_nothing_is_said_to_be_well(shown) -> None:
    room = Room()
    room.steps.outage = True
    with pytest.raises(Throttled, match="could not be read"):
        shown(room=room)


def test_a_model_that_was_denied_is_tried_again_when_somebody_says_why(shown) -> None:
    room, until = Room(), SystemClock().now() + LATER_S
    denied = Health(dead_until=until, dead_reason="denied", overcharge=1.5)
    health = {FIRST: denied, SECOND: denied, THIRD: Health(cool_until=until)}
    again = ("--try-again", FIRST, "--reason", "access granted", "--operator", "olga")

    with pytest.raises(WrongUsage, match="--reason"):
        shown("--try-again", FIRST, room=room, health=health)
    with pytest.raises(WrongUsage, match="No such model: another"):
        shown("--try-again", "another", "--reason", "why not", room=room)
    assert room.queueing.audit.read(days=400) == []

    found = rows(shown(*again, room=room).text)
    assert (FIRST, found[FIRST].endswith(" ready")) == (FIRST, True)
    assert "dead (denied)" in found[SECOND]
    assert "cooling" in found[THIRD]
    (deed,) = room.queueing.audit.read(days=1)
    assert (deed.action, deed.operator, deed.reason) == ("limits.try-again", "olga", "access granted")

    found = rows(shown("--try-again", "all", "--reason", "access granted", room=room).text)
    assert found[SECOND].endswith(" ready")
    assert "cooling" in found[THIRD]
