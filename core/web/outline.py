"""PUT /sessions/<id>/outline: sections merged, split, renamed or skipped."""

from typing import Any

from flask import Blueprint, Response

from core.review.activity import ActivityKind
from core.review.outline_editing import Edit, OutlineConflict
from core.review.session import ReviewSession
from core.web.bodies import ChangeOutline
from core.web.context import current_identity, services, session_to_change
from core.web.file_names import clean_title
from core.web.problems import problem_body, problem_response
from core.web.request_json import read_body

blueprint = Blueprint("outline", __name__)


@blueprint.put("/sessions/<session:session_id>/outline")
def change_outline(session_id: str) -> Response | dict[str, Any]:
    before = session_to_change(session_id)
    body = read_body(ChangeOutline)
    edits = [
        Edit(edit.action, edit.section_id, edit.block_id or "", clean_title(edit.name or ""))
        for edit in body.edits
    ]
    try:
        session = services().outlines.change(session_id, edits, rev=body.rev)
    except OutlineConflict as conflict:
        current = _outline(conflict.current)
        return problem_response({**problem_body(conflict.code, conflict.detail), "current": current})
    named = [before.section(edit.section_id) or session.section(edit.section_id) for edit in edits]
    sections = [section.name if section else "" for section in named]
    about = {"actions": [edit.action.value for edit in edits], "sections": sections}
    services().activity.add(
        session_id, ActivityKind.OUTLINE_CHANGED, by=current_identity().user_id, about=about
    )
    return {"success": True, **_outline(session)}


def _outline(session: ReviewSession) -> dict[str, Any]:
    review = services().overviews.of(session, viewer=current_identity().user_id)
    return {name: review[name] for name in ("session_id", "outline_rev", "sections")}
