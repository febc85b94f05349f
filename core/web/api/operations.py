"""The operators' console: the system in one look, tasks, and the pages of both."""

from typing import Any, Literal

from core.web.api.answer import Answer, TaskWord
from core.web.api.refusals import QUEUE, STORAGE
from core.web.api.spec import HTML, Query, RouteSpec
from core.web.api.statistics import DayCost, Fault, ModelNow

ONLY_OPERATORS = ("auth/forbidden",)
SEES = (*STORAGE, *ONLY_OPERATORS)

TASK_QUERY = (
    Query("state", "queued, running, retrying, completed, failed or cancelled"),
    Query("queue", "analysis, chat or monitoring"),
    Query("q", "Id of a task or how it begins, id of a review, a user, words of an error"),
)


class QueueView(Answer):
    """A queue.

    oldest_at: when the oldest unfinished task was accepted. started: in the limiter's window, of `rate`. waiting,
    in_flight: as SQS counts them, null if it does not answer.
    """

    queue: str
    name: str
    health: Literal["unknown", "healthy", "busy", "unhealthy"]
    unreleased: int
    waiting: int | None
    in_flight: int | None
    users: int
    oldest_at: str | None
    oldest_task: str | None
    started: int | None
    rate: int | None
    dead_letters: int | None


class HeldTask(Answer):
    task_id: str
    running_since: str | None
    queue: str
    session_id: str
    section_id: str


class WorkerView(Answer):
    worker_id: str
    host: str
    pid: int
    queues: list[str]
    version: str
    since: str
    seen_at: str
    alive: bool
    holds: list[HeldTask]


class LimiterMost(Answer):
    requests: int
    tokens: int
    slots: int


class CallsToday(Answer):
    """A model's calls since 00:00 UTC.

    success_rate: answered calls of those that were answered or failed. fallback: answered after another model.
    """

    answered: int
    throttled: int
    failed: int
    fallback: int
    success_rate: float | None


class ModelView(ModelNow):
    """A model. today: null if it was not called."""

    today: CallsToday | None


class LimiterView(Answer):
    """Use of the limiter.

    Requests and tokens of the present window, slots for calls in flight; `limits`: the maximum of each.
    """

    requests: int
    tokens: int
    slots: int
    queues: dict[str, int]
    usable: bool
    models: list[ModelView]
    tickets: int
    clock_offset_s: float
    window_s: float
    limits: LimiterMost


class CostToday(Answer):
    """Cost of this UTC day. cap_usd: the limit, null without one."""

    usd: float
    cap_usd: float | None


class TaskRow(Answer):
    """A task in a list. at: when it entered this state."""

    task_id: str
    generation: int
    state: str
    status: TaskWord
    at: str
    queue: str
    session_id: str
    section_id: str
    attempts: int
    worker_id: str | None
    model_id: str
    cost_usd: float | None
    error: str


class SignView(Answer):
    """A sign of health. of: a queue or ""."""

    name: str
    of: str
    condition: str
    bounds: str


class HealthView(Answer):
    """The latest health, with the signs that are neither healthy nor unknown."""

    condition: str
    signs: list[SignView]


class Overview(Answer):
    """The console's first page.

    A part that could not be read is null and in `faults`. week: the last seven UTC days. reading: parts that take
    long; they are null, and included in the next answer.
    """

    at: str
    warnings: list[str]
    queues: list[QueueView] | None
    workers: list[WorkerView] | None
    queues_without_worker: list[str]
    limiter: LimiterView | None
    cost: CostToday | None
    week: list[DayCost] | None
    tasks: list[TaskRow] | None
    health: HealthView | None
    faults: list[Fault]
    reading: list[str]


class TaskRows(Answer):
    """Tasks, newest first. complete: false if older ones were not checked."""

    tasks: list[TaskRow]
    complete: bool


class TaskWorker(Answer):
    worker_id: str
    host: str | None
    pid: int | None
    taken_at: str | None


class TaskCall(Answer):
    """A model call of any generation of the task."""

    generation: int
    number: int
    model_id: str
    claimed_at: str
    ended_at: str | None
    worker_id: str
    outcome: str
    quota_tokens: int | None
    cost_usd: float | None


class LetterMark(Answer):
    generation: int
    ended_at: str
    code: str


class TaskStoryAnswer(Answer):
    """The story of a task: ids, times, figures and errors; never text of a document or of an answer.

    history: outcomes of earlier generations. replay: the operator's run that started the present generation.
    """

    task_id: str
    task: str
    queue: str
    owner: str
    session_id: str
    section_id: str
    correlation_id: str
    replay: str | None
    generation: int
    state: str
    status: TaskWord
    accepted_at: str
    released_at: str | None
    sent_at: str | None
    started_at: str | None
    worker: TaskWorker | None
    waiting_for: str | None
    not_before: str | None
    ended_at: str | None
    starts: int
    retries: int
    attempts: list[TaskCall]
    result: dict[str, Any] | None
    usage: dict[str, Any] | None
    cost_usd: float | None
    error: dict[str, Any] | None
    dead_lettered_at: str | None
    dead_letters: list[LetterMark]
    history: list[dict[str, Any]]


ROUTES = (
    RouteSpec(
        "GET",
        "/ops",
        "The console: queues, workers, limiter, recent tasks",
        media=HTML,
        query=TASK_QUERY,
        errors=(*SEES, "request/malformed"),
    ),
    RouteSpec(
        "GET",
        "/ops/api/overview",
        "What the console's first page shows; at most some seconds old",
        gives=Overview,
        errors=(*SEES, *QUEUE),
    ),
    RouteSpec(
        "GET",
        "/ops/api/tasks",
        "Recent tasks by state, with search",
        gives=TaskRows,
        query=TASK_QUERY,
        errors=(*SEES, "request/malformed"),
    ),
    RouteSpec(
        "GET",
        "/ops/tasks/<task:task_id>",
        "One task's whole story",
        media=HTML,
        errors=(*SEES, "task/not-found"),
    ),
    RouteSpec(
        "GET",
        "/ops/api/tasks/<task:task_id>",
        "One task's whole story",
        gives=TaskStoryAnswer,
        errors=(*SEES, "task/not-found"),
    ),
)
