"""AsyncRequestManager: the only way to call a model, within the shared limits, with fallback and metering.

    stored answer? -> slot (queue, requests, tokens, concurrency, a usable model) -> claim -> call -> record -> settle

Every slot is settled, however the call ends. A task that waits holds no slot. What a failed call means for the
model goes into the shared state; what it means for the task is the error raised here.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from core.aws.bedrock import CallFault, ModelCallError
from core.clock import Clock
from core.config import LimitSettings
from core.errors import AppError, Permanent, Throttled, Transient
from core.models.converse import converse_request, read_answer
from core.models.exchange import ModelAnswer, ModelRequest, Tried
from core.models.learning import TokenLearning
from core.models.metering import CallMeter, NullMeter
from core.models.model import Model
from core.models.registry import ModelRegistry
from core.observability.logs import get_logger
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Granted
from core.throttling.limiter import Limiter
from core.throttling.outcome import UNUSED, Outcome, OutcomeKind
from core.throttling.slot_waiting import SlotWaiter

_log = get_logger(__name__)

_LONGEST_WAY_S = 1.0


class AttemptLog(Protocol):
    """The model calls of one task generation; core.queueing.attempts implements it."""

    @property
    def next_call(self) -> str:
        """Idempotency key of the next call: the same in every delivery of the task until the call is claimed."""
        ...

    def stored_answer(self) -> dict[str, Any] | None: ...

    def claim(self, model_id: str) -> None:
        """Claims the next call. Raises Throttled task/attempt-live while another worker is making it."""
        ...

    def answered(self, model_id: str, answer: dict[str, Any]) -> None: ...

    def failed(self, model_id: str, code: str) -> None: ...

    def failed_models(self) -> frozenset[str]:
        """Returns the models whose call failed in this generation; another is preferred for the next attempt."""
        ...


class Invoker(Protocol):
    """Sends requests to models; core.aws.bedrock implements it."""

    def converse(self, request: dict[str, Any], *, region: str = "") -> dict[str, Any]:
        """Calls a model. request: keyword arguments of Bedrock's Converse. Raises ModelCallError."""
        ...


Check = Callable[[ModelAnswer], object]


def _anything(_answer: ModelAnswer) -> None:
    return None


@dataclass(frozen=True)
class _Task:
    """What stays the same over the models tried for one request."""

    request: ModelRequest
    queue: str
    attempts: AttemptLog
    deadline_at: float
    check: Check


@dataclass
class _Slot:
    """A granted slot while it is in use; `outcome` is what it will be settled with."""

    model: Model
    granted: Granted
    outcome: Outcome = UNUSED


@dataclass(frozen=True)
class _Sent:
    """A call that was answered. at, ended_at: epoch seconds of the limiter."""

    response: dict[str, Any]
    at: float
    ended_at: float


