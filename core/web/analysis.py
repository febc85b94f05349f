"""Asking for a review of sections, and following the tasks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from core.errors import Permanent
from core.queueing.parallel import in_parallel
from core.queueing.results import STATUS_WORDS, TERMINAL, TaskRecord
from core.review.overview import error_body, progress_of
from core.review.session import DOCUMENT_SECTION, Access, ReviewSession
from core.web.bodies import AnalyzeAll, AnalyzeSection
from core.web.conditional import with_etag
from core.web.context import current_identity, section_by_name, services, session_to_change
from core.web.converters import TaskId
from core.web.request_json import read_body
from core.web.text_reviews import submit_or_remove, text_review

blueprint = Blueprint("analysis", __name__)

MOST_IDS = 200
_TASK_ID = re.compile(TaskId.regex)


@blueprint.post("/analyze_section")
def analyze_section() -> dict[str, Any]:
    record = _asked_for(read_body(AnalyzeSection))
    return {
        "success": True,
        "task_id": record.task_id,
        "session_id": record.session_id,
        "section_id": record.section_id,
        "status": STATUS_WORDS[record.status],
        "enhanced": services().submission.enhanced(),
    }


def _asked_for(body: AnalyzeSection) -> TaskRecord:
    """The task for a section of a review, or for a text that becomes a review now."""
    if body.session_id is not None:
        session = session_to_change(body.session_id)
        record = services().submission.submit(session, _wanted_section(session, body), force=body.force)
        _take_back_if_signed_off(session.id, [record])
        return record
    if body.content is None:
        raise Permanent("request/session-needed")
    return submit_or_remove(text_review(body.section_name, body.content))


@blueprint.post("/analyze_all")
def analyze_all() -> dict[str, Any]:
    session = session_to_change(read_body(AnalyzeAll).session_id)
    submitted = services().submission.submit_all(session)
    _take_back_if_signed_off(session.id, [record for _, record in submitted])
    tasks = [
        {"section_id": section_id, "task_id": record.task_id, "status": STATUS_WORDS[record.status]}
        for section_id, record in submitted
    ]
    enhanced = services().submission.enhanced()
    return {"success": True, "session_id": session.id, "tasks": tasks, "enhanced": enhanced}


def _take_back_if_signed_off(session_id: str, records: Iterable[TaskRecord]) -> None:
    """Cancels the tasks if the review was signed off meanwhile, and raises Permanent review/signed-off."""
    if services().reviews.is_signed_off(session_id):
        services().queueing.cancellation.cancel(record.task_id for record in records)
        raise Permanent("review/signed-off")


@blueprint.get("/task_status/<task:task_id>")
def task_status(task_id: str) -> Response:
    return with_etag(task_body(task_to_view(task_id)))


@blueprint.get("/task_status")
def task_statuses() -> Response:
    """Unknown and foreign ids come back as not_found: one of them never fails the batch."""
    wanted = [task_id for task_id in request.args.get("ids", "").split(",") if task_id]
    if not 0 < len(wanted) <= MOST_IDS:
        raise Permanent("request/malformed", f"Send 1 to {MOST_IDS} task ids as ?ids=a,b,c.")
    asked = [task_id for task_id in wanted if _TASK_ID.fullmatch(task_id)]
    readable = _readable(asked, cached=services().results.cached_recent(asked))
    return with_etag({"tasks": [_body_or_unknown(task_id, readable.get(task_id)) for task_id in wanted]})


def task_to_view(task_id: str) -> TaskRecord:
    """Returns the task if the current user may read its review.

    Raises not-found for any other, whether it exists or not.
    """
    record = _readable([task_id], cached=services().results.cached([task_id])).get(task_id)
    if record is None:
        raise Permanent("task/not-found")
    return record


def task_body(record: TaskRecord) -> dict[str, Any]:
    """Returns a task as GET /task_status shows it; error and result only once it has ended."""
    return {
        "task_id": record.task_id,
        "session_id": record.session_id,
        "section_id": record.section_id,
        "status": STATUS_WORDS[record.status],
        "state": record.status.value,
        "generation": record.generation,
        "accepted_at": record.accepted_at or None,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "progress": _progress(record),
        "error": error_body(record) if record.status in TERMINAL else None,
        "result": record.result if record.status in TERMINAL else None,
    }


def _progress(record: TaskRecord) -> dict[str, Any] | None:
    progress = progress_of(record)
    return None if progress is None else {**progress, **services().queue_positions.about(record)}


def _body_or_unknown(task_id: str, record: TaskRecord | None) -> dict[str, Any]:
    if record is None:
        return {"task_id": task_id, "status": "not_found"}
    return task_body(record)


def _readable(task_ids: Sequence[str], *, cached: Mapping[str, TaskRecord]) -> dict[str, TaskRecord]:
    """Those of the tasks whose reviews the asker may read now; each review is read once.

    An unknown id costs the same reads as a foreign one, whether that is cached for somebody else or not, so
    that not even the time tells them apart: what is not the asker's is read from storage, and so is a review
    under the unknown id.
    """
    allowed = dict[str, bool]()

    def look_at(sessions: Iterable[str]) -> None:
        new = [one for one in dict.fromkeys(sessions) if one not in allowed]
        may = in_parallel(partial(_may_view, user_id=current_identity().user_id), new)
        allowed.update(zip(new, may, strict=True))

    look_at(record.session_id for record in cached.values())
    mine = {task_id: one for task_id, one in cached.items() if allowed[one.session_id]}
    read = services().results.read([task_id for task_id in dict.fromkeys(task_ids) if task_id not in mine])
    read |= _placed([one for one in read.values() if not one.session_id])
    look_at((read[one].session_id if one in read else "") or one for one in task_ids if one not in mine)
    return {**mine, **{task_id: one for task_id, one in read.items() if allowed.get(one.session_id)}}


def _placed(damaged: Sequence[TaskRecord]) -> dict[str, TaskRecord]:
    """Damaged records with their place in a review of the asker's, by task id: the review names its tasks."""
    if not damaged:
        return {}
    by_id, found = {one.task_id: one for one in damaged}, dict[str, TaskRecord]()
    for session in services().reviews.list_for(current_identity().user_id):
        for section_id, task_id in {**session.answered, **session.tasks}.items():
            if task_id in by_id:
                found[task_id] = replace(by_id[task_id], session_id=session.id, section_id=section_id)
    return found


def _may_view(session_id: str, user_id: str) -> bool:
    session = services().reviews.get(session_id)
    return session is not None and session.access_of(user_id) > Access.NONE


def _wanted_section(session: ReviewSession, body: AnalyzeSection) -> str:
    if not body.section_id:
        return section_by_name(session, body.section_name or "")
    if body.section_id != DOCUMENT_SECTION and session.section(body.section_id) is None:
        raise Permanent("section/not-found")
    return body.section_id
