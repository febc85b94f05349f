"""Dead letters with real workers, real queues and the command line: found, replayed once, never run when forged."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from core.clock import ScriptedClock
from core.queueing.results import TaskStatus
from core.queueing.signing import Signer, signer_of
from infra.local.environment import PROJECT, for_python, inherited
from tests.support.envelopes import envelope
from tests.support.junk import JUNK, MESSAGE
from tests.support.queue_bench import Bench
from tests.support.waiting import wait_until

SECTIONS = ("s1", "s2", "s3", "s4", "s5")


Dlq = Callable[..., tuple[int, Any]]


@pytest.fixture
def dlq(bench: Bench) -> Dlq:
    """Types a `dlq` command; its exit code and what it says as JSON."""

    def typed(*words: str) -> tuple[int, Any]:
        said = bench.ops("dlq", *words, "--json")
        assert said.stdout, said.stderr
        return said.returncode, json.loads(said.stdout)

    return typed


def died(bench: Bench, *section_ids: str) -> list[str]:
    """The tasks of these sections, once each has failed and is a dead letter."""
    bench.script(**dict.fromkeys(section_ids, "fail"))
    task_ids = bench.submit(*section_ids)
    for task_id in task_ids:
        wait_until(lambda task_id=task_id: bench.ended(task_id).dead_lettered_at, timeout_s=10)
    return task_ids


def again(bench: Bench, task_id: str) -> TaskStatus | None:
    """How generation 2 of a task has ended."""
    record = bench.queueing.results.get(task_id)
    return record.status if record is not None and record.generation == 2 and record.ended else None


def replaying(bench: Bench, *words: str) -> subprocess.Popen[str]:
    """A replay of all that failed, in a process of its own."""
    command = [sys.executable, "-m", "core.ops", "dlq", "replay", "--code", "model/", "--execute"]
    command += ["--reason", "model mended", *words]
    environ = for_python({**inherited(), **bench.environ})
    return subprocess.Popen(
        command, cwd=PROJECT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_dead_letter_is_found_shown_and_replayed_when_the_model_is_mended(bench: Bench, dlq: Dlq) -> None:
    bench.worker()
    (task_id,) = died(bench, "s1")

    _, listed = dlq("list")
    _, shown = dlq("show", task_id)
    bench.script(s1="succeed")
    replayed = dlq("replay", task_id, "--reason", "model mended", "--operator", "olga")

    (letter,) = listed["dead_letters"]
    assert (letter["task_id"], letter["now"], letter["code"]) == (task_id, "dead", "model/rejected")
    assert shown["letters"][0]["envelope"]["payload"][1]["section_id"] == "s1"
    assert (replayed[0], replayed[1]["outcome"]) == (0, {"replayed": 1})
    wait_until(lambda: again(bench, task_id) is TaskStatus.SUCCESS, timeout_s=10)
    assert [(past["generation"], past["status"]) for past in bench.ended(task_id).history] == [(1, "FAILURE")]
    wait_until(lambda: bench.space.queue_depth("analysis-dlq") == 0, timeout_s=5)
    assert dlq("list")[0] == 0
    run_id = replayed[1]["run_id"]
    assert dlq("report", run_id)[1]["counts"] == {"succeeded": 1}
    assert ("olga", "model mended", "dlq.replay") in {
        (deed["operator"], deed["reason"], deed["action"]) for deed in dlq("audit")[1]["deeds"]
    }


def test_a_killed_operator_and_two_more_at_once_are_one_run_of_each_task(bench: Bench) -> None:
    bench.worker()
    task_ids = died(bench, *SECTIONS)
    bench.script(**dict.fromkeys(SECTIONS, "succeed"))

    killed = replaying(bench, "--per-minute", "6")
    # Between two letters; one that it had begun would be the sweep's, minutes later.
    wait_until(lambda: any(again(bench, task_id) for task_id in task_ids), timeout_s=15)
    killed.kill()
    killed.communicate()
    left = len(bench.queueing.dead_letters.names())
    assert left > 0
    both = [replaying(bench, "--per-minute", "6000", "--operator", name) for name in ("olga", "otto")]
    said = [operator.communicate(timeout=30) for operator in both]

    assert {operator.returncode for operator in both} <= {0, 3, 4}, said
    wait_until(lambda: {again(bench, task_id) for task_id in task_ids} == {TaskStatus.SUCCESS}, timeout_s=60)
    assert [bench.marks("call", task_id) for task_id in task_ids] == [2] * len(task_ids)
    assert bench.queueing.dead_letters.names() == []

    def swept() -> bool:
        bench.queueing.sweep.run()
        return bench.space.queue_depth("analysis-dlq") == 0

    wait_until(swept, timeout_s=10)
    assert bench.space.queue_depth("analysis") == 0


def test_what_is_not_signed_by_us_is_listed_and_never_run(bench: Bench, dlq: Dlq) -> None:
    ours = signer_of(bench.space.settings)
    long_ago = Signer(ours.keys, ScriptedClock(at=1_600_000_000.0))
    stranger = Signer(("somebody-elses-key-of-enough-characters",), ours.clock)
    forged = [
        envelope(MESSAGE, signer=None),
        envelope(MESSAGE, signer=stranger),
        envelope(MESSAGE, signer=long_ago),
        _another_owner(envelope(MESSAGE, signer=ours)),
    ]
    junk = [JUNK["pickled"], JUNK["no JSON"]]
    sqs, url = bench.space.client("sqs"), bench.space.queue_url("analysis")
    worker = bench.worker()

    for body in forged + junk:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    (task_id,) = bench.submit("s1")

    assert bench.ended(task_id).status == "SUCCESS"
    wait_until(lambda: bench.space.queue_depth("analysis-dlq") == len(forged + junk), timeout_s=10)
    assert worker.alive()
    assert bench.queueing.results.get(MESSAGE.task_id) is None
    assert bench.queueing.sweep.run().unreadable == len(forged + junk)
    letters = dlq("list")[1]["dead_letters"]
    codes = sorted(letter["code"] for letter in letters)
    assert codes == ["task/forged"] * len(forged) + ["task/unreadable"] * len(junk)
    details = " ".join(letter["detail"] for letter in letters)
    assert all(word in details for word in ("no signature", "expired", "altered"))
    assert dlq("replay", "--all", "--execute")[0] == 3
    raw = {dlq("show", letter["task_id"])[1]["letters"][0]["raw"] for letter in letters}
    assert raw == set(forged + junk)
    _, deleted = dlq("delete", "--all", "--execute", "--reason", "not ours")
    assert (deleted["removed"], bench.space.queue_depth("analysis-dlq")) == (len(letters), 0)


def _another_owner(body: str) -> str:
    parts = json.loads(base64.b64decode(body))
    parts["headers"]["aiprism"]["owner"] = "mallory"
    return json.dumps(parts)
