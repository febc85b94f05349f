"""GET /stats: numbers that something counted. What nobody counts, or nobody knows just now, is null."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from core.auth.identity import Identity, user_hash
from core.aws.known_fields import from_known
from core.clock import epoch, iso
from core.errors import AppError
from core.observability.load import Load
from core.observability.logs import get_logger
from core.observability.metrics import WEB
from core.operations.faults import damaged_days, fault_body, fault_words, or_fault, split_faults
from core.operations.queues import QueueState
from core.queueing.parallel import in_parallel
from core.queueing.topology import ANALYSIS, CHAT, QUEUES
from core.statistics.figures import own_figures, system_figures
from core.statistics.rollups import Source
from core.throttling.status import LimiterStatus
from core.web.charts import bar_chart
from core.web.context import current_identity, services
from core.web.problems import prefers_html

log = get_logger(__name__)
blueprint = Blueprint("statistics", __name__)

PERIODS = (1, 7, 30)
"""Days that can be asked for; the first one where nobody asks."""
_COUNTED = (ANALYSIS.key, CHAT.key)
_RECENT_S = 300.0
"""What a web process said of itself is shown for so long: it says nothing while nobody asks it anything."""
_MOST_NAMED = 20


@blueprint.get("/stats")
def stats() -> Response:
    """JSON, or a page for a browser. My numbers; for operators those of the whole system."""
    days = request.args.get("days", PERIODS[0], type=int)
    figures = _figures(current_identity(), days if days in PERIODS else PERIODS[0])
    if not prefers_html():
        return jsonify(figures)
    return Response(_page(figures), mimetype="text/html", headers={"Vary": "Accept"})


def _figures(identity: Identity, number: int) -> dict[str, Any]:
    period = services().rollups.read(number)
    if identity.is_operator:
        counted = system_figures(period.days, queues=_COUNTED)
        counted["cost"]["by_user"] = _named(counted["cost"]["by_user"])
        system = _system(period.sources)
    else:
        counted = own_figures(period.days, user_hash(identity.user_id), queues=_COUNTED)
        system = {
            **dict.fromkeys(("queues", "limiter", "tokens_per_minute", "workers", "web", "health")),
            "faults": [],
        }
    return {
        "at": iso(services().clock.now()),
        "days": number,
        "since": period.counted[0][0],
        "late_s": services().settings.observability.statistics_every_s,
        "reviews": _reviews(identity),
        **counted,
        **system,
        "faults": [*system["faults"], *damaged_days(period)],
    }


def _reviews(identity: Identity) -> dict[str, int]:
    sessions = services().reviews.list_for(identity.user_id)
    asked = [task_id for session in sessions for task_id in session.tasks.values()]
    return {
        "total": len(sessions),
        "sections": sum(len(session.sections) for session in sessions),
        "asked": len(services().results.statuses(asked)),
    }


def _system(sources: list[Source]) -> dict[str, Any]:
    """The numbers of the system. A part that cannot be read becomes a fault beside the others."""
    letters = or_fault(services().queues.letters.indexed)
    indexed = {} if isinstance(letters, AppError) else letters
    parts: dict[str, Callable[[], Any]] = {
        "limiter": services().limiter_status,
        "workers": _workers,
        "queues": services().console.queues,
        "health": lambda: services().health.latest().to_dict(),
        **{
            f"dead letters of {spec.key}": partial(services().queues.dead_letters, spec.key, indexed)
            for spec in QUEUES
        },
    }
    read = {"letters": letters, **dict(zip(parts, in_parallel(or_fault, parts.values()), strict=True))}
    known, faults = split_faults(read)
    states: list[QueueState] = known["queues"] or []
    faults += [fault_body(f"queue {state.queue} in SQS", state.fault) for state in states if state.fault]
    status: LimiterStatus | None = known["limiter"]
    window_s = services().settings.limits.window_s
    return {
        "queues": {state.queue: _queue(state, known[f"dead letters of {state.queue}"]) for state in states},
        "limiter": None if status is None else status.to_dict(),
        "tokens_per_minute": None if status is None else round(status.tokens * 60 / window_s),
        "workers": known["workers"],
        "web": _web(sources),
        "health": known["health"],
        "faults": faults,
    }


def _workers() -> list[dict[str, Any]]:
    return [
        {
            "worker_id": worker.worker_id,
            "alive": alive,
            "queues": list(worker.queues),
            "host": worker.host,
            "pid": worker.pid,
            "at": worker.at,
            **asdict(worker.load),
        }
        for worker, alive in services().console.workers()
    ]


def _queue(state: QueueState, dead_letters: int | None) -> dict[str, Any]:
    depth = dict.fromkeys(("waiting", "in_flight", "delayed")) if state.depth is None else asdict(state.depth)
    age_s = state.oldest_age_s(services().clock.now())
    return {**depth, "dead_letters": dead_letters, "unreleased": state.unreleased, "oldest_age_s": age_s}


def _web(sources: list[Source]) -> list[dict[str, Any]]:
    """The latest load that each web process has reported, if that is recent."""
    since = services().clock.now() - _RECENT_S
    recent = [source.about for source in sources if source.about.get("role") == WEB]
    said = [one for one in map(_process, recent) if one is not None and epoch(one.at) >= since]
    latest = {(one.host, one.pid): one for one in sorted(said, key=lambda one: one.at)}
    return [
        {"host": one.host, "pid": one.pid, "at": one.at, **asdict(one.load)}
        for _key, one in sorted(latest.items())
    ]


@dataclass(frozen=True)
class _Process:
    """What a process says of itself beside its counts."""

    host: str
    pid: int
    at: str
    load: Load


def _process(about: Mapping[str, Any]) -> _Process | None:
    """None where it says something else: its counts are good, so the page is shown without its load."""
    try:
        made = from_known(_Process, about, load=from_known(Load, about["load"]))
        epoch(made.at)
    except (LookupError, TypeError, ValueError) as error:
        log.warning("process_load_unreadable", error=type(error).__name__)
        return None
    return made


def _named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, the first ones with the user's id; null: no review is left that says it."""
    names = in_parallel(_user_of, [row["user"] for row in rows[:_MOST_NAMED]])
    names += [None] * (len(rows) - len(names))
    return [{**row, "name": name} for row, name in zip(rows, names, strict=True)]


def _user_of(user: str) -> str | None:
    try:
        return services().reviews.user_of(user)
    except AppError as error:
        log.warning("user_not_looked_up", code=error.code)
        return None


def _page(figures: dict[str, Any]) -> str:
    return render_template(
        "stats.html",
        identity=current_identity(),
        figures=figures,
        periods=PERIODS,
        faults=[fault_words(fault) for fault in figures["faults"]],
        by_day=bar_chart(
            [
                {
                    "name": row["day"],
                    "accepted": row["succeeded"],
                    "rejected": row["failed"],
                    "open": 0,
                    "total": row["succeeded"] + row["failed"],
                }
                for row in figures["cost"]["by_day"]
                if row["succeeded"] + row["failed"]
            ]
        ),
    )