class AsyncRequestManager:
    """Calls models within the shared limits, one after the other until one answers. One instance per process."""

    def __init__(
        self,
        *,
        registry: ModelRegistry,
        limiter: Limiter,
        invoker: Invoker,
        clock: Clock,
        limits: LimitSettings,
        meter: CallMeter | None = None,
    ) -> None:
        self._registry = registry
        self._limiter = limiter
        self._invoker = invoker
        self._clock = clock
        self._slots = SlotWaiter(limiter, clock, window_s=limits.window_s)
        self._fallback_delay_s = limits.fallback_delay_s
        self._learning = TokenLearning()
        self._meter = meter or NullMeter()

    def invoke_with_fallback(
        self,
        request: ModelRequest,
        *,
        queue: str,
        attempts: AttemptLog,
        deadline_at: float,
        check: Check = _anything,
    ) -> ModelAnswer:
        """Returns the answer of the first model, in registry order, that gives one.

        queue: topology key, for the queue's rate. deadline_at: epoch seconds. check: raises an AppError for an
        unusable answer, which is paid for, but not stored for a retry.

        Raises Throttled model/throttled (no slot soon: hand the task back for retry_after_s), limiter/unavailable
        or task/attempt-live; Transient model/unavailable or model/timeout (one attempt of the task is used);
        Permanent model/none-left, model/rejected, limits/too-large or task/deadline.
        """
        if (stored := _stored(attempts, request)) is not None:
            _log.info("model_answer_reused", model=stored.model_id)
            return stored
        task = _Task(self._learning.sized(request), queue, attempts, deadline_at, check)
        tried: list[Tried] = []
        while True:
            granted = self._wait_for_slot(task, tried)
            answer = self._call(task, granted, tried)
            if answer is not None:
                return answer

    def _wait_for_slot(self, task: _Task, tried: list[Tried]) -> Granted:
        ask = SlotRequest(
            lease_id=uuid.uuid4().hex[:12],
            queue=task.queue,
            input_tokens=self._learning.input_tokens(task.request),
            answer_tokens=task.request.answer_tokens,
            tried=task.attempts.failed_models() | {item.model_id for item in tried},
            ticket=_ticket(task.attempts.next_call),
        )
        granted, waited_s = self._slots.wait_for_slot(ask, deadline_at=task.deadline_at)
        self._meter.waited(task.queue, waited_s)
        return granted

    def _call(self, task: _Task, granted: Granted, tried: list[Tried]) -> ModelAnswer | None:
        """One attempt. None: this model is throttled or dead, and the next one may be asked."""
        try:
            with self._settled(granted) as slot:
                return self._answer(task, slot, tried)
        except ModelCallError as error:
            _log.warning("model_call_failed", model=granted.model_id, fault=error.fault, code=error.code)
            tried.append(Tried(granted.model_id, error.code))
            throttled = error.fault in {CallFault.THROTTLED, CallFault.THROTTLED_DAILY}
            self._meter.failed(task.queue, granted.model_id, error.code, throttled=throttled)
            if error.fault not in _NEXT_MODEL:
                raise _error_of_task(error) from error
            if error.fault not in _DEAD:
                self._clock.sleep(self._fallback_delay_s)
            return None

    def _answer(self, task: _Task, slot: _Slot, tried: list[Tried]) -> ModelAnswer:
        """Claims the attempt immediately before the call, so that a crash between the two costs nothing."""
        self._claim(task, slot)
        sent = self._send(task, slot)
        answer = read_answer(
            slot.model,
            task.request,
            response=sent.response,
            latency_s=sent.ended_at - sent.at,
            tried=tuple(tried),
        )
        slot.outcome = Outcome(
            OutcomeKind.ANSWERED,
            charged_tokens=answer.quota_tokens,
            sent_at=max(sent.at, sent.ended_at - _service_latency_s(sent.response)),
            held_tokens=self._learning.input_tokens(task.request)
            + slot.model.tokens_for(task.request.answer_tokens),
        )
        _log_answer(answer, task.queue)
        self._learning.learn(task.request, answer)
        self._meter.answered(task.queue, answer)
        self._keep(task, answer)
        return answer

    def _send(self, task: _Task, slot: _Slot) -> _Sent:
        """Calls the model. A failure becomes the slot's outcome and is recorded for the attempt."""
        sent_at = self._limiter.now()
        slot.outcome = Outcome(OutcomeKind.UNKNOWN, sent_at=sent_at)
        wanted = converse_request(slot.model, task.request)
        try:
            response = self._invoker.converse(wanted, region=slot.model.region)
        except ModelCallError as error:
            # A failure does not say when the service received the call: this is the latest time that it counts from.
            came_in_at = min(self._limiter.now(), sent_at + _LONGEST_WAY_S)
            slot.outcome = Outcome(_OUTCOMES[error.fault], sent_at=came_in_at)
            task.attempts.failed(slot.model.id, error.code)
            raise
        return _Sent(response, at=sent_at, ended_at=self._limiter.now())

    def _claim(self, task: _Task, slot: _Slot) -> None:
        """Claims the call. Where another delivery has won, our request stays counted: the winner may have redeemed
        the same ticket without having written it yet (core/throttling/slot_reuse.py)."""
        try:
            task.attempts.claim(slot.model.id)
        except Throttled:
            slot.outcome = Outcome(OutcomeKind.UNKNOWN)
            raise

    def _keep(self, task: _Task, answer: ModelAnswer) -> None:
        """Stores a usable answer for redeliveries; if that fails, this execution still has it."""
        try:
            task.check(answer)
        except AppError as error:
            task.attempts.failed(answer.model_id, error.code)
            raise
        try:
            earlier = _stored_answers(task.attempts)
            task.attempts.answered(answer.model_id, {**answer.to_dict(), "earlier": earlier})
        except AppError as error:
            _log.warning("attempt_not_recorded", model=answer.model_id, code=error.code)

    @contextmanager
    def _settled(self, granted: Granted) -> Iterator[_Slot]:
        """Settles the lease however the block ends, also by a soft time limit or an outage of the attempt log."""
        model = self._registry.get(granted.model_id)
        assert model is not None, "the limiter grants models of this registry only"  # noqa: S101
        slot = _Slot(model, granted)
        try:
            yield slot
        finally:
            self._settle(slot)

    def _settle(self, slot: _Slot) -> None:
        """Written later with other updates, so a settle cannot fail and lose an answer that was paid for."""
        if slot.outcome is UNUSED:
            self._slots.give_back(slot.granted)
        else:
            self._limiter.settle(slot.granted.lease_id, slot.outcome)


