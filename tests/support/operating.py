"""What an operator sends to the web tier about dead letters."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def listed(olga: FlaskClient, **query: str) -> dict[str, Any]:
    """A page of dead letters."""
    answer = olga.get("/ops/api/dead-letters", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    return body


def ids(body: dict[str, Any]) -> list[str]:
    """Ids of the tasks on a page of dead letters."""
    return [letter["task_id"] for letter in body["dead_letters"]]


def planned(olga: FlaskClient, **which: Any) -> dict[str, Any]:
    """The dry run of a replay, or of another `action`; nothing has happened yet."""
    answer = olga.post("/ops/api/letter-runs", json={"action": "replay", **which})
    assert answer.status_code == 200, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    return body


def confirmed(olga: FlaskClient, run_id: str, **body: str) -> TestResponse:
    return olga.post(f"/ops/api/letter-runs/{run_id}/start", json={"reason": "model mended", **body})


def code(answer: TestResponse) -> tuple[int, str]:
    """Status and error code."""
    return answer.status_code, answer.get_json()["code"]
