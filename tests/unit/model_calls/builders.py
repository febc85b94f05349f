"""The manager of model calls in one process: scripted models, a scripted clock, attempts that are kept in a list."""

import json
import uuid
from dataclasses import replace

import pytest

from core.async_request_manager import AsyncRequestManager
from core.aws.bedrock import CallFault, ModelCallError
from core.clock import ScriptedClock
from core.config import LimitSettings
from core.models.exchange import ModelRequest
from core.throttling.limiter import Limiter
from core.throttling.store import MemoryStateStore
from tests.unit.throttling.builders import REGISTRY, SMALL, START

REQUEST = ModelRequest(
    system=("s",),
    user=("u",),
    schema={},
    schema_name="x",
    prompt_version="v",
    fingerprint="f",
    answer_tokens=20,
)
LIMITS = replace(SMALL, requests=50, queue_rates={})


class ScriptedModels:
    """Answers by model id: a fault is raised, anything else is the answer's text. A list is used up."""

    def __init__(self, clock, script=None, *, takes_s=2.0):
        self.clock = clock
        self.script = script or {}
        self.takes_s = takes_s
        self.service_latency_s = takes_s
        self.called = []
        self.watch = lambda: None

    def converse(self, request, *, region=""):
        model_id = request["modelId"]
        self.called.append(model_id)
        self.watch()
        planned = self.script.get(model_id, "fine")
        step = planned.pop(0) if isinstance(planned, list) else planned
        self.clock.at += self.takes_s
        if isinstance(step, CallFault):
            raise ModelCallError(step, code=f"{step}-code", detail="It failed.")
        if isinstance(step, BaseException):
            raise step
        return {
            "metrics": {"latencyMs": int(1000 * self.service_latency_s)},
            "output": {"message": {"content": [{"text": step}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 30, "outputTokens": 4},
        }


class Attempts:
    """The attempts of one task, kept in a list. claim_error, answered_error: raised instead, where set."""

    def __init__(self):
        self.task_id = str(uuid.uuid4())
        self.log = []
        self.answer = None
        self.claim_error = None
        self.answered_error = None

    @property
    def next_call(self):
        claims = sum(entry[0] == "claim" for entry in self.log)
        return f"{self.task_id}/{claims + 1}"

    def stored_answer(self):
        return self.answer

    def claim(self, model_id):
        if self.claim_error:
            raise self.claim_error
        self.log.append(("claim", model_id))

    def answered(self, model_id, answer):
        if self.answered_error:
            raise self.answered_error
        self.log.append(("answered", model_id))
        self.answer = json.loads(json.dumps(answer))

    def failed(self, model_id, code):
        self.log.append(("failed", model_id, code))

    def failed_models(self):
        return frozenset(entry[1] for entry in self.log if entry[0] == "failed")


class StoppedByTimeLimit(BaseException):
    """Like the soft time limit: no Exception, raised from anywhere."""


class Calls:
    """A manager of model calls, and everything around it."""

    def __init__(self, script=None, *, limits=LIMITS, beside=None):
        """beside: other calls whose clock and shared limits these use."""
        self.clock = ScriptedClock(beside.clock.at if beside else START)
        self.models = ScriptedModels(self.clock, script)
        self.store = beside.store if beside else MemoryStateStore()
        self.limiter = Limiter(store=self.store, clock=self.clock, limits=limits, registry=REGISTRY)
        self.attempts = Attempts()
        self.manager = AsyncRequestManager(
            registry=REGISTRY,
            limiter=self.limiter,
            invoker=self.models,
            clock=self.clock,
            limits=LimitSettings(fallback_delay_s=5.0),
        )

    def ask(self, *, request=REQUEST, attempts=None, deadline_s=900.0, **options):
        return self.manager.invoke_with_fallback(
            request,
            queue="analysis",
            attempts=attempts or self.attempts,
            deadline_at=self.clock.at + deadline_s,
            **options,
        )

    def states(self):
        return [model.state for model in self.limiter.status().models]


def code_of(calls, kind, **options):
    with pytest.raises(kind) as caught:
        calls.ask(**options)
    return caught.value.code
