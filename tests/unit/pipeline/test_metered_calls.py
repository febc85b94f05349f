"""AsyncRequestManager learns token sizes from calls and reports each call to its meter."""

from dataclasses import dataclass, field

import pytest

from core.async_request_manager import AsyncRequestManager
from core.aws.bedrock import CallFault, ModelCallError
from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.config import LimitSettings
from core.errors import Transient
from core.models.exchange import ModelRequest
from core.pipeline.daily_cost import DailyCost
from core.pipeline.metering import PipelineMeter
from core.throttling.limiter import Limiter
from core.throttling.limits import limits_from
from core.throttling.store import MemoryStateStore
from tests.unit.model_calls.builders import Attempts
from tests.unit.pipeline.builders import REGISTRY

REQUEST = ModelRequest(
    system=("s" * 700,),
    user=("u" * 2_800,),
    schema={},
    schema_name="section_review",
    prompt_version="v1",
    fingerprint="f",
)


@dataclass
class Bedrock:
    """Answers with so much text; a fault first, where one is set."""

    chars: int = 350
    faults: list[CallFault] = field(default_factory=list)
    asked: list[dict] = field(default_factory=list)

    def converse(self, request, *, region=""):
        self.asked.append(request)
        if self.faults:
            fault = self.faults.pop(0)
            raise ModelCallError(fault, code=str(fault), detail="scripted")
        return {
            "output": {"message": {"content": [{"text": "x" * self.chars}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 2_000, "outputTokens": 5_000},
        }


class House:
    def __init__(self, bedrock):
        self.clock, self.store, self.lines = ScriptedClock(), MemoryObjectStore(), []
        self.cost = DailyCost(self.store, self.clock, cap_usd=100.0)
        limits = LimitSettings(fallback_delay_s=0.0)
        self.limiter = Limiter(
            store=MemoryStateStore(), clock=self.clock, limits=limits_from(limits), registry=REGISTRY
        )
        self.manager = AsyncRequestManager(
            registry=REGISTRY,
            limiter=self.limiter,
            invoker=bedrock,
            clock=self.clock,
            limits=limits,
            meter=PipelineMeter(self, self.cost),
        )

    def put(self, queue, values):
        self.lines.append({str(metric): value for metric, value in values.items()})

    def ask(self, **options):
        return self.manager.invoke_with_fallback(
            REQUEST, queue="analysis", attempts=Attempts(), deadline_at=self.clock.at + 900, **options
        )


def test_room_for_the_answer_follows_what_answers_take():
    bedrock = Bedrock(chars=7_000)
    house = House(bedrock)
    house.ask()
    house.ask()
    first, second = (request["inferenceConfig"]["maxTokens"] for request in bedrock.asked)
    assert first == 1500
    assert second > 2_000


def test_every_call_is_told_the_failed_one_too_and_answers_are_charged():
    house = House(Bedrock(faults=[CallFault.THROTTLED]))
    answer = house.ask()
    throttled, answered = house.lines
    assert throttled == {"ModelCalls": 1, "ModelThrottled": 1}
    assert (answered["ModelCalls"], answered["ModelFallbacks"]) == (1, 1)
    assert answered["QuotaTokens"] == 2_000 + 5 * 5_000
    assert house.cost.spent_usd() == answer.cost_usd > 0


def test_an_answer_nobody_can_use_is_charged_too():
    house = House(Bedrock())

    def refuse(_answer):
        raise Transient("model/invalid-answer")

    with pytest.raises(Transient):
        house.ask(check=refuse)
    assert house.cost.spent_usd() > 0


def test_a_call_without_an_answer_costs_nothing_that_is_known():
    house = House(Bedrock(faults=[CallFault.UNAVAILABLE]))
    with pytest.raises(Transient):
        house.ask()
    assert house.lines == [{"ModelCalls": 1, "ModelFailed": 1}]
    assert house.cost.spent_usd() == 0
