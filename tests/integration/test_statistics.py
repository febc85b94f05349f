"""Through real processes: one id from the browser to the model call, and statistics that add up to what happened."""

import json
import uuid
from collections import Counter

import pytest

from tests.support.review_app import ReviewApp
from tests.support.waiting import wait_until
from tests.support.write_ups import write_up

REQUEST_ID = "browser-20270115-a1b2c3d4"
WORDS = {"completed": "succeeded", "failed": "failed", "cancelled": "cancelled"}


@pytest.fixture
def session_id(live_app: ReviewApp, tmp_path) -> str:
    # No stored answer fits: the tests share one product.
    answer = live_app.upload(write_up(tmp_path / "Parcels.docx", mark=f"Case {uuid.uuid4().hex[:8]}."))
    assert answer.status == 200, answer.body
    return str(answer.json["session_id"])


def log_lines(output: str):
    """The JSON lines of a process that carry the id."""
    lines = (json.loads(line) for line in output.splitlines() if line.startswith("{"))
    return [line for line in lines if line.get("correlation_id") == REQUEST_ID]


def test_one_id_leads_from_the_answer_to_the_model_call(live_app: ReviewApp, session_id: str):
    body = json.dumps({"session_id": session_id, "section_id": "s1", "force": True}).encode()
    headers = {"Content-Type": "application/json", "X-Request-ID": REQUEST_ID}
    answer = live_app.send("POST", "/analyze_section", body, headers)
    assert (answer.status, answer.headers["X-Request-ID"]) == (200, REQUEST_ID)
    task_id = answer.json["task_id"]
    live_app.wait_ended([task_id], timeout_s=60)

    (served,) = [line for line in log_lines(live_app.web.output()) if line["event"] == "request_served"]
    assert (served["route"], served["status"]) == ("/analyze_section", 200)
    of_task = {line["event"]: line for line in log_lines(live_app.worker.output())}
    assert {"task_started", "model_answered", "task_succeeded"} <= of_task.keys()
    assert {(line["task_id"], line["user"]) for line in of_task.values() if "task_id" in line} == {
        (task_id, served["user"])
    }
    assert live_app.result_object(task_id)["correlation_id"] == REQUEST_ID
    assert {"correlation_id": REQUEST_ID} in [call["metadata"] for call in live_app.bedrock.calls()]


def counted(app: ReviewApp):
    found = app.get("/stats").json
    tasks = Counter({word: found["tasks"][word] for word in WORDS.values()})
    models = Counter()
    for one in found["models"]:
        models.update({what: one[what] for what in ("answered", "throttled", "failed", "input_tokens")})
    return tasks, models


def settled(app: ReviewApp):
    """The counts, once two looks agree between which every process has written."""
    seen = []

    def same():
        seen.append(counted(app))
        return seen[-1] if seen[-1] in seen[-2:-1] else None

    return wait_until(same, timeout_s=15, every_s=0.6)


def test_what_has_ended_is_what_the_statistics_say(live_app: ReviewApp, session_id: str):
    """Some sections fail, one call is throttled; all of it is counted, by several processes, once."""
    tasks_before, models_before = settled(live_app)
    first = live_app.bedrock.stats()["calls"]
    live_app.bedrock.configure(
        faults=[{"code": "ValidationException", "count": 2}, {"code": "ThrottlingException", "count": 1}]
    )
    task_ids = live_app.review_all(session_id)
    ended = live_app.wait_ended(task_ids, timeout_s=60)
    live_app.bedrock.configure(faults=[])

    expected = Counter(WORDS[task["status"]] for task in ended)
    assert expected["failed"] == 2
    calls = [call for call in live_app.bedrock.calls() if call["number"] > first]
    outcomes = Counter(call["outcome"] for call in calls)
    tasks, models = settled(live_app)
    assert tasks - tasks_before == expected
    assert models - models_before == {
        "answered": outcomes["ok"],
        "throttled": outcomes["ThrottlingException"],
        "failed": len(calls) - outcomes["ok"] - outcomes["ThrottlingException"],
        "input_tokens": sum(call["input_tokens"] for call in calls if call["outcome"] == "ok"),
    }
