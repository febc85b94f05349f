"""Dead letters: seen, replayed, edited, deleted, purged, and who did it."""

from typing import Any, Literal

from core.web import bodies
from core.web.api.answer import Answer, TaskWord
from core.web.api.operations import SEES
from core.web.api.refusals import JSON_BODY, QUEUE
from core.web.api.spec import HTML, OCTETS, Query, RouteSpec

LETTER = "<letter:letter_id>"
RUN = "<run:run_id>"
DOES = (*SEES, *QUEUE, *JSON_BODY, "task/not-found")

LETTER_QUERY = (
    Query("queue", "analysis, chat or monitoring"),
    Query("signature", "Of a group"),
    Query("code", "Error code, or how it begins: model/"),
    Query("session", "Id of a review"),
    Query("q", "Words of the error; with digits in it, part of any id too"),
    Query("newer", "Failed within: 1h, 24h, 7d"),
    Query("older", "Failed longer ago: 1h, 24h, 7d"),
)
AUDIT_QUERY = (Query("before", "`next` of the page before"),)


class LetterRow(Answer):
    """A dead letter in a list.

    generation: the one that failed, 0 for a message that is not one of ours. attempts: model calls. restored_at:
    when somebody took it out of the archive again, else "".
    """

    task_id: str
    generation: int
    queue: str
    task: str
    session_id: str
    section_id: str
    code: str
    detail: str
    attempts: int
    retries: int
    starts: int
    accepted_at: str
    ended_at: str
    moved_by: str
    correlation_id: str
    restored_at: str
    signature: str
    age_s: int


class LetterGroup(Answer):
    """Letters of one queue that failed for one reason; code and detail of one of them."""

    queue: str
    signature: str
    count: int
    oldest_at: str
    newest_at: str
    code: str
    detail: str


class LetterList(Answer):
    """A page of dead letters.

    fitting: how many match, null if letters had to be read one by one. next: ?after= of the page of older ones.
    indexed: number of all letters by queue, whatever the filter.
    """

    at: str
    dead_letters: list[LetterRow]
    fitting: int | None
    next: str | None
    indexed: dict[str, int]
    groups: list[LetterGroup]


class ModelCall(Answer):
    number: int
    model_id: str
    claimed_at: str
    ended_at: str | None
    failure: str | None


class LetterVerdict(Answer):
    """Who dealt with a letter, how and why. task_id: of the task that was submitted in its place."""

    fate: Literal["replayed", "edited", "superseded", "deleted", "purged"]
    operator: str
    reason: str
    at: str
    run_id: str
    task_id: str


class LetterWhole(LetterRow):
    """A dead letter with its message.

    restorable: it was removed, and can be restored. trace: places in the code where it failed. envelope: decoded,
    null if the message is not one of ours; raw: as it was received.
    """

    where: str
    restorable: bool
    verdict: LetterVerdict | None
    model_calls: list[ModelCall]
    trace: list[str]
    envelope: dict[str, Any] | None
    raw: str


class LetterAnswer(Answer):
    letters: list[LetterWhole]
    task: dict[str, Any] | None


class RunItemAnswer(Answer):
    """A letter of a run.

    outcome: in a dry run, what would happen to it; in a run, what became of its task, "" for a removal.
    """

    task_id: str
    queue: str
    outcome: str


class LetterRunPlan(Answer):
    """A dry run.

    would: number of letters by outcome; items: the first 200. unlooked: letters that are checked only when their
    turn comes. left_out: chosen messages that are not ours and are never run. minutes: until the last is sent.
    """

    run_id: str
    action: Literal["replay", "delete", "purge", "restore"]
    selected: int
    left_out: int
    would: dict[str, int]
    unlooked: int
    minutes: float
    per_minute: dict[str, float]
    queues: dict[str, int]
    items: list[RunItemAnswer]


class LetterRunAnswer(Answer):
    """A run and its progress.

    done: letters dealt with; counts: by outcome. outcomes: what became of the tasks of a replay. items: the first
    200.
    """

    run_id: str
    action: Literal["replay", "delete", "purge", "restore"]
    operator: str
    reason: str
    at: str
    about: dict[str, Any]
    state: Literal["prepared", "under way", "ended", "stopped"]
    selected: int
    done: int
    counts: dict[str, int]
    outcomes: dict[str, int]
    items: list[RunItemAnswer]


