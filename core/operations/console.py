"""The console's first page: the whole system in one look, read once for all operators who watch.

A part that cannot be read is told as a fault beside the others: operators look when something is broken.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from core.clock import Clock, epoch, iso
from core.config import Settings
from core.errors import AppError
from core.operations.deeds import RecentDeeds
from core.operations.letters import LetterShelf
from core.operations.queues import QueueState, QueueStates
from core.operations.remembered import Remembered
from core.operations.tasks import RecentTasks, TaskList, TaskWish
from core.operations.workers import WorkerState, WorkerStates, queues_without_worker
from core.pipeline.daily_cost import DailyCost
from core.queueing.parallel import Later, in_parallel
from core.queueing.results import TaskStatus
from core.queueing.task_index import TaskEntry
from core.queueing.topology import queue_name
from core.review.overview import STATUS_WORDS
from core.review.repository import ReviewRepository
from core.statistics.figures import cost_of
from core.statistics.health import OLDEST_AGE_S, Condition, HealthBook, Verdict, sign
from core.statistics.rollups import Rollups
from core.throttling.limits import Limits, limits_from
from core.throttling.status import LimiterStatus, ModelState

DAY_S = 86_400.0
TASKS_SHOWN = 50
DAYS_OF_DEEDS, MOST_DEEDS = 30, 200

_MOST_LISTS = 32
_SHOWN_AT_ONCE_S = 600.0
"""A page that nobody has looked at for a while opens with what was known then, and says of when; a second later it is
read anew."""

_CALLABLE = (ModelState.READY, ModelState.HALF_OPEN)


@dataclass(frozen=True)
class Parts:
    """Where the parts of the first page come from. queue_prefix: of the names in SQS."""

    queues: QueueStates
    workers: WorkerStates
    tasks: RecentTasks
    shelf: LetterShelf
    deeds: RecentDeeds
    limiter: Callable[[], LimiterStatus]
    limits: Limits
    cost: DailyCost
    rollups: Rollups
    health: HealthBook
    queue_prefix: str


class Console:
    """Errors of `overview`: none of storage or queues: they are in it."""

    def __init__(self, parts: Parts, clock: Clock, *, later: Later) -> None:
        self._parts = parts
        self._clock = clock
        self._later = later
        self._lists: dict[tuple[TaskStatus | None, str, str], Remembered[TaskList]] = {}
        self.shelf = parts.shelf
        self.deeds = Remembered(
            partial(parts.deeds.newest, days=DAYS_OF_DEEDS, most=MOST_DEEDS), clock=clock, later=later
        )
        self.overview: Remembered[dict[str, Any]] = Remembered(
            self._read, clock=clock, stale_s=_SHOWN_AT_ONCE_S, later=later
        )

    def tasks(self, *, state: TaskStatus | None = None, queue: str = "", text: str = "") -> TaskList:
        """The latest that fit; each such list is read once for all who look at it. Errors: storage/*."""
        asked = (state, queue, text)
        # Held on to: whoever forgets all of them meanwhile, in another thread, takes it out of the dict.
        found = self._lists.get(asked)
        if found is None:
            if len(self._lists) >= _MOST_LISTS:
                self._lists.clear()
            found = Remembered(partial(self._find, *asked), clock=self._clock, later=self._later)
            found = self._lists.setdefault(asked, found)
        return found()

    def forget(self) -> None:
        """Somebody has done something: the next look shows it."""
        self.shelf.names.forget()
        self.overview.forget()
        self.deeds.forget()
        self._lists.clear()

    def _find(self, state: TaskStatus | None, queue: str, text: str) -> TaskList:
        since = self._clock.now() - DAY_S
        return self._parts.tasks.find(TaskWish(since, TASKS_SHOWN, state=state, queue=queue, text=text))

    def _read(self) -> dict[str, Any]:
        """The body of GET /ops/api/overview. Times in ISO UTC, so that it changes only when the system does."""
        parts, now = self._parts, self._clock.now()
        sources: dict[str, Callable[[], Any]] = {
            "queues": parts.queues.read,
            "workers": parts.workers.read,
            "dead letters": lambda: Counter(name.queue for name in parts.shelf.names()),
            "limiter": parts.limiter,
            "cost": self._cost,
            "tasks": self.tasks,
            "health": parts.health.verdict,
        }
        read = dict(zip(sources, in_parallel(lambda name: _or_fault(sources[name]), sources), strict=True))
        faults = [_fault_body(name, error) for name, error in read.items() if isinstance(error, AppError)]
        known = {name: None if isinstance(value, AppError) else value for name, value in read.items()}
        workers: list[WorkerState] | None = known["workers"]
        body = {
            "queues": self._queues(known),
            "workers": None if workers is None else [_worker_body(worker) for worker in workers],
            "queues_without_worker": [] if workers is None else queues_without_worker(workers),
            "limiter": None if known["limiter"] is None else self._limiter(known["limiter"]),
            "cost": known["cost"],
            "tasks": None
            if known["tasks"] is None
            else [task_body(entry) for entry in known["tasks"].entries],
            "health": None if known["health"] is None else _health_body(known["health"]),
            "faults": faults,
        }
        return {"at": iso(now), "warnings": _warnings(body, now=now), **body}

    def _queues(self, known: dict[str, Any]) -> list[dict[str, Any]] | None:
        if known["queues"] is None:
            return None
        states: list[QueueState] = known["queues"]
        letters: Counter[str] | None = known["dead letters"]
        started = known["limiter"].queues if known["limiter"] else {}
        return [
            {
                "queue": state.queue,
                "name": queue_name(self._parts.queue_prefix, state.queue),
                "health": sign("queue-depth", state.not_begun).condition.value,
                "unreleased": state.unreleased,
                "waiting": state.depth.waiting + state.depth.delayed,
                "in_flight": state.depth.in_flight,
                "users": state.users,
                "oldest_at": state.oldest_at,
                "started": started.get(state.queue),
                "rate": self._parts.limits.queue_rates.get(state.queue),
                "dead_letters": None if letters is None else letters[state.queue],
            }
            for state in states
        ]

    def _limiter(self, status: LimiterStatus) -> dict[str, Any]:
        limits = self._parts.limits
        most = {"requests": limits.requests, "tokens": limits.tokens, "slots": limits.concurrent}
        return {**status.to_dict(), "window_s": limits.window_s, "limits": most}

    def _cost(self) -> dict[str, Any]:
        """Where a day has a limit, what is held to it; else what the processes have counted."""
        cap_usd = self._parts.cost.cap_usd
        usd = self._parts.cost.spent_usd() if cap_usd > 0 else cost_of(self._parts.rollups.days(1))
        return {"usd": round(usd, 4), "cap_usd": cap_usd or None}


def make_console(
    settings: Settings,
    queues: QueueStates,
    reviews: ReviewRepository,
    *,
    status: Callable[[], LimiterStatus],
    cost: DailyCost,
    rollups: Rollups,
    health: HealthBook,
    later: Later,
) -> Console:
    """status: of the limiter. later: reads anew what pages show, while they show what was read before."""
    queueing = queues.queueing
    parts = Parts(
        queues=queues,
        workers=WorkerStates(queueing),
        tasks=RecentTasks(queueing, reviews),
        shelf=LetterShelf(queueing.dead_letters, queueing.clock, later=later),
        deeds=RecentDeeds(queueing.audit),
        limiter=status,
        limits=limits_from(settings.limits),
        cost=cost,
        rollups=rollups,
        health=health,
        queue_prefix=queues.prefix,
    )
    return Console(parts, queueing.clock, later=later)


def task_body(entry: TaskEntry) -> dict[str, Any]:
    return {**asdict(entry), "state": entry.state.value, "status": STATUS_WORDS[entry.state]}


def _or_fault(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except AppError as error:
        return error


def _fault_body(part: str, error: AppError) -> dict[str, Any]:
    said = {"code": error.code, "title": error.kind.title, "detail": error.detail}
    return {"part": part, **said, "next_step": error.kind.next_step}


def _health_body(verdict: Verdict) -> dict[str, Any]:
    """What monitoring judged, without the figures: the age of its own look is another each second."""
    wrong = [one for one in verdict.signs if one.condition in (Condition.BUSY, Condition.UNHEALTHY)]
    return {
        "condition": verdict.condition.value,
        "signs": [
            {"name": one.name, "of": one.of, "condition": one.condition.value, "bounds": one.bounds}
            for one in wrong
        ],
    }


def _worker_body(state: WorkerState) -> dict[str, Any]:
    worker = state.worker
    return {
        "worker_id": worker.worker_id,
        "host": worker.host,
        "pid": worker.pid,
        "queues": list(worker.queues),
        "version": worker.version,
        "since": worker.started_at,
        "seen_at": worker.at,
        "alive": state.alive,
        "holds": [asdict(held) for held in state.holds],
    }


def _warnings(body: dict[str, Any], *, now: float) -> list[str]:
    """What an operator should know first, in words."""
    found = [f"The {fault['part']} could not be read: {fault['title'].lower()}." for fault in body["faults"]]
    for queue in body["queues"] or ():
        if queue["oldest_at"] and now - epoch(queue["oldest_at"]) > OLDEST_AGE_S[queue["queue"]]:
            found.append(f"The oldest task of {queue['queue']} has waited longer than it should.")
    if body["queues_without_worker"]:
        found.append(f"Nobody works on {', '.join(body['queues_without_worker'])}.")
    if silent := sum(not worker["alive"] for worker in body["workers"] or ()):
        found.append(f"{silent} worker{'s' if silent > 1 else ''} fell silent within the last hour.")
    if body["limiter"] and not any(one["state"] in _CALLABLE for one in body["limiter"]["models"]):
        found.append("No model can be called just now.")
    return found
