"""What is asked of a model once, and what is not asked at all: real workers, store and queue."""

import json

import pytest

from tests.support.review_app import ReviewApp, start_review_app
from tests.support.write_ups import write_up

ENDED_S = 90.0
APP_SETTINGS = {"METRICS": "emf", "METRICS_ENV": "test"}


def upload(app: ReviewApp, path, **options) -> str:
    answer = app.upload(write_up(path, **options))
    assert answer.status == 200, answer.body
    return answer.json["session_id"]


def calls(app: ReviewApp) -> int:
    return app.bedrock.stats()["calls"]


def reviewed(app: ReviewApp, session_id: str):
    tasks = app.wait_ended(app.review_all(session_id), timeout_s=ENDED_S)
    assert {task["status"] for task in tasks} == {"completed"}, tasks
    return [task["result"] for task in tasks]


def test_the_same_document_uploaded_again_costs_no_call_and_force_does(app, tmp_path):
    first = reviewed(app, upload(app, tmp_path / "One.docx", mark="Of one team."))
    asked = calls(app)
    assert asked == len(first)

    second_id = upload(app, tmp_path / "Two.docx", mark="Of one team.")
    again = reviewed(app, second_id)

    assert calls(app) == asked
    assert all(result["cached"] and result["cached_at"] and result["cost_usd"] == 0 for result in again)
    assert not any(result["cached"] for result in first)
    same = [[finding["quote"] for finding in result["feedback"]] for result in (*first, *again)]
    assert same[: len(first)] == same[len(first) :]
    stored = app.result_object(app.review_all(second_id)[0])
    assert stored["attempts"] == 0

    section_id = app.get(f"/sessions/{second_id}").json["sections"][0]["id"]
    body = {"session_id": second_id, "section_id": section_id, "force": True}
    task_id = app.post("/analyze_section", body).json["task_id"]
    (forced,) = app.wait_ended([task_id], timeout_s=ENDED_S)
    assert not forced["result"]["cached"]
    assert calls(app) == asked + 1


def test_two_uploads_reviewed_at_the_same_time_ask_each_section_once(app, tmp_path):
    app.bedrock.configure(latency={"min_s": 1.0, "max_s": 1.0})
    sessions = [upload(app, tmp_path / f"{number}.docx", mark="Twice at once.") for number in range(2)]
    task_ids = [task_id for session_id in sessions for task_id in app.review_all(session_id)]
    tasks = app.wait_ended(task_ids, timeout_s=ENDED_S)

    assert {task["status"] for task in tasks} == {"completed"}
    assert calls(app) == len(tasks) / 2
    assert sum(task["result"]["cached"] for task in tasks) == len(tasks) / 2


@pytest.fixture
def capped_app(space, bedrock, processes) -> ReviewApp:
    return start_review_app(space, bedrock, processes, DAILY_COST_CAP_USD="0.001", WORKER_CONCURRENCY="1")


def test_at_the_daily_limit_queued_work_fails_without_a_dead_letter_and_new_work_is_refused(
    capped_app, tmp_path
):
    session_id = upload(capped_app, tmp_path / "One.docx")
    tasks = capped_app.wait_ended(capped_app.review_all(session_id), timeout_s=ENDED_S)

    failed = [task for task in tasks if task["status"] == "failed"]
    assert calls(capped_app) == len(tasks) - len(failed) == 1, "the one that was under way"
    assert {task["error"]["code"] for task in failed} == {"limits/daily_cost"}
    assert all("00:00 UTC" in task["error"]["next_step"] for task in failed)
    assert capped_app.space.keys("dead-letters/") == []
    assert capped_app.space.queue_depth("analysis-dlq") == 0

    refused = capped_app.post("/analyze_all", {"session_id": session_id})
    assert (refused.status, refused.json["code"]) == (429, "limits/daily_cost")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400


def test_metrics_are_lines_of_the_worker_and_add_up_to_what_the_service_saw(app, tmp_path):
    written = len(app.worker.output())
    results = reviewed(app, upload(app, tmp_path / "One.docx", mark="For the metrics."))

    lines = [
        json.loads(line) for line in app.worker.output()[written:].splitlines() if line.startswith('{"_aws"')
    ]
    assert {(line["Env"], line["Queue"]) for line in lines} == {("test", "analysis")}
    assert sum(line.get("ModelCalls", 0) for line in lines) == calls(app) == len(results)
    quota_tokens = sum(result["usage"]["quota_tokens"] for result in results)
    assert sum(line.get("QuotaTokens", 0) for line in lines) == quota_tokens
