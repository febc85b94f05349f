"""GET /stats: numbers that something counted. What nobody counts is not here."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint

from core.clock import iso
from core.queueing.topology import QUEUES, dead_letter_name, queue_name
from core.web.context import current_identity, services

blueprint = Blueprint("statistics", __name__)


@blueprint.get("/stats")
def stats() -> dict[str, Any]:
    """My reviews; for operators also the queues and the limiter of the whole system, else null."""
    identity = current_identity()
    sessions = services().reviews.list_for(identity.user_id)
    asked = [task_id for session in sessions for task_id in session.tasks.values()]
    counts = {
        "total": len(sessions),
        "sections": sum(len(session.sections) for session in sessions),
        "asked": len(services().results.statuses(asked)),
    }
    sees_system = identity.is_operator
    return {
        "at": iso(services().clock.now()),
        "reviews": counts,
        "queues": _queues() if sees_system else None,
        "limiter": services().limiter_status().to_dict() if sees_system else None,
    }


def _queues() -> dict[str, Any]:
    depth, prefix = services().queueing.queues.depth, services().settings.aws.queue_prefix
    return {
        spec.key: {
            **asdict(depth(queue_name(prefix, spec.key))),
            "dead_letters": depth(dead_letter_name(prefix, spec.key)).total,
        }
        for spec in QUEUES
    }
