"""The operators' console: the whole system in one look, and the story of one task."""

import json
from typing import Any

from flask import Blueprint, Response, request

from core.clock import epoch, iso
from core.errors import Permanent
from core.operations.formatting import age, moment, plain
from core.operations.overview import task_body
from core.operations.task_story import stories_of, story_body
from core.operations.tasks import TaskList
from core.queueing.keys import is_queue_key
from core.queueing.results import STATUS_BY_WORD, TaskStatus
from core.queueing.story import TaskStory
from core.queueing.topology import QUEUES
from core.web.conditional import page_or_unchanged
from core.web.context import current_identity, services
from core.web.roles import operators_only

blueprint = Blueprint("operations", __name__, url_prefix="/ops")
operators_only(blueprint)
blueprint.add_app_template_filter(moment)
blueprint.add_app_template_filter(plain)

MOST_TEXT = 200


@blueprint.app_template_filter("age_at")
def age_at(at: str, now: str) -> str:
    """How long ago `at` was at `now`, both ISO."""
    return age(epoch(now) - epoch(at))


@blueprint.app_template_filter("indented")
def indented(document: Any) -> str:
    """The document as JSON for people."""
    return json.dumps(document, indent=2, ensure_ascii=False)


@blueprint.get("")
def overview_page() -> Response:
    overview, found = services().console.first_page(
        state=_chosen_state(), queue=chosen_queue(), text=searched_text()
    )
    tasks = None if found is None else _listed(found)
    shows = {**overview, "at": "", "tasks": tasks}
    return page_or_unchanged(
        "ops.html",
        shows=shows,
        identity=current_identity(),
        overview=overview,
        now=iso(services().clock.now()),
        tasks=tasks,
        states=list(STATUS_BY_WORD),
        queues=[spec.key for spec in QUEUES],
        asked=request.args,
    )


@blueprint.get("/api/overview")
def overview() -> dict[str, Any]:
    return services().console.overview()


@blueprint.get("/api/tasks")
def tasks() -> dict[str, Any]:
    return _tasks()


@blueprint.get("/tasks/<task:task_id>")
def task_page(task_id: str) -> Response:
    story, now = _story(task_id), iso(services().clock.now())
    ended = story["ended_at"] is not None
    return page_or_unchanged(
        "ops_task.html", shows=story, identity=current_identity(), story=story, now=now, ended=ended
    )


@blueprint.get("/api/tasks/<task:task_id>")
def task(task_id: str) -> dict[str, Any]:
    return _story(task_id)


def searched_text() -> str:
    """The text in ?q=. Raises Permanent request/malformed."""
    text = request.args.get("q", "").strip()
    if len(text) > MOST_TEXT:
        raise Permanent("request/malformed", f"Search for at most {MOST_TEXT} characters.")
    return text


def chosen_queue() -> str:
    """The queue in ?queue=, "" for all. Raises Permanent request/malformed."""
    queue = request.args.get("queue", "")
    if queue and not is_queue_key(queue):
        raise Permanent("request/malformed", f"queue: it must be one of {', '.join(s.key for s in QUEUES)}.")
    return queue


def _tasks() -> dict[str, Any]:
    return _listed(
        services().console.tasks(state=_chosen_state(), queue=chosen_queue(), text=searched_text())
    )


def _listed(found: TaskList) -> dict[str, Any]:
    return {"tasks": [task_body(entry) for entry in found.entries], "complete": found.complete}


def _chosen_state() -> TaskStatus | None:
    word = request.args.get("state", "")
    if word and word not in STATUS_BY_WORD:
        raise Permanent("request/malformed", f"state: it must be one of {', '.join(STATUS_BY_WORD)}.")
    return STATUS_BY_WORD.get(word)


def _story(task_id: str) -> dict[str, Any]:
    story = stories_of(services().queueing).get(task_id)
    if story is None:
        raise Permanent("task/not-found")
    return {**story_body(story), "owner": story.record.owner, "dead_letters": _letters(story)}


def _letters(story: TaskStory) -> list[dict[str, Any]]:
    return [
        {"generation": letter.generation, "ended_at": letter.ended_at, "code": letter.code}
        for letter in story.dead_letters
    ]
