"""Work for a model: asked for, followed, cancelled."""

from typing import Any, Literal

from core.web import bodies
from core.web.api.answer import Answer, Progress, TaskError, TaskWord
from core.web.api.refusals import JSON_BODY, QUEUE, STORAGE, TEXT_REFUSALS, TO_CHANGE
from core.web.api.spec import NOT_CHANGED, SESSION, Query, RouteSpec


class TaskAccepted(Answer):
    success: Literal[True]
    task_id: str
    session_id: str
    section_id: str
    status: TaskWord
    enhanced: bool


class SectionTask(Answer):
    section_id: str
    task_id: str
    status: TaskWord


class AllAccepted(Answer):
    success: Literal[True]
    session_id: str
    tasks: list[SectionTask]
    enhanced: bool


class TaskAnswer(Answer):
    task_id: str
    session_id: str
    section_id: str
    status: TaskWord
    state: str
    generation: int
    accepted_at: str | None
    started_at: str | None
    ended_at: str | None
    progress: Progress | None
    error: TaskError | None
    result: dict[str, Any] | None


class UnknownTask(Answer):
    task_id: str
    status: Literal["not_found"]


class TaskAnswers(Answer):
    tasks: list[TaskAnswer | UnknownTask]


class CancelledTask(Answer):
    task_id: str
    status: TaskWord


class TaskCancelled(Answer):
    """Result of cancelling a task. status: "cancelled", or how it had ended before."""

    success: Literal[True]
    task_id: str
    session_id: str
    status: TaskWord


class SessionCancelled(Answer):
    """Result of cancelling a review. tasks: all that had not ended, as they stand now."""

    success: Literal[True]
    session_id: str
    tasks: list[CancelledTask]


ROUTES = (
    RouteSpec(
        "POST",
        "/analyze_section",
        "Have one section reviewed; asked twice it is the same task",
        gives=TaskAccepted,
        body=bodies.AnalyzeSection,
        errors=(
            *TO_CHANGE,
            *QUEUE,
            *JSON_BODY,
            *TEXT_REFUSALS,
            "section/not-found",
            "section/skipped",
            "request/session-needed",
            "limits/daily_cost",
        ),
    ),
    RouteSpec(
        "POST",
        "/analyze_all",
        "Have every section reviewed",
        gives=AllAccepted,
        body=bodies.AnalyzeAll,
        errors=(*TO_CHANGE, *QUEUE, *JSON_BODY, "limits/daily_cost"),
    ),
    RouteSpec(
        "GET",
        "/task_status/<task:task_id>",
        "The state of one task, with its result when it has ended",
        gives=TaskAnswer,
        errors=("task/not-found", *STORAGE),
        also={304: NOT_CHANGED},
    ),
    RouteSpec(
        "GET",
        "/task_status",
        "The state of up to 200 tasks; unknown ones are not_found",
        gives=TaskAnswers,
        query=(Query("ids", "Task ids, separated by commas", required=True),),
        errors=("request/malformed", *STORAGE),
        also={304: NOT_CHANGED},
    ),
    RouteSpec(
        "POST",
        "/cancel_task/<task:task_id>",
        "Cancel a task that has not ended; asking for it anew runs it again",
        gives=TaskCancelled,
        errors=("task/not-found", *TO_CHANGE),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/cancel",
        "Cancel all work of a review that has not ended",
        gives=SessionCancelled,
        errors=TO_CHANGE,
    ),
)
