"""What an operator confirms in the browser is done, whatever becomes of the web process."""

from collections import Counter

from core.bootstrap.queueing import build_queueing
from core.clock import SystemClock
from core.config import load_settings
from core.queueing.letter_run import Progress
from core.queueing.results import TaskRecord, TaskStatus
from tests.support.dead_letters import bury
from tests.support.queue_bench import Bench
from tests.support.review_app import Client
from tests.support.waiting import wait_until

LETTERS = 24


def test_a_confirmed_replay_outlives_the_web_process_and_runs_each_task_once(bench: Bench) -> None:
    environ = {**bench.environ, "ANALYSIS_RATE_PER_MINUTE": "6000"}
    queueing = build_queueing(load_settings(environ))
    letters = [
        bury(queueing.store, SystemClock(), number, session_id=bench.session_id)
        for number in range(1, LETTERS + 1)
    ]
    web = bench.processes.web(environ)
    client = Client(web.url)

    plan = client.post("/ops/api/letter-runs", {"action": "replay", "all": True}).json
    begun = client.post(f"/ops/api/letter-runs/{plan['run_id']}/start", {"reason": "mended"}).json
    again = client.post(f"/ops/api/letter-runs/{plan['run_id']}/start", {"reason": "mended"})
    web.kill()

    assert (plan["would"], begun["selected"]) == ({"replayed": LETTERS}, LETTERS)
    assert (again.status, again.json["code"]) == (409, "letters/started-before")

    bench.worker(WORKER_CONCURRENCY="4")

    def ended() -> Progress | None:
        queueing.sweep.run()
        return queueing.letter_runs.repository.ended(plan["run_id"])

    assert wait_until(ended, timeout_s=50, every_s=1).counts == {"replayed": LETTERS}
    task_ids = [letter.task_id for letter in letters]
    records = wait_until(lambda: all_ended(bench, task_ids), timeout_s=50, every_s=1)
    assert {(record.generation, record.status) for record in records} == {(2, TaskStatus.SUCCESS)}
    calls = Counter(key.split("/")[2] for key in bench.space.keys("marks/call/"))
    assert calls == dict.fromkeys(task_ids, 1)


def all_ended(bench: Bench, task_ids: list[str]) -> list[TaskRecord]:
    records = bench.queueing.results.get_many(task_ids).values()
    return list(records) if all(record.ended and record.generation == 2 for record in records) else []
