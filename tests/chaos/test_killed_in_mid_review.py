"""Processes die while a review runs; every accepted task still ends, once."""

import json

from tests.support.review_app import ReviewApp
from tests.support.waiting import wait_until
from tests.support.write_ups import write_up


def _running(app: ReviewApp, task_ids: list[str]) -> int:
    return sum(task["status"] == "running" for task in app.statuses(task_ids))


def test_all_workers_are_killed_and_every_section_ends_once(own_app: ReviewApp, tmp_path):
    own_app.bedrock.configure(latency={"min_s": 2.0, "max_s": 2.0})
    session_id = own_app.upload(write_up(tmp_path / "Parcels.docx", sections=8)).json["session_id"]
    task_ids = own_app.review_all(session_id)
    wait_until(lambda: _running(own_app, task_ids) >= 3, timeout_s=30)

    own_app.worker.kill()
    own_app.more_workers()
    tasks = own_app.wait_ended(task_ids, timeout_s=90)

    assert {task["status"] for task in tasks} == {"completed"}
    assert {task["generation"] for task in tasks} == {1}
    calls = sum(model["calls"] for model in own_app.bedrock.stats()["models"].values())
    # Four children were inside a call when they died: each of those calls may be paid a second time, no other.
    assert len(task_ids) <= calls <= len(task_ids) + 4
    assert own_app.space.keys("dead-letters/") == []


def test_a_web_tier_killed_and_restarted_loses_no_review(own_app: ReviewApp, tmp_path):
    session_id = own_app.upload(write_up(tmp_path / "Parcels.docx")).json["session_id"]
    task_ids = own_app.review_all(session_id)
    own_app.web.kill()

    web = own_app.processes.web(own_app.environ)
    revived = ReviewApp(
        web.url, own_app.environ, own_app.space, own_app.bedrock, own_app.processes, web, own_app.worker
    )
    assert {task["status"] for task in revived.wait_ended(task_ids, timeout_s=60)} == {"completed"}
    names = [review["session_id"] for review in revived.get("/sessions").json["sessions"]]
    assert session_id in json.dumps(names)
