"""`make ops` runs an operator's command against the system that is up, and says when there is none."""

import os

import pytest

from infra.local.errors import CannotStart
from infra.local.ops import command_and_environ
from infra.local.running import RunNote, write_note


def test_the_command_meets_the_running_system(tmp_path):
    note = RunNote(os.getpid(), "http://web", "http://cloud", "http://bedrock", {"SQS_QUEUE_PREFIX": "x-"})
    write_note(tmp_path, note)

    command, environ = command_and_environ(tmp_path, {"PATH": "/bin"}, ["dlq", "list"])

    assert command[1:] == ["-m", "core.ops", "dlq", "list"]
    assert environ["AWS_ENDPOINT_URL"] == "http://cloud"
    assert environ["SQS_QUEUE_PREFIX"] == "x-"


def test_without_a_running_system_it_says_how_to_start_one(tmp_path):
    with pytest.raises(CannotStart, match="make run"):
        command_and_environ(tmp_path, {}, ["queues"])
