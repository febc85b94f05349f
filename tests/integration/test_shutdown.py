"""Workers that are told to stop while they work: nothing waits for a visibility to run out."""

import signal

import pytest

from core.aws.object_store import put_json
from core.bootstrap.queueing import build_store
from tests.support.queue_bench import Bench
from tests.support.waiting import wait_until

HIDDEN_FOR_LONG = {"TASK_VISIBILITY_S": "300", "HEARTBEAT_S": "100"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_what_cannot_end_in_time_is_taken_over_at_once(bench: Bench, number: signal.Signals) -> None:
    # A long poll that SIGQUIT leaves behind still takes a message, at the emulator: not hidden for long then.
    hidden = HIDDEN_FOR_LONG if number is signal.SIGTERM else {}
    bench.script(s1="hold", s2="hold", s3="hold")
    worker = bench.worker(**hidden, SHUTDOWN_GRACE_S="1.5")
    task_ids = bench.submit("s1", "s2", "s3")
    wait_until(lambda: sum(bench.marks("call", task_id) for task_id in task_ids) == 2, timeout_s=10)

    worker.process.send_signal(number)
    wait_until(lambda: not worker.alive(), timeout_s=10)
    assert worker.process.returncode == 0
    assert bench.space.keys("workers/") == []
    put_json(build_store(bench.space.settings), f"go/{bench.session_id}", {})
    bench.worker(**hidden)

    records = [bench.ended(task_id, timeout_s=15) for task_id in task_ids]
    assert {(record.status, record.retries) for record in records} == {("SUCCESS", 0)}
    # What that long poll took may have begun in a process that was killed before it called a model.
    most_starts = 1 if number is signal.SIGTERM else 2
    assert {record.starts for record in records} <= set(range(1, most_starts + 1))
    assert sorted(bench.marks("call", task_id) for task_id in task_ids) == [1, 2, 2]
    wait_until(lambda: bench.space.queue_depth("analysis") == 0, timeout_s=5)
