"""One process of the throttling benchmark: takes tasks, asks models through the real pipeline, reports costs.

Usage: python -m benchmarks.throttling_worker '<plan as JSON>' (started by benchmarks.throttling)
"""

import json
import math
import random
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.throttling_queue import Task, connect
from core.async_request_manager import AsyncRequestManager
from core.aws.bedrock import BedrockInvoker
from core.aws.clients import make_bedrock, make_s3
from core.aws.object_store import S3ObjectStore
from core.clock import Clock, SystemClock
from core.config import Settings, load_settings
from core.errors import AppError, Permanent, Throttled, Transient
from core.models.exchange import ModelRequest
from core.models.registry import load_registry
from core.observability.logs import configure_logging
from core.throttling.batch import Batch
from core.throttling.constraints import SlotRequest
from core.throttling.decision import Denied, Granted
from core.throttling.flushing import IdleFlusher
from core.throttling.host_file import HostFile
from core.throttling.limiter import Limiter
from core.throttling.limits import limits_from
from core.throttling.shared_time import SharedTime
from core.throttling.state import LimiterState
from core.throttling.store import S3StateStore

_TAKE_S = 0.5


class ShiftedClock(SystemClock):
    """A machine whose clock is wrong."""

    def __init__(self, shift_s: float) -> None:
        self._shift_s = shift_s

    def now(self) -> float:
        return time.time() + self._shift_s


class Attempts:
    """The attempt log without its S3 objects: they are no part of what is measured."""

    def __init__(self, task: Task) -> None:
        self._task = task

    @property
    def next_call(self) -> str:
        return f"{self._task.number}/{self._task.claims + 1}"

    def stored_answer(self) -> dict[str, Any] | None:
        return None

    def claim(self, model_id: str) -> None:
        self._task.claims += 1

    def answered(self, model_id: str, answer: dict[str, Any]) -> None: ...

    def failed(self, model_id: str, code: str) -> None: ...

    def failed_models(self) -> frozenset[str]:
        return frozenset()


class Measured(Limiter):
    """The limiter, with a stopwatch at its door and one around the decision alone.

    decided: by this process, for itself, for those of its machine that waited, and for tickets that it promised.
    """

    wall_s = cpu_s = decision_cpu_s = 0.0
    asked = decided = denied = tickets = 0

    def acquire(self, request: SlotRequest) -> Granted | Denied:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            answer = super().acquire(request)
        finally:
            self.wall_s += time.perf_counter() - wall
            self.cpu_s += time.thread_time() - cpu
            self.asked += 1
        self.denied += isinstance(answer, Denied)
        self.tickets += isinstance(answer, Granted) and answer.ticket
        return answer

    def _applied(
        self, batch: Batch, state: LimiterState, *, now: float
    ) -> tuple[LimiterState, Granted | Denied | None]:
        cpu = time.thread_time()
        applied = super()._applied(batch, state, now=now)
        self.decision_cpu_s += time.thread_time() - cpu
        self.decided += len(batch.reservations) + (batch.request is not None)
        return applied


class Worker:
    def __init__(self, plan: dict[str, Any]) -> None:
        settings = load_settings()
        self._plan = plan
        self._name = plan["name"]
        self._queue = connect(plan["port"])
        self._backoff_s = settings.limits.retry_backoff_s
        self.s3_requests = self.s3_reads = 0
        clock = ShiftedClock(plan["clock_shift_s"])
        self._clock: Clock = clock
        self.limiter = self._limiter(settings, clock)
        self._manager = AsyncRequestManager(
            registry=load_registry(settings.limits.models_file),
            limiter=self.limiter,
            invoker=BedrockInvoker(
                lambda region: make_bedrock(region, read_timeout_s=settings.limits.read_timeout_s),
                default_region=settings.aws.bedrock_region,
            ),
            clock=clock,
            limits=settings.limits,
        )
        self._request = ModelRequest(
            system=("Answer in JSON.",),
            user=("x" * plan["input_chars"],),
            schema={},
            schema_name="answer",
            prompt_version="1",
            fingerprint="benchmark",
            answer_tokens=plan["answer_tokens"],
        )

    def run(self) -> None:
        self._queue.is_ready()
        warm = False
        while not self._queue.is_closed():
            task = self._queue.take(self._name, _TAKE_S)
            if task is None:
                self._idle(warm)
                continue
            if task.number >= 0 and not warm:
                warm = True
                self._reset()
            self._work(task)
        self.limiter.flush()
        limiter = self.limiter
        self._queue.report(
            {
                "s3_requests": self.s3_requests,
                "s3_reads": self.s3_reads,
                "wall_s": limiter.wall_s,
                "cpu_s": limiter.cpu_s,
                "decision_cpu_s": limiter.decision_cpu_s,
                "decided": limiter.decided,
                "asked": limiter.asked,
                "denied": limiter.denied,
                "tickets": limiter.tickets,
                "skew_s": self._time.skew_s,
            }
        )

    def _idle(self, warm: bool) -> None:  # noqa: FBT001
        """Between warm-up and start: a process that has worked for a while has heard many dates of S3."""
        if not warm:
            self.limiter.probe()

    def _work(self, task: Task) -> None:
        try:
            self._manager.invoke_with_fallback(
                self._request, queue="work", attempts=Attempts(task), deadline_at=self._clock.now() + 900
            )
        except Throttled as error:
            self._queue.put_back(self._name, task, self._delay_s(error.retry_after_s))
        except Transient:
            self._retry(task)
        except Permanent as error:
            self._queue.end(self._name, task, error.code)
        else:
            self._queue.end(self._name, task, "ok")

    def _retry(self, task: Task) -> None:
        if task.retries >= len(self._backoff_s):
            self._queue.end(self._name, task, "retries used up")
            return
        delay_s = self._backoff_s[task.retries] * random.uniform(0.8, 1.2)
        task.retries += 1
        self._queue.put_back(self._name, task, delay_s)

    def _delay_s(self, wanted_s: float) -> float:
        """SQS delays whole seconds; in scaled time those would be tens."""
        return math.ceil(wanted_s) if self._plan["real"] else wanted_s

    def _reset(self) -> None:
        self.s3_requests = self.s3_reads = 0
        limiter = self.limiter
        limiter.wall_s = limiter.cpu_s = limiter.decision_cpu_s = 0.0
        limiter.asked = limiter.decided = limiter.denied = limiter.tickets = 0

    def _limiter(self, settings: Settings, clock: Clock) -> Measured:
        client = make_s3(settings.aws.region)
        client.meta.events.register("before-send.s3", self._count)
        objects = S3ObjectStore(client, settings.aws.bucket, settings.aws.base_path, clock=clock)
        directory = Path(self._plan["host"])
        directory.mkdir(exist_ok=True)
        self._time = shared = SharedTime(clock, steady=time.monotonic)
        limits = limits_from(settings.limits)
        return Measured(
            store=S3StateStore(objects, shared, host=HostFile(directory, objects.location, clock=clock)),
            clock=shared,
            limits=replace(limits, queue_rates={}, **self._plan["limits"]),
            registry=load_registry(settings.limits.models_file),
            flusher=IdleFlusher(),
        )

    def _count(self, event_name: str, **_event: Any) -> None:
        self.s3_requests += 1
        self.s3_reads += event_name.endswith("GetObject")


if __name__ == "__main__":
    configure_logging("ERROR")
    try:
        Worker(json.loads(sys.argv[1])).run()
    except (AppError, EOFError, ConnectionError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
