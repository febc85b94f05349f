"""Figures of one review and of all of mine, and the checklist against the sections."""

from typing import Any

from flask import Blueprint

from core.queueing.parallel import in_parallel
from core.review.coverage import coverage
from core.review.insight import ReviewFigures, insight, insight_of_many
from core.web.context import checklist_points, current_identity, services, session_to_view

blueprint = Blueprint("insight", __name__)

_MOST_REVIEWS = 200


@blueprint.get("/sessions/<session:session_id>/coverage")
def checklist_coverage(session_id: str) -> dict[str, Any]:
    session = session_to_view(session_id)
    return coverage(services().overviews.parts(session), checklist_points(session))


@blueprint.get("/sessions/<session:session_id>/insight")
def of_one(session_id: str) -> dict[str, Any]:
    session = session_to_view(session_id)
    return insight(ReviewFigures.of(services().overviews.parts(session)), checklist_points(session))


@blueprint.get("/insight")
def my_insight() -> dict[str, Any]:
    """Over the newest 200 reviews that the asker may read."""
    sessions = services().reviews.list_for(current_identity().user_id, most=_MOST_REVIEWS)
    parts = in_parallel(services().overviews.parts, sessions)
    return insight_of_many([ReviewFigures.of(one) for one in parts], checklist_points())
