"""Calling off work that has not ended: one task, or all of a review."""

from typing import Any

from flask import Blueprint

from core.errors import Permanent
from core.queueing.results import STATUS_WORDS, TaskRecord
from core.web.analysis import task_to_view
from core.web.context import services, session_to_change, tasks_under_way

blueprint = Blueprint("cancelling", __name__)


@blueprint.post("/cancel_task/<task:task_id>")
def cancel_task(task_id: str) -> dict[str, Any]:
    session_to_change(task_to_view(task_id).session_id)
    records = _cancel([task_id])
    if not records:
        raise Permanent("task/not-found")
    return {
        "success": True,
        "task_id": task_id,
        "session_id": records[0].session_id,
        "status": STATUS_WORDS[records[0].status],
    }


@blueprint.post("/sessions/<session:session_id>/cancel")
def cancel_session(session_id: str) -> dict[str, Any]:
    session = session_to_change(session_id)
    tasks = [
        {"task_id": record.task_id, "status": STATUS_WORDS[record.status]}
        for record in _cancel(tasks_under_way(session))
    ]
    return {"success": True, "session_id": session_id, "tasks": tasks}


def _cancel(task_ids: list[str]) -> list[TaskRecord]:
    records = services().queueing.cancellation.cancel(task_ids)
    services().results.forget(task_ids)
    return records
