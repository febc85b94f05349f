"""monitor_health: once a minute the sweep, then every sign of health is measured, judged and stored.

slot of the minute --> sweep --> signs --> metrics/health.json, metrics
                             --> once an hour: the hours that are over are folded into their days
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import AppError
from core.observability.logs import get_logger
from core.observability.metrics import EVERYWHERE, Metric
from core.operations.queues import QueueStates
from core.queueing.results import TaskStatus
from core.queueing.service import Queueing
from core.queueing.task_index import IndexQuery
from core.queueing.topology import ANALYSIS, CHAT, MONITORING, QUEUES
from core.queueing.workers import WorkerRecord
from core.statistics import health
from core.statistics.figures import success_rate
from core.statistics.health import Condition, HealthBook, Sign
from core.statistics.recorder import HOUR_S
from core.statistics.rollups import FOLDED_AFTER_S, Rollups
from core.throttling.status import LimiterStatus, ModelState

_log = get_logger(__name__)
SUCCESS_OVER_S = 900.0
"""The success rate covers tasks that ended within this time."""


class QueueMeasurement(NamedTuple):
    """Measurements of one queue.

    oldest_age_s: None if nothing waits, or for the monitoring queue, where it is unknown.
    """

    not_begun: int
    dead_letters: int
    oldest_age_s: float | None


@dataclass
class Monitoring:
    """The work of monitor_health. limiter_status: raises Throttled limiter/unavailable."""

    queues: QueueStates
    limiter_status: Callable[[], LimiterStatus]
    rollups: Rollups
    book: HealthBook
    _folded_hour: int = field(default=0, init=False)

    @property
    def queueing(self) -> Queueing:
        return self.queues.queueing

    def once_per_minute(self) -> None:
        """Runs everything, unless another run has claimed this minute. Errors: storage/*."""
        try:
            report = self.queueing.sweep.once_per_minute()
            if report is not None:
                self.look()
                self._fold()
        except AppError as error:
            if error.code.startswith("storage/"):
                self.queueing.metrics.put(EVERYWHERE, {Metric.STORAGE_UNREACHABLE: 1})
            raise

    def look(self) -> health.Health:
        """Judges every sign now and stores the result. What cannot be read is unknown; only storage has to answer."""
        indexed = self.queues.letters.renew(self.queueing.dead_letters)
        looks = {spec.key: self._looked_at(spec.key, indexed) for spec in QUEUES}
        signs = [sign for queue, look in looks.items() for sign in _of_queue(queue, look)]
        workers = self.queueing.workers.running()
        found = self.book.enter(
            [*signs, *_of_workers(workers), self._success(), *self._models(), health.sign("storage", 1)]
        )
        self._tell(looks)
        if found.condition is Condition.UNHEALTHY:
            wrong = [
                f"{one.name} {one.of}".strip() for one in found.signs if one.condition is Condition.UNHEALTHY
            ]
            _log.warning("system_unhealthy", signs=wrong, pages=found.pages)
        return found

    def _looked_at(self, queue: str, indexed: Mapping[str, int]) -> QueueMeasurement | None:
        try:
            state = self.queues.state(queue)
            age_s = state.oldest_age_s(self.queueing.clock.now())
            letters = self.queues.dead_letters(queue, indexed)
            return None if state.not_begun is None else QueueMeasurement(state.not_begun, letters, age_s)
        except AppError as error:
            if error.code.startswith("storage/"):
                raise
            _log.warning("queue_not_looked_at", queue=queue, code=error.code)
            return None

    def _success(self) -> Sign:
        """From the keys of the task index alone: a LIST per queue and thousand changes."""
        now = self.queueing.clock.now()
        names = self.queueing.index.names(IndexQuery(now - SUCCESS_OVER_S, limit=0), now=now)
        states = Counter(name.state for name in names)
        return health.sign(
            "success-rate", success_rate(states[TaskStatus.SUCCESS], states[TaskStatus.FAILURE])
        )

    def _models(self) -> list[Sign]:
        try:
            states = [model.state for model in self.limiter_status().models]
        except AppError as error:
            _log.warning("models_not_looked_at", code=error.code)
            return [health.sign("enhanced", None)]
        usable = sum(state is not ModelState.DEAD for state in states)
        return [health.models(usable, len(states)), health.sign("enhanced", usable)]

    def _tell(self, looks: dict[str, QueueMeasurement | None]) -> None:
        metrics = self.queueing.metrics
        for queue, look in looks.items():
            if look is not None:
                metrics.put(queue, {Metric.QUEUE_DEPTH: look.not_begun, Metric.DLQ_DEPTH: look.dead_letters})
                if queue != MONITORING.key:
                    metrics.put(queue, {Metric.OLDEST_AGE: look.oldest_age_s or 0})
        metrics.put(EVERYWHERE, {Metric.STORAGE_UNREACHABLE: 0})

    def _fold(self) -> None:
        """Folds statistics once an hour."""
        hour = int((self.queueing.clock.now() - FOLDED_AFTER_S) // HOUR_S)
        if hour != self._folded_hour:
            folded = self.rollups.fold()
            self._folded_hour = hour
            _log.info("statistics_folded", objects=folded)


def _of_queue(queue: str, look: QueueMeasurement | None) -> list[Sign]:
    if look is None:
        return [health.sign(name, None, of=queue) for name in ("queue-depth", "dead-letters")]
    signs = [
        health.sign("queue-depth", look.not_begun, of=queue),
        health.sign("dead-letters", look.dead_letters, of=queue),
    ]
    # Beat's messages are in no outbox: the age of the health record says how long ago monitoring ran.
    return signs if queue == MONITORING.key else [*signs, health.oldest_age(queue, look.oldest_age_s)]


def _of_workers(workers: list[WorkerRecord]) -> list[Sign]:
    """CPU and memory of the busiest worker: an average would hide one that is about to be killed."""
    cpu = [worker.load.cpu_percent for worker in workers if worker.load.cpu_percent is not None]
    memory = [worker.load.memory_percent for worker in workers if worker.load.memory_percent is not None]
    alive = [
        health.sign("workers", sum(queue in worker.queues for worker in workers), of=queue)
        for queue in (ANALYSIS.key, CHAT.key)
    ]
    return [
        *alive,
        health.sign("cpu", max(cpu, default=None)),
        health.sign("memory", max(memory, default=None)),
    ]
