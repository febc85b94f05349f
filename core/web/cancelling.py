"""Calling off work that has not ended: one task, or all of a review."""

from typing import Any

from flask import Blueprint

from core.errors import Permanent
from core.queueing.results import TERMINAL
from core.review.overview import STATUS_WORDS
from core.web.analysis import task_to_view
from core.web.context import services, session_to_change

blueprint = Blueprint("cancelling", __name__)


@blueprint.post("/cancel_task/<task:task_id>")
def cancel_task(task_id: str) -> dict[str, Any]:
    session_to_change(task_to_view(task_id).session_id)
    records = services().cancellation.cancel([task_id])
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
    task_ids = [*session.tasks.values(), *services().conversations.log.unanswered_ids(session_id)]
    before = services().results.statuses(task_ids)
    under_way = [task_id for task_id in task_ids if task_id in before and before[task_id] not in TERMINAL]
    tasks = [
        {"task_id": record.task_id, "status": STATUS_WORDS[record.status]}
        for record in services().cancellation.cancel(under_way)
    ]
    return {"success": True, "session_id": session_id, "tasks": tasks}