class EditedTask(Answer):
    success: Literal[True]
    task_id: str
    status: TaskWord


class DeedAnswer(Answer):
    action: str
    operator: str
    reason: str
    about: dict[str, Any]
    items: list[str]
    phase: str
    outcome: dict[str, int]
    run_id: str
    at: str


class AuditAnswer(Answer):
    """Audit entries of the last 30 days, newest first, 50 per page. next: ?before= of the page of older ones."""

    deeds: list[DeedAnswer]
    next: str | None


ROUTES = (
    RouteSpec(
        "GET",
        "/ops/dead-letters",
        "Dead letters by error, with search",
        media=HTML,
        query=LETTER_QUERY,
        errors=(*SEES, "request/malformed"),
    ),
    RouteSpec(
        "GET",
        "/ops/api/dead-letters",
        "Dead letters, newest first, and their groups",
        gives=LetterList,
        query=(*LETTER_QUERY, Query("after", "`next` of the page before")),
        errors=(*SEES, "request/malformed"),
    ),
    RouteSpec(
        "GET",
        "/ops/api/dead-letters/export",
        "The letters that fit, with their envelopes: a JSON array as a file",
        media=OCTETS,
        query=LETTER_QUERY,
        errors=(*SEES, "request/malformed"),
    ),
    RouteSpec(
        "GET",
        f"/ops/dead-letters/{LETTER}",
        "One dead letter whole",
        media=HTML,
        errors=(*SEES, "task/not-found"),
    ),
    RouteSpec(
        "GET",
        f"/ops/api/dead-letters/{LETTER}",
        "One dead letter whole: envelope, error, model calls, history; also from the archive",
        gives=LetterAnswer,
        errors=(*SEES, "task/not-found"),
    ),
    RouteSpec(
        "POST",
        f"/ops/api/dead-letters/{LETTER}/edit",
        "Edit and replay: asks for the task about another section or review",
        gives=EditedTask,
        body=bodies.EditLetter,
        errors=(
            *DOES,
            "task/not-editable",
            "letters/taken",
            "session/not-found",
            "section/not-found",
            "section/skipped",
            "review/signed-off",
            "limits/daily_cost",
            "limiter/unavailable",
        ),
    ),
    RouteSpec(
        "POST",
        "/ops/api/letter-runs",
        "A dry run: exactly what a replay, deletion, purge or restoration would do",
        gives=LetterRunPlan,
        body=bodies.ChooseLetters,
        errors=(*DOES, "letters/none", "letters/too-many"),
    ),
    RouteSpec(
        "POST",
        f"/ops/api/letter-runs/{RUN}/start",
        "Confirm a dry run, once; it ends by itself",
        gives=LetterRunAnswer,
        body=bodies.ConfirmRun,
        errors=(*DOES, "letters/not-confirmed", "letters/started-before"),
    ),
    RouteSpec(
        "POST",
        f"/ops/api/letter-runs/{RUN}/stop",
        "What is not done stays undone",
        gives=LetterRunAnswer,
        body=bodies.StopRun,
        errors=(*DOES, "letters/not-under-way"),
    ),
    RouteSpec(
        "GET",
        f"/ops/api/letter-runs/{RUN}",
        "How far it is, and what became of the tasks",
        gives=LetterRunAnswer,
        errors=(*SEES, "task/not-found"),
    ),
    RouteSpec("GET", f"/ops/runs/{RUN}", "How far a run is", media=HTML, errors=(*SEES, "task/not-found")),
    RouteSpec(
        "GET",
        "/ops/audit",
        "Who did what, and why",
        media=HTML,
        query=AUDIT_QUERY,
        errors=(*SEES, "request/malformed"),
    ),
    RouteSpec(
        "GET",
        "/ops/api/audit",
        "Who did what, and why",
        gives=AuditAnswer,
        query=AUDIT_QUERY,
        errors=(*SEES, "request/malformed"),
    ),
)
