"""Several users at once, real workers, a real local Bedrock: who waits for whom, and what the limits let through."""

from collections.abc import Callable

import pytest

from core.clock import epoch
from core.config import load_settings
from core.queueing.results import TaskStatus
from tests.support.bedrock import LocalBedrock
from tests.support.cloud import Space
from tests.support.live_services import LiveServices, live_services
from tests.support.processes import Processes
from tests.support.review_app import QUICK, ReviewApp
from tests.support.waiting import wait_until

CHILDREN = 4
MODEL_S = 0.25
Open = Callable[..., LiveServices]


@pytest.fixture
def opened(
    space: Space, bedrock: LocalBedrock, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> Open:
    """The web tier's services, beside workers that have the settings given here."""

    def services(*, workers: int = 1, **settings: str) -> LiveServices:
        bedrock.configure(latency={"min_s": MODEL_S, "max_s": MODEL_S})
        environ = {
            **space.environ,
            **bedrock.environ,
            **QUICK,
            "WORKER_CONCURRENCY": str(CHILDREN),
            "RELEASED_PER_USER": str(CHILDREN),
            **settings,
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        for _ in range(workers):
            processes.worker(environ)
        return live_services(load_settings())

    return services


def test_a_second_user_waits_for_no_more_than_what_is_running(opened: Open) -> None:
    both = opened()
    early, late = both.review("ann", sections=40), both.review("bob", sections=40)
    anns = both.submit_all(early)
    both.wait_ended(anns, count=3, timeout_s=20)

    bobs = both.submit_all(late)
    first = min(
        epoch(one.started_at) for one in both.wait_ended(bobs, count=1, timeout_s=20) if one.started_at
    )

    asked_at = min(epoch(record.accepted_at) for record in both.records(bobs))
    starts = [epoch(record.started_at) for record in both.records(anns) if record.started_at]
    between = sum(asked_at < at < first for at in starts)
    assert between <= CHILDREN, f"{between} of the other user's sections were started first"
    last = max(both.records(anns), key=lambda record: record.accepted_at)
    assert both.services.queue_positions.about(last)["ahead"] > 2 * CHILDREN

    both.services.queueing.cancellation.cancel([*anns, *bobs])
    ended = both.records([*anns, *bobs])
    assert {record.status for record in ended} == {TaskStatus.SUCCESS, TaskStatus.REVOKED}


def test_two_workers_together_keep_the_queues_rate_in_every_window(
    opened: Open, bedrock: LocalBedrock
) -> None:
    rate, window_s, sections = 8, 2.0, 16
    both = opened(
        workers=2, ANALYSIS_RATE_PER_MINUTE=str(rate), LIMITER_WINDOW_S=str(window_s), RELEASED_PER_USER="24"
    )

    tasks = both.submit_all(both.review("ann", sections=sections))
    # The document's pass is one of them, and one call.
    ended = both.wait_ended(tasks, count=len(tasks), timeout_s=60)

    assert {record.status for record in ended} == {TaskStatus.SUCCESS}
    assert {record.retries for record in ended} == {0}
    stats = bedrock.stats(window_s=window_s)
    assert (len(tasks), len(bedrock.calls()), stats["throttled"]) == (sections + 1, sections + 1, 0)
    assert stats["max_in_window"]["requests"] <= rate


def answers(app: ReviewApp) -> set[str]:
    """Stored answers of models."""
    return {key for key in app.space.keys("cache/") if not key.startswith("cache/flights/")}


def test_a_running_section_that_is_cancelled_stays_so_and_its_answer_is_used_when_asked_again(
    live_app: ReviewApp, bedrock: LocalBedrock
) -> None:
    bedrock.configure(latency={"min_s": 4.0, "max_s": 4.0})
    before = answers(live_app)
    text = {"section_name": "Summary", "content": "Many sellers were hit and the fix is due soon."}
    task = live_app.post("/analyze_section", text).json
    address = f"/task_status/{task['task_id']}"
    wait_until(lambda: live_app.space.keys(f"attempts/{task['task_id']}/"), timeout_s=20)

    assert live_app.post(f"/cancel_task/{task['task_id']}", {}).json["status"] == "cancelled"
    wait_until(lambda: answers(live_app) - before, timeout_s=20)

    shown = live_app.get(address).json
    assert (shown["status"], shown["result"]) == ("cancelled", None)
    wanted = {"session_id": task["session_id"], "section_id": task["section_id"]}
    assert live_app.post("/analyze_section", wanted).json["task_id"] == task["task_id"]
    (again,) = live_app.wait_ended([task["task_id"]], timeout_s=15)
    assert (again["status"], again["generation"], again["result"]["cached"]) == ("completed", 2, True)
    assert len(bedrock.calls()) == 1
