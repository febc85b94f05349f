"""What operators are shown of a real worker and of what it did."""

import json

from core.aws.object_store import put_json
from core.bootstrap.queueing import build_store
from tests.support.queue_bench import Bench
from tests.support.waiting import wait_until


def test_a_running_task_and_its_story_are_shown(bench: Bench) -> None:
    bench.script(s1="hold", s2="fail")
    worker = bench.worker()
    held, failing = bench.submit("s1", "s2")
    bench.ended(failing)
    wait_until(lambda: bench.marks("call", held), timeout_s=10)

    def running() -> dict[str, object]:
        found = json.loads(bench.ops("workers", "--json").stdout)["workers"]
        return {item["task_id"]: (one["pid"], item) for one in found for item in one["holds"]}

    pid, item = wait_until(lambda: running().get(held), timeout_s=15)
    assert (pid, item["section_id"], bool(item["running_since"])) == (worker.process.pid, "s1", True)

    listed = bench.ops("tasks", "list", "--json", "--session", bench.session_id)
    states = {task["task_id"]: task["status"] for task in json.loads(listed.stdout)["tasks"]}
    assert (listed.returncode, states) == (1, {held: "running", failing: "failed"}), listed.stderr

    put_json(build_store(bench.space.settings), f"go/{bench.session_id}", {})
    bench.ended(held)
    story = bench.ops("tasks", "show", failing)
    assert (story.returncode, "put into the dead letters" in story.stdout) == (1, True), story
    assert json.loads(bench.ops("queues", "--json").stdout)["queues"][0]["oldest_age_s"] is None
