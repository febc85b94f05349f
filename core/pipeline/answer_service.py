"""Answers a question at the least cost: from the cache, from a task that asks the same now, else from a model.

cache? --hit--> answer, no slot, no attempt, no cost
  | miss
asked by another task just now? --> handed back until that one has its answer
  | no
daily cost reached? --> refused        else: model call, and the answer goes into the cache
"""

from dataclasses import dataclass
from typing import Protocol

from core.async_request_manager import AsyncRequestManager, AttemptLog, Check
from core.models.exchange import ModelAnswer, ModelRequest
from core.models.metering import CallMeter, NullMeter
from core.observability.logs import get_logger
from core.pipeline.cache import AnswerCache
from core.pipeline.daily_cost import DailyCost
from core.pipeline.single_flight import SingleFlight

_log = get_logger(__name__)


class AskingTask(Protocol):
    """The task that asks, as far as it matters here; see TaskContext in core.queueing.lifecycle."""

    @property
    def task_id(self) -> str: ...

    @property
    def queue(self) -> str: ...

    @property
    def deadline_at(self) -> float: ...

    @property
    def attempts(self) -> AttemptLog: ...


@dataclass(frozen=True)
class ServedAnswer:
    """An answer. cached_at: ISO UTC of a stored one, "" for one that a model has just given."""

    answer: ModelAnswer
    cached_at: str = ""


class AnswerService:
    """Answers questions from the cache, or by a model."""

    def __init__(
        self,
        *,
        models: AsyncRequestManager,
        cache: AnswerCache,
        flights: SingleFlight,
        cost: DailyCost,
        meter: CallMeter | None = None,
    ) -> None:
        self._models = models
        self._cache = cache
        self._flights = flights
        self._cost = cost
        self._meter = meter or NullMeter()

    def ask(
        self, request: ModelRequest, *, task: AskingTask, check: Check, afresh: bool = False
    ) -> ServedAnswer:
        """Returns the answer to `request`.

        check: raises an AppError for an unusable answer. afresh: do not use stored answers. Raises what
        invoke_with_fallback raises, Throttled task/same-question, Permanent limits/daily_cost.
        """
        if afresh:
            answer = self._call(request, task=task, check=check)
            self._cache.keep(request, answer, replace=True)
            return ServedAnswer(answer)
        if (stored := self._stored(request, task=task, check=check)) is not None:
            return stored
        with self._flights.holding(self._cache.flight_key(request), holder=task.task_id) as flight:
            if flight.held_before and (stored := self._stored(request, task=task, check=check)) is not None:
                return stored
            answer = self._call(request, task=task, check=check)
            flight.answered = self._cache.keep(request, answer)
            return ServedAnswer(answer)

    def _stored(self, request: ModelRequest, *, task: AskingTask, check: Check) -> ServedAnswer | None:
        found = self._cache.find(request, check)
        if found is None:
            return None
        _log.info("answer_from_cache", model=found.answer.model_id, queue=task.queue, since=found.created_at)
        self._meter.from_cache(task.queue)
        return ServedAnswer(found.answer, found.created_at)

    def _call(self, request: ModelRequest, *, task: AskingTask, check: Check) -> ModelAnswer:
        self._cost.refuse_call()
        return self._models.invoke_with_fallback(
            request,
            queue=task.queue,
            attempts=task.attempts,
            deadline_at=task.deadline_at,
            check=check,
        )
