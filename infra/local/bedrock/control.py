"""The control API: `POST /_local/config`, `POST /_local/reset`, `GET /_local/stats`, `GET /_local/calls`.

What a configuration does not name stays as it is. Clocks of faults (from_s, until_s) and of quotas start when they
come. docs/local-bedrock.md has an example of each.
"""

from collections.abc import Callable, Mapping
from typing import Any

from infra.local.bedrock.brains import read_script
from infra.local.bedrock.catalogue import base_id
from infra.local.bedrock.clock import steady_now
from infra.local.bedrock.faults import FaultPlan, read_fault
from infra.local.bedrock.latency import LatencyPlan, read_plan
from infra.local.bedrock.openai_brain import OpenAIBrain, read_llm
from infra.local.bedrock.quotas import Quotas, read_quotas
from infra.local.bedrock.service import BedrockService

_NAMES = ("answers", "eol", "faults", "latency", "llm", "quotas", "seed")


def configure(service: BedrockService, data: Mapping[str, Any]) -> None:
    """{latency?, faults?, eol?, answers?, quotas?, llm?, seed?}; seed makes faults and latencies repeatable.

    Raises ValueError, TypeError, KeyError or AttributeError for a configuration that is not one; then nothing
    has changed.
    """
    if unknown := sorted(set(data) - set(_NAMES)):
        raise ValueError(f"there is no setting {', '.join(unknown)}; there are {', '.join(_NAMES)}")
    seed = data.get("seed")
    changes = [_READ[name](value, seed) for name, value in data.items() if name in _READ]
    for change in changes:
        change(service)


Change = Callable[[BedrockService], None]


def _latency(value: Mapping[str, Any], seed: int | None) -> Change:
    plan: LatencyPlan = read_plan(value, seed=seed)
    return lambda service: setattr(service.setup, "latency", plan)


def _faults(value: list[Mapping[str, Any]], seed: int | None) -> Change:
    plan = FaultPlan()
    plan.load([read_fault(item) for item in value], now=steady_now(), seed=seed)
    return lambda service: setattr(service.setup, "faults", plan)


def _eol(value: list[str], _seed: int | None) -> Change:
    ids = frozenset(base_id(identifier) for identifier in value)
    return lambda service: setattr(service.setup, "end_of_life", ids)


def _answers(value: list[Mapping[str, Any]], _seed: int | None) -> Change:
    scripts = [read_script(item) for item in value]
    return lambda service: service.setup.scripted.load(scripts)


def _quotas(value: Mapping[str, Any], _seed: int | None) -> Change:
    quotas = Quotas(read_quotas(value), clock=steady_now)
    return lambda service: setattr(service.setup, "quotas", quotas)


def _llm(value: Mapping[str, Any] | None, _seed: int | None) -> Change:
    brain = OpenAIBrain(read_llm(value)) if value else None
    return lambda service: setattr(service.setup, "llm", brain)


_READ: Mapping[str, Callable[[Any, int | None], Change]] = {
    "latency": _latency,
    "faults": _faults,
    "eol": _eol,
    "answers": _answers,
    "quotas": _quotas,
    "llm": _llm,
}
