"""The console's first page: the whole system in one look, read once for all operators who watch.

A part that cannot be read is told as a fault beside the others: operators look when something is broken. A part that
takes long is not waited for: the page opens with the others and has it a moment later.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.clock import Clock, iso
from core.config import Settings
from core.operations.deeds import DeedPage, RecentDeeds
from core.operations.letter_glance import LETTERS_SHOWN, Glance
from core.operations.letters import LetterPage, LetterShelf, page_of
from core.operations.overview import overview_body
from core.operations.parts import or_fault
from core.operations.queues import QueueStates
from core.operations.remembered import Remembered
from core.operations.tasks import RecentTasks, TaskList, TaskWish
from core.operations.workers import WorkerStates
from core.pipeline.daily_cost import DailyCost
from core.queueing.letter_search import LetterFilter
from core.queueing.parallel import Later, in_parallel
from core.queueing.results import TaskStatus
from core.review.repository import ReviewRepository
from core.statistics.figures import cost_of
from core.statistics.health import HealthBook
from core.statistics.rollups import Rollups
from core.statistics.tally import Tally
from core.throttling.limits import Limits, limits_from
from core.throttling.status import LimiterStatus

DAY_S = 86_400.0
TASKS_SHOWN = 50
DAYS_OF_DEEDS, DEEDS_SHOWN = 30, 50

_MOST_LISTS = 32
_LATEST = (None, "", "")
"""What nobody has narrowed: the list of the first page."""
_SHOWN_AT_ONCE_S = 600.0
"""A page that nobody has looked at for a while opens with what was known then, and says of when; a second later it is
read anew."""
_PATIENCE_S = 0.1
_COUNTED_DAYS = 7
_COUNTED_S = 30.0
"""What is counted gets to storage about as often."""


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
    """Errors of `overview` and `latest`: none of storage or queues: they are in it, or in the log."""

    def __init__(self, parts: Parts, clock: Clock, *, later: Later) -> None:
        self._parts = parts
        self._clock = clock
        self._later = later
        self._lists: dict[tuple[TaskStatus | None, str, str], Remembered[TaskList]] = {}
        self._read_so_far: dict[str, Any] = {}
        self.shelf = parts.shelf
        self.queues = Remembered(parts.queues.read, clock=clock, later=later)
        self.workers = Remembered(parts.workers.read, clock=clock, later=later)
        self._letters: Remembered[LetterPage] = Remembered(
            partial(page_of, parts.shelf, LetterFilter(), limit=LETTERS_SHOWN), clock=clock, later=later
        )
        self._deeds: Remembered[DeedPage] = Remembered(self._newest_deeds, clock=clock, later=later)
        self._overview: Remembered[dict[str, Any]] = Remembered(
            self._read, clock=clock, stale_s=_SHOWN_AT_ONCE_S, later=later
        )
        self._counts: Remembered[list[tuple[str, Tally]]] = Remembered(
            partial(parts.rollups.days, _COUNTED_DAYS),
            clock=clock,
            fresh_s=_COUNTED_S,
            stale_s=_SHOWN_AT_ONCE_S,
            later=later,
        )

    def overview(self) -> dict[str, Any]:
        """The body of GET /ops/api/overview; at the first look in a long while what was read in a tenth of a second,
        with the names of the other parts in `reading`."""
        whole = self._overview.within(_PATIENCE_S)
        return self._body(dict(self._read_so_far)) if whole is None else whole

    def letters(self) -> Glance:
        """The newest dead letters; at the first look in a long while those of the last minute, where there are many.

        Errors: storage/*.
        """
        page = self._letters.within(_PATIENCE_S)
        if page is None and (glance := self._parts.queues.letters.last()) is not None:
            return glance
        return Glance(page or self._letters(), iso(self._clock.now()))

    def latest(self) -> TaskList | None:
        """The tasks of the first page. None: they are being read."""
        return self._list(_LATEST).within(0)

    def found(self, *, state: TaskStatus | None = None, queue: str = "", text: str = "") -> TaskList | None:
        """As `tasks`, for a page: None where that takes long; it is there a moment later. Errors: storage/*."""
        return self._list((state, queue, text)).within(_PATIENCE_S)

    def tasks(self, *, state: TaskStatus | None = None, queue: str = "", text: str = "") -> TaskList:
        """The latest that fit; each such list is read once for all who look at it. Errors: storage/*."""
        return self._list((state, queue, text))()

    def deeds(self, *, before: str = "") -> DeedPage:
        """A page of the audit. before: of the page before. Errors: storage/*."""
        return self._newest_deeds(before=before) if before else self._deeds()

    def forget(self) -> None:
        """Somebody has done something: the next look shows it."""
        self._parts.queues.letters.forget()
        self._letters.forget()
        self.shelf.names.forget()
        self.queues.forget()
        self.workers.forget()
        self._overview.forget()
        self._deeds.forget()
        self._lists.clear()

    def _list(self, asked: tuple[TaskStatus | None, str, str]) -> Remembered[TaskList]:
        # Held on to: whoever forgets all of them meanwhile, in another thread, takes it out of the dict.
        found = self._lists.get(asked)
        if found is None:
            if len(self._lists) >= _MOST_LISTS:
                self._lists.clear()
            stale_s = _SHOWN_AT_ONCE_S if asked == _LATEST else 15.0
            find = partial(self._find, *asked)
            found = Remembered(find, clock=self._clock, stale_s=stale_s, later=self._later)
            found = self._lists.setdefault(asked, found)
        return found

    def _newest_deeds(self, *, before: str = "") -> DeedPage:
        return self._parts.deeds.newest(days=DAYS_OF_DEEDS, most=DEEDS_SHOWN, before=before)

    def _find(self, state: TaskStatus | None, queue: str, text: str) -> TaskList:
        since = self._clock.now() - DAY_S
        return self._parts.tasks.find(TaskWish(since, TASKS_SHOWN, state=state, queue=queue, text=text))

    def _read(self) -> dict[str, Any]:
        parts = self._parts
        coming: dict[str, Any] = {}
        self._read_so_far = coming
        sources: dict[str, Callable[[], Any]] = {
            "queues": self.queues,
            "workers": self.workers,
            "dead letters": lambda: Counter(name.queue for name in parts.shelf.names()),
            "limiter": parts.limiter,
            "cost": self._cost,
            "counts": self._counts,
            "tasks": self._list(_LATEST),
            "health": parts.health.verdict,
        }

        def take(part: str) -> None:
            coming[part] = or_fault(sources[part])

        in_parallel(take, sources)
        return self._body(coming)

    def _body(self, read: dict[str, Any]) -> dict[str, Any]:
        prefix, now = self._parts.queue_prefix, self._clock.now()
        return overview_body(read, limits=self._parts.limits, queue_prefix=prefix, now=now)

    def _cost(self) -> dict[str, Any]:
        """Where a day has a limit, what is held to it; else what the processes have counted."""
        cap_usd = self._parts.cost.cap_usd
        usd = self._parts.cost.spent_usd() if cap_usd > 0 else cost_of(self._counts()[-1:])
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
