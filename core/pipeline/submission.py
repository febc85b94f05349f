"""Submits sections for review: derives their task ids and stores them in the session."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from core.aws.object_store import Damaged
from core.clock import Clock
from core.documents.model import Block, Section
from core.errors import AppError, Permanent, Throttled
from core.pipeline.daily_cost import DailyCost
from core.pipeline.task_identity import section_of, section_task_id
from core.queueing.dispatch import Dispatcher, TaskRequest
from core.queueing.results import TaskRecord, TaskResults, TaskStatus
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION
from core.review.repository import ReviewRepository
from core.review.review_parts import has_succeeded
from core.review.session import DOCUMENT_SECTION, ReviewSession
from core.throttling.limiter import Limiter

_HEALTH_KEPT_S = 10.0
_STARTS_ANEW = frozenset({TaskStatus.FAILURE, TaskStatus.REVOKED})


class AnalysisSubmission:
    """Submits the reviews of sections."""

    def __init__(
        self,
        *,
        reviews: ReviewRepository,
        dispatcher: Dispatcher,
        results: TaskResults,
        limiter: Limiter,
        cost: DailyCost,
        clock: Clock,
    ) -> None:
        self._reviews = reviews
        self._dispatcher = dispatcher
        self._results = results
        self._limiter = limiter
        self._cost = cost
        self._clock = clock
        self._usable, self._usable_until = False, 0.0

    def submit(self, session: ReviewSession, section_id: str, *, force: bool = False) -> TaskRecord:
        """Submits one section and returns its task; asking the same again returns the same task.

        force: if that task has ended, submits a new run. Raises Permanent section/not-found, section/skipped,
        Throttled limits/daily_cost.
        """
        blocks = self._reviews.blocks(session.id)
        section = section_of(session, section_id, blocks)
        if section is None:
            raise Permanent("section/not-found")
        if section.skipped:
            raise Permanent("section/skipped", f"{section.name} is left out of this review.")
        run = session.runs.get(section_id, 0)
        task_id = section_task_id(session, section, blocks=blocks, run=run)
        if force and self._has_ended(task_id):
            return self._run_again(session, section, blocks=blocks, run=run + 1)
        return self._submit_all(session, {section_id: task_id})[0]

    def submit_all(self, session: ReviewSession) -> list[tuple[str, TaskRecord]]:
        """Submits every section that is not skipped, then the whole document; returns (section id, task) of each.

        They run in this order; the document as a whole comes last, because it looks for what no section shows.
        """
        blocks = self._reviews.blocks(session.id)
        wanted = {
            section.id: section_task_id(session, section, blocks=blocks, run=session.runs.get(section.id, 0))
            for section in session.sections
            if not section.skipped
        }
        whole = section_of(session, DOCUMENT_SECTION, blocks)
        if whole is not None and len(wanted) > 1:
            run = session.runs.get(DOCUMENT_SECTION, 0)
            wanted[DOCUMENT_SECTION] = section_task_id(session, whole, blocks=blocks, run=run)
        return list(zip(wanted, self._submit_all(session, wanted), strict=True))

    def enhanced(self) -> bool:
        """Whether a model could answer now.

        False also if the limiter cannot be read: then no model is called.
        """
        now = self._clock.now()
        if now >= self._usable_until:
            try:
                self._usable = self._limiter.status().usable
            except AppError:
                self._usable = False
            self._usable_until = now + _HEALTH_KEPT_S
        return self._usable

    def _submit_all(self, session: ReviewSession, wanted: Mapping[str, str]) -> list[TaskRecord]:
        """Submits the tasks.

        Their ids are in session.json before anything is sent, so that no work is lost to sight.
        """
        self._refuse_new_work(wanted.values())
        requests = [
            TaskRequest(task_id, ANALYZE_SECTION, ANALYSIS.key, session.owner, session.id, section_id)
            for section_id, task_id in wanted.items()
        ]
        return self._dispatcher.submit_many(requests, beside=partial(self._name_tasks, session, wanted))

    def _name_tasks(self, session: ReviewSession, wanted: Mapping[str, str]) -> None:
        changed = [name for name, task_id in wanted.items() if session.tasks.get(name) != task_id]
        if not changed:
            return
        former = {name: session.tasks[name] for name in changed if name in session.tasks}
        records = self._results.get_many(former.values()) if former else {}
        answered = {name: task_id for name, task_id in former.items() if has_succeeded(records.get(task_id))}
        self._reviews.update(session.id, lambda now: _with_tasks(now, wanted, answered=answered))

    def _run_again(
        self, session: ReviewSession, section: Section, *, blocks: tuple[Block, ...], run: int
    ) -> TaskRecord:
        """Submits a new run.

        Its number is stored once the task exists: a crash between leaves the old outcome standing.
        """
        task_id = section_task_id(session, section, blocks=blocks, run=run)
        record = self._submit_all(session, {section.id: task_id})[0]

        def bumped(now: ReviewSession) -> ReviewSession:
            return replace(now, runs={**now.runs, section.id: max(run, now.runs.get(section.id, 0))})

        self._reviews.update(session.id, bumped)
        return record

    def _refuse_new_work(self, task_ids: Collection[str]) -> None:
        """Refuses at the daily limit, unless all of the tasks were accepted before: those are shown as they stand."""
        try:
            self._cost.refuse_new_work()
        except Throttled:
            known = self._results.get_many(task_ids)
            if any(task_id not in known or known[task_id].status in _STARTS_ANEW for task_id in task_ids):
                raise

    def _has_ended(self, task_id: str) -> bool:
        try:
            record = self._results.get(task_id)
        except Damaged:
            # Submitting it puts a new record in its place.
            return False
        return record is not None and record.ended


def _with_tasks(
    session: ReviewSession, wanted: Mapping[str, str], *, answered: Mapping[str, str]
) -> ReviewSession:
    """answered: those of the replaced tasks that have succeeded; their findings stand until the new ones come."""
    tasks, stand = {**session.tasks, **wanted}, {**session.answered, **answered}
    return replace(session, tasks=tasks, answered=stand)
