"""How the local Bedrock behaves: all that the control API can change, and what it is without."""

from dataclasses import dataclass, field

from infra.local.bedrock.brains import Brain, ScriptedBrain
from infra.local.bedrock.catalogue import END_OF_LIFE_IDS
from infra.local.bedrock.clock import steady_now
from infra.local.bedrock.faults import FaultPlan
from infra.local.bedrock.latency import Latency, LatencyPlan
from infra.local.bedrock.prompt_cache import PromptCache
from infra.local.bedrock.quotas import QuotaPlan, Quotas

_USUAL_LATENCY = Latency(0.2, 0.6)


def _no_quotas() -> Quotas:
    return Quotas(QuotaPlan(), clock=steady_now)


def _usual_latency() -> LatencyPlan:
    return LatencyPlan(_USUAL_LATENCY)


@dataclass
class Setup:
    """Parts are replaced whole, never changed in place: a call goes on with those it began with.

    rules: answers when nothing else does. llm: a model elsewhere, asked before. end_of_life: foundation model
    ids that answer as retired.
    """

    rules: Brain
    llm: Brain | None = None
    scripted: ScriptedBrain = field(default_factory=ScriptedBrain)
    latency: LatencyPlan = field(default_factory=_usual_latency)
    faults: FaultPlan = field(default_factory=FaultPlan)
    quotas: Quotas = field(default_factory=_no_quotas)
    cache: PromptCache = field(default_factory=PromptCache)
    end_of_life: frozenset[str] = END_OF_LIFE_IDS

    @property
    def brains(self) -> tuple[Brain, ...]:
        """Asked in this order; the last one always answers."""
        return self.scripted, self.llm or self.rules
