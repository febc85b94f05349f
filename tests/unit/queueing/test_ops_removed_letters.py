"""`dlq delete`, `purge` and `restore`: confirmation, reason, and the audit log."""

import io
import json
import re
import sys

import pytest

from core.ops.exit_codes import WrongUsage
from core.queueing.letter import Fate
from core.queueing.results import TaskStatus
from tests.support.letter_desk import DEAD, RAW, SECOND, Operator
from tests.support.queueing import TASK

pytestmark = pytest.mark.usefixtures("quiet")


def test_a_letter_is_deleted_with_a_reason_and_stays_in_the_archive(operator: Operator) -> None:
    operator.types("delete", SECOND, "--reason", "a test document", "--operator", "olga")
    assert (operator.code, operator.ids) == (0, [TASK, "message-3"])
    assert len(operator.room.dead()) == 2
    (letter,) = operator.asks("show", SECOND)["letters"]
    verdict = letter["verdict"]
    assert (verdict["fate"], verdict["operator"], verdict["reason"]) == ("deleted", "olga", "a test document")
    assert operator.room.record(SECOND).status is TaskStatus.FAILURE
    assert "olga" in operator.types("show", SECOND)


def test_many_are_deleted_only_when_it_is_said(operator: Operator) -> None:
    operator.types("delete", "--all", "--reason", "tidy")
    assert len(operator.ids) == 3
    operator.types("delete", "--all", "--reason", "tidy", "--execute")
    assert (operator.ids, operator.room.dead()) == ([], [])
    operator.types("delete", "--all", "--reason", "tidy", "--execute")
    assert operator.code == 3


@pytest.mark.parametrize(
    "words",
    [
        ("replay", TASK, "--edit", "section_id=s4"),
        ("delete", "--all", "--execute"),
        ("purge", "--queue", "analysis", "--confirm", "analysis"),
    ],
)
def test_nothing_is_changed_or_removed_that_nobody_says_why(
    operator: Operator, words: tuple[str, ...]
) -> None:
    for reason in ((), ("--reason", "  ")):
        with pytest.raises(WrongUsage, match="--reason"):
            operator.types(*words, *reason)
    assert (len(operator.ids), operator.room.queueing.audit.read(days=1)) == (3, [])


def test_a_script_may_replay_without_saying_why(operator: Operator) -> None:
    operator.types("replay", TASK)
    assert {(entry.action, entry.reason) for entry in operator.room.queueing.audit.read(days=1)} == {
        ("dlq.replay", "")
    }


def test_at_a_terminal_whoever_gives_no_reason_is_asked(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO("model mended\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)
    assert json.loads(operator.types("replay", TASK, "--json"))["outcome"] == {"replayed": 1}
    assert "Why?" in operator.stderr
    assert {entry.reason for entry in operator.room.queueing.audit.read(days=1)} == {"model mended"}


def test_a_purge_is_confirmed_by_the_name_of_the_queue(operator: Operator) -> None:
    for wrong in ([], ["--confirm", "yes"]):
        with pytest.raises(WrongUsage, match="--confirm analysis"):
            operator.types("purge", "--queue", "analysis", "--reason", "over", *wrong)
    assert len(operator.ids) == 3
    operator.types("purge", "--queue", "analysis", "--reason", "over", "--confirm", "analysis")
    assert (operator.code, operator.ids, operator.room.dead()) == (0, [], [])
    archived = operator.room.queueing.dead_letters.archived_of("message-3")
    assert [(letter.body, verdict.fate) for letter, verdict in archived] == [(RAW, Fate.PURGED)]


def test_a_purge_archives_what_only_sqs_knows_too(operator: Operator) -> None:
    operator.room.queues.send(DEAD, "the newest junk", attributes={})
    operator.types("purge", "--queue", "analysis", "--reason", "over", "--confirm", "analysis")
    assert operator.room.dead() == []
    (archived,) = operator.room.queueing.dead_letters.archived_of("message-4")
    assert archived[0].body == "the newest junk"


def test_what_was_removed_is_restored_by_its_run_or_by_its_id(operator: Operator) -> None:
    told = operator.types("purge", "--queue", "analysis", "--reason", "over", "--confirm", "analysis")
    run = re.search(r"--run ([0-9a-f]{12})", told)
    assert run is not None
    operator.room.clock.sleep(1)
    operator.types("restore", SECOND, "--reason", "too soon")
    assert (operator.code, operator.ids) == (0, [SECOND])
    assert "2 in the list again" in operator.types("restore", "--run", run[1], "--reason", "too soon")
    assert (operator.code, len(operator.ids)) == (0, 3)
    operator.types("restore", "--run", run[1], "--reason", "again")
    assert operator.code == 3
    with pytest.raises(WrongUsage, match="--run"):
        operator.types("restore", "--reason", "all of them?")


def not_in_index(operator: Operator) -> int:
    return int(operator.asks("list")["not_in_index"]["analysis"])


def test_a_restored_letter_hides_no_message_that_the_index_does_not_know(operator: Operator) -> None:
    operator.types("delete", SECOND, "--reason", "tidy")
    operator.types("restore", SECOND, "--reason", "too soon")
    assert (len(operator.ids), len(operator.room.dead()), not_in_index(operator)) == (3, 2, 0)
    operator.room.queues.send(DEAD, "the newest junk", attributes={})
    assert not_in_index(operator) == 1
    operator.types("delete", SECOND, "--reason", "after all")
    assert not_in_index(operator) == 1
    operator.room.queueing.sweep.run()
    assert (len(operator.ids), not_in_index(operator)) == (3, 0)


@pytest.mark.parametrize("letter", [SECOND, "message-3"])
def test_a_letter_restored_before_its_message_was_taken_off_is_counted_once(
    operator: Operator, letter: str
) -> None:
    """As the console does both, which may not receive from SQS."""
    queueing = operator.room.queueing
    for fate in (Fate.DELETED, Fate.RESTORED):
        waiting = [one for one in queueing.dead_letters.all() if one.task_id == letter]
        chosen = waiting or [one for one, _verdict in queueing.dead_letters.archived_of(letter)]
        run = queueing.letter_runs.prepare(chosen, operator="olga", reason="tidy", fate=fate)
        queueing.letter_runs.start(run)
        queueing.letter_runs.carry_on(run.run_id, for_s=1)
    operator.room.queueing.sweep.run()
    assert (len(operator.ids), len(operator.room.dead()), not_in_index(operator)) == (3, 3, 0)