_OUTCOMES = {
    CallFault.THROTTLED: OutcomeKind.THROTTLED,
    CallFault.THROTTLED_DAILY: OutcomeKind.THROTTLED_DAILY,
    CallFault.UNAVAILABLE: OutcomeKind.FAILED,
    CallFault.TIMEOUT: OutcomeKind.TIMEOUT,
    CallFault.GONE: OutcomeKind.GONE,
    CallFault.DENIED: OutcomeKind.DENIED,
    CallFault.REJECTED: OutcomeKind.REJECTED,
}
_DEAD = frozenset({CallFault.GONE, CallFault.DENIED})
_NEXT_MODEL = _DEAD | {CallFault.THROTTLED, CallFault.THROTTLED_DAILY}


def _error_of_task(error: ModelCallError) -> AppError:
    if error.fault is CallFault.REJECTED:
        return Permanent("model/rejected", error.detail)
    if error.fault is CallFault.TIMEOUT:
        return Transient("model/timeout", error.detail)
    return Transient("model/unavailable", error.detail)


def _stored(attempts: AttemptLog, request: ModelRequest) -> ModelAnswer | None:
    """The stored answer to the same question, paid for by an earlier execution of this generation."""
    for stored in _stored_answers(attempts):
        if stored.get("fingerprint") == request.fingerprint:
            return ModelAnswer.from_dict(stored)
    return None


def _stored_answers(attempts: AttemptLog) -> list[dict[str, Any]]:
    """All stored answers of the generation.

    A long section takes several calls; each record carries those before.
    """
    latest = attempts.stored_answer()
    if latest is None:
        return []
    own = {name: value for name, value in latest.items() if name != "earlier"}
    return [own, *latest.get("earlier", [])]


def _log_answer(answer: ModelAnswer, queue: str) -> None:
    _log.info(
        "model_answered",
        model=answer.model_id,
        queue=queue,
        brain=answer.brain,
        latency_s=answer.latency_s,
        input_tokens=answer.usage.input,
        output_tokens=answer.usage.output,
        cache_read_tokens=answer.usage.cache_read,
        cache_write_tokens=answer.usage.cache_write,
        quota_tokens=answer.quota_tokens,
        cost_usd=answer.cost_usd,
        stop_reason=answer.stop_reason,
        tried=[item.model_id for item in answer.tried],
        fallback_reason=answer.tried[0].code if answer.tried else "",
    )


def _ticket(next_call: str) -> str:
    return hashlib.sha256(next_call.encode()).hexdigest()[:12]


def _service_latency_s(response: dict[str, Any]) -> float:
    """How long before its answer the service received the call, which counts from then; infinite: unknown."""
    return float(response.get("metrics", {}).get("latencyMs", 0)) / 1000 or float("inf")
