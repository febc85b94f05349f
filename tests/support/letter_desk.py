"""An operator who types `dlq` commands about a room, in this process."""

import json
from typing import Any

import pytest

from core.ops.__main__ import make_parser
from tests.support.queueing import REQUEST, SETTINGS, Room, fail, other

SECOND = other(REQUEST, 1).task_id
DEAD = "aiprism-analysis-dlq"
WHY = ("--reason", "mended")
RAW = "hello \x1b[2J from somewhere else"


class Operator:
    """Types commands about a room; `code` and `said` are what the last one gave."""

    def __init__(self, room: Room, capsys: pytest.CaptureFixture[str]) -> None:
        self.room = room
        self.capsys = capsys

    def types(self, *words: str) -> str:
        options = make_parser().parse_args(["dlq", *words])
        self.capsys.readouterr()
        self.code = int(options.command(options, SETTINGS, self.room.queueing))
        said = self.capsys.readouterr()
        self.stderr = said.err
        return said.out

    def asks(self, *words: str) -> Any:
        return json.loads(self.types(*words, "--json"))

    @property
    def ids(self) -> list[str]:
        return sorted(letter.task_id for letter in self.room.queueing.dead_letters.all())


def operator_before_failures(capsys: pytest.CaptureFixture[str]) -> Operator:
    """Of two sections, and before a foreign message."""
    room = Room()
    for request in (REQUEST, other(REQUEST, 1)):
        room.submit(request)
        room.run(fail)
        room.clock.sleep(1)
    room.queues.send(DEAD, RAW, attributes={"unreadable": "not an envelope"})
    room.queueing.sweep.run()
    return Operator(room, capsys)
