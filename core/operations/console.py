"""What the console shows, read once for all operators who watch.

A part that cannot be read is shown as a fault beside the others, because operators look when something is broken. A
part that takes long is not waited for: the page opens without it and shows it a moment later.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.clock import Clock, iso
from core.config import Settings
from core.operations.audit_pages import AuditPage, AuditPages
from core.operations.cached_value import CachedValue
from core.operations.faults import or_fault
from core.operations.letter_snapshot import LETTERS_SHOWN, LetterSnapshot
from core.operations.letters import LetterCache
from core.operations.overview import overview_body
from core.operations.queues import QueueStates
from core.operations.tasks import RecentTasks, TaskFilter, TaskList
from core.operations.workers import WorkerStates
from core.pipeline.daily_cost import DailyCost
from core.queueing.letter_search import LetterFilter, LetterPage, page_of
from core.queueing.parallel import Later, in_parallel
from core.queueing.results import TaskStatus
from core.review.repository import ReviewRepository
from core.statistics.figures import cost_of
from core.statistics.health import HealthBook
from core.statistics.rollups import Period, Rollups
from core.throttling.limits import Limits, limits_from
from core.throttling.status import LimiterStatus

DAY_S = 86_400.0
TASKS_SHOWN = 50
AUDIT_DAYS, AUDIT_PAGE = 30, 50

_MOST_LISTS = 32
_LATEST = (None, "", "")
"""The list of the first page: no filter."""
_SHOWN_AT_ONCE_S = 600.0
"""A page that nobody has opened for a while shows old values with their time, and is read again at once."""
_PATIENCE_S = 0.1
_COUNTED_DAYS = 7
_COUNTED_S = 30.0
"""How long counts are cached: processes store theirs about as often."""


@dataclass(frozen=True)
class Parts:
    """The sources of what the console shows. queue_prefix: of the names in SQS."""

    queues: QueueStates
    workers: WorkerStates
    tasks: RecentTasks
    letter_cache: LetterCache
    audit: AuditPages
    limiter: Callable[[], LimiterStatus]
    limits: Limits
    cost: DailyCost
    rollups: Rollups
    health: HealthBook
    queue_prefix: str


class Console:
    """Caches and combines the parts of the console.

    `overview` raises no errors of storage or queues: those are in its result, or in the log.
    """

    def __init__(self, parts: Parts, clock: Clock, *, later: Later) -> None:
        self._parts = parts
        self._clock = clock
        self._later = later
        self._lists: dict[tuple[TaskStatus | None, str, str], CachedValue[TaskList]] = {}
        self._read_so_far: dict[str, Any] = {}
        self.letter_cache = parts.letter_cache
        self.queues = CachedValue(parts.queues.read, clock=clock, later=later)
        self.workers = CachedValue(parts.workers.records, clock=clock, later=later)
        self._worker_states = CachedValue(parts.workers.read, clock=clock, later=later)
        self._letters: CachedValue[LetterPage] = CachedValue(
            partial(page_of, parts.letter_cache, LetterFilter(), limit=LETTERS_SHOWN),
            clock=clock,
            later=later,
        )
        self._audit: CachedValue[AuditPage] = CachedValue(self._newest_audit, clock=clock, later=later)
        self._overview: CachedValue[dict[str, Any]] = CachedValue(
            self._read, clock=clock, stale_s=_SHOWN_AT_ONCE_S, later=later
        )
        self._counts: CachedValue[Period] = CachedValue(
            partial(parts.rollups.read, _COUNTED_DAYS),
            clock=clock,
            fresh_s=_COUNTED_S,
            stale_s=_SHOWN_AT_ONCE_S,
            later=later,
        )

    def overview(self) -> dict[str, Any]:
        """Returns the body of GET /ops/api/overview.

        If nothing is cached, only with the parts that could be read in a tenth of a second; `reading` names the
        others.
        """
        whole = self._overview.within(_PATIENCE_S)
        return self._body(dict(self._read_so_far)) if whole is None else whole

    def letters(self) -> LetterSnapshot:
        """Returns the newest dead letters; if nothing is cached and reading takes long, as of the last minute.

        Errors: storage/*.
        """
        page = self._letters.within(_PATIENCE_S)
        if page is None and (snapshot := self._parts.queues.letters.last()) is not None:
            return snapshot
        return LetterSnapshot(page or self._letters(), iso(self._clock.now()))

    def first_page(
        self, *, state: TaskStatus | None = None, queue: str = "", text: str = ""
    ) -> tuple[dict[str, Any], TaskList | None]:
        """Returns `overview` and `tasks`, read side by side.

        None for tasks that take longer than a tenth of a second.

        Errors: storage/*.
        """
        tasks, started = self._list((state, queue, text)), self._clock.now()
        tasks.within(0)
        overview = self.overview()
        return overview, tasks.within(max(0.0, _PATIENCE_S - (self._clock.now() - started)))

    def tasks(self, *, state: TaskStatus | None = None, queue: str = "", text: str = "") -> TaskList:
        """Returns the latest tasks that match; each list is read once for all who look at it. Errors: storage/*."""
        return self._list((state, queue, text))()

    def audit(self, *, before: str = "") -> AuditPage:
        """Returns a page of the audit log. before: cursor of the previous page. Errors: storage/*."""
        return self._newest_audit(before=before) if before else self._audit()

    def forget(self) -> None:
        """Drops everything cached, so that a change shows at once."""
        self._parts.queues.letters.forget()
        self._letters.forget()
        self.letter_cache.forget_names()
        self.queues.forget()
        self.workers.forget()
        self._worker_states.forget()
        self._overview.forget()
        self._audit.forget()
        self._lists.clear()

    def _list(self, asked: tuple[TaskStatus | None, str, str]) -> CachedValue[TaskList]:
        # Kept in a variable: another thread may clear the dict meanwhile.
        found = self._lists.get(asked)
        if found is None:
            if len(self._lists) >= _MOST_LISTS:
                self._lists.clear()
            stale_s = _SHOWN_AT_ONCE_S if asked == _LATEST else 15.0
            find = partial(self._find, *asked)
            found = CachedValue(find, clock=self._clock, stale_s=stale_s, later=self._later)
            found = self._lists.setdefault(asked, found)
        return found

    def _newest_audit(self, *, before: str = "") -> AuditPage:
        return self._parts.audit.newest(days=AUDIT_DAYS, most=AUDIT_PAGE, before=before)

    def _find(self, state: TaskStatus | None, queue: str, text: str) -> TaskList:
        since = self._clock.now() - DAY_S
        return self._parts.tasks.find(TaskFilter(since, TASKS_SHOWN, state=state, queue=queue, text=text))

    def _read(self) -> dict[str, Any]:
        parts = self._parts
        coming: dict[str, Any] = {}
        self._read_so_far = coming
        sources: dict[str, Callable[[], Any]] = {
            "queues": self.queues,
            "workers": self._worker_states,
            "dead letters": lambda: Counter(name.queue for name in parts.letter_cache.names()),
            "limiter": parts.limiter,
            "cost": self._cost,
            "counts": self._counts,
            "tasks": self._list(_LATEST),
            "health": parts.health.latest,
        }

        def take(part: str) -> None:
            coming[part] = or_fault(sources[part])

        in_parallel(take, sources)
        return self._body(coming)

    def _body(self, read: dict[str, Any]) -> dict[str, Any]:
        prefix, now = self._parts.queue_prefix, self._clock.now()
        return overview_body(read, limits=self._parts.limits, queue_prefix=prefix, now=now)

    def _cost(self) -> dict[str, Any]:
        """Today's cost: where it has a cap, the amount held against that; else what processes have counted."""
        cap_usd = self._parts.cost.cap_usd
        usd = self._parts.cost.spent_usd() if cap_usd > 0 else cost_of(self._counts().today)
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
    """Returns the console.

    status: of the limiter. later: how cached values are read again while pages show old ones.
    """
    queueing = queues.queueing
    parts = Parts(
        queues=queues,
        workers=WorkerStates(queueing),
        tasks=RecentTasks(queueing, reviews),
        letter_cache=LetterCache(queueing.dead_letters, queueing.clock, later=later),
        audit=AuditPages(queueing.audit),
        limiter=status,
        limits=limits_from(settings.limits),
        cost=cost,
        rollups=rollups,
        health=health,
        queue_prefix=queues.prefix,
    )
    return Console(parts, queueing.clock, later=later)
