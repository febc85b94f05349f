"""However a model fails, the section ends as it should: through the API, the queue and a real worker."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from core.models.registry import load_registry
from tests.support.review_app import ReviewApp
from tests.support.waiting import wait_until
from tests.support.write_ups import write_up

MODELS = [model.id for model in load_registry().models]
LETTERS = "analysis-dlq"


@pytest.fixture
def app(app: ReviewApp) -> ReviewApp:
    """Every model lives again."""
    app.bedrock.configure(eol=[])
    return app


def review_one(app: ReviewApp, directory: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ended task of one section that nobody has reviewed before: as its page sees it, and as it is stored."""
    document = write_up(directory / "Parcels.docx", mark=uuid.uuid4().hex)
    uploaded = app.upload(document).json
    body = {"session_id": uploaded["session_id"], "section_id": uploaded["section_details"][1]["id"]}
    task_id = app.post("/analyze_section", body).json["task_id"]
    (task,) = app.wait_ended([task_id], timeout_s=60)
    return task, app.result_object(task_id)


def test_while_every_model_is_throttled_a_section_waits_and_uses_no_retry(
    app: ReviewApp, tmp_path: Path
) -> None:
    app.bedrock.configure(faults=[{"code": "ThrottlingException", "count": len(MODELS)}])
    task, stored = review_one(app, tmp_path)
    assert (task["status"], stored["retries"]) == ("completed", 0)
    assert stored["attempts"] == len(MODELS) + 1


@pytest.mark.parametrize(
    "code",
    [
        "InternalServerException",
        "ModelTimeoutException",
        "ConnectionReset",
    ],
)
def test_a_failed_call_is_retried_with_another_model(app: ReviewApp, tmp_path: Path, code: str) -> None:
    app.bedrock.configure(faults=[{"code": code, "count": 1}])
    task, stored = review_one(app, tmp_path)
    assert (task["status"], stored["retries"], stored["attempts"]) == ("completed", 1, 2)
    assert stored["result"]["model_id"] == MODELS[1]


@pytest.mark.parametrize(
    ("trouble", "code", "calls"),
    [
        ({"faults": [{"code": "ModelTimeoutException"}]}, "model/timeout", 3),
        ({"faults": [{"code": "ValidationException", "message": "No."}]}, "model/rejected", 1),
        ({"answers": [{"content": "Looks fine to me!", "repeat": True}]}, "model/invalid-answer", 3),
    ],
)
def test_what_does_not_get_better_fails_with_words_and_a_dead_letter(
    app: ReviewApp, tmp_path: Path, trouble: dict[str, Any], code: str, calls: int
) -> None:
    letters = app.space.queue_depth(LETTERS)
    app.bedrock.configure(**trouble)
    task, stored = review_one(app, tmp_path)
    assert (task["status"], task["error"]["code"]) == ("failed", code)
    assert task["error"]["detail"]
    assert task["error"]["next_step"]
    assert (stored["attempts"], stored["result"]) == (calls, None), "nothing is made up"
    wait_until(lambda: app.space.queue_depth(LETTERS) == letters + 1, timeout_s=10)


def test_models_that_are_gone_are_left_out_until_none_is_left(app: ReviewApp, tmp_path: Path) -> None:
    """The last of this module: models that are known to be gone stay so for hours."""
    letters = app.space.queue_depth(LETTERS)
    denied, retired, unknown, *left = MODELS
    faults = [
        {"code": "AccessDeniedException", "model": denied},
        {"code": "ResourceNotFoundException", "model": retired},
        {"code": "ValidationException", "model": unknown, "message": "The model identifier is invalid."},
    ]
    app.bedrock.configure(faults=faults)
    task, stored = review_one(app, tmp_path)
    assert (task["status"], stored["retries"], stored["result"]["model_id"]) == ("completed", 0, left[0])
    assert states(app)[:4] == ["dead", "dead", "dead", "ready"]

    calls = len(app.bedrock.calls())
    app.bedrock.configure(eol=[model_id.removeprefix("us.") for model_id in left])
    task, stored = review_one(app, tmp_path)
    assert (task["status"], task["error"]["code"]) == ("failed", "model/none-left")
    assert len(app.bedrock.calls()) == calls + len(left), (
        "each was asked once, those known to be gone not at all"
    )
    wait_until(lambda: app.space.queue_depth(LETTERS) == letters + 1, timeout_s=10)


def states(app: ReviewApp) -> list[str]:
    return [model["state"] for model in app.get("/stats").json["limiter"]["models"]]
