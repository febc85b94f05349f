"""What the throttling benchmark plays: the quotas, what goes wrong, and the best that anybody could do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor
from typing import Any

MODELS = (
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.anthropic.claude-sonnet-4-20250514-v1:0",
    "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
)
RPM = 12
LATENCY_S = 0.05
INPUT_TOKENS, OUTPUT_TOKENS, BURNDOWN = 672, 200, 5
ANSWER_TOKENS = 400
CHARGE = INPUT_TOKENS + BURNDOWN * OUTPUT_TOKENS


@dataclass(frozen=True)
class Scenario:
    """calls: how many are wanted. per_window: how many the quotas left allow. bar: of goodput; None = printed only.

    bedrock: faults, eol, quotas of the local Bedrock beside those of the models. kill_every_s: in windows of 6 s.
    hosts: machines that the processes are spread over. skew_s: how far apart the machines' clocks are.
    """

    name: str
    calls: int
    per_window: int
    bar: float | None
    bedrock: Mapping[str, Any] = field(default_factory=dict)
    tpm: int | None = None
    kills: int = 0
    hosts: int = 1
    skew_s: float = 0.0

    @property
    def turns(self) -> int:
        """How many windows the last call has to wait for."""
        return floor((self.calls - 1) / self.per_window)

    def optimum_s(self, window_s: float) -> float:
        """All calls of a window at its start, the next ones exactly one window later."""
        return self.turns * window_s + LATENCY_S

    def quotas(self, window_s: float) -> dict[str, Any]:
        limits = {"rpm": RPM} | ({"tpm": self.tpm} if self.tpm else {})
        return {"window_s": window_s, "each": limits, **self.bedrock.get("quotas", {})}


def _outage(code: str) -> dict[str, Any]:
    return {"faults": [{"code": code, "model": MODELS[0]}]}


_ALL = RPM * len(MODELS)
_TPM = 8_000
_OTHERS = {"quotas": {"outside": [{"model": model, "rpm": RPM / 2} for model in MODELS]}}

SCENARIOS = (
    Scenario("base", 300, _ALL, 0.97),
    Scenario("first out (429)", 300, _ALL - RPM, 0.90, _outage("ThrottlingException")),
    Scenario("first out (503)", 300, _ALL - RPM, 0.90, _outage("ServiceUnavailableException")),
    Scenario("three dead", 100, _ALL - 3 * RPM, 0.96, {"eol": list(MODELS[:3])}),
    Scenario("token-bound", 100, _TPM // CHARGE * len(MODELS), None, tpm=_TPM),
    Scenario("outside eats half", 150, _ALL // 2, None, _OTHERS),
    Scenario("SIGKILLs", 300, _ALL, None, kills=6),
    Scenario("clocks 1 s apart", 300, _ALL, None, hosts=2, skew_s=1.0),
    Scenario("four hosts", 300, _ALL, None, hosts=4),
)


def models_file(scenario: Scenario) -> str:
    """A registry with the quotas of this scenario."""
    return "\n".join(_model(number, name, scenario) for number, name in enumerate(MODELS, 1))


def _model(number: int, name: str, scenario: Scenario) -> str:
    tpm = f"tpm = {scenario.tpm}\n" if scenario.tpm else ""
    return (
        f'[[models]]\nid = "{name}"\nname = "Model {number}"\npriority = {number}\nmax_tokens = 4096\n'
        f'structured_output = "text"\nburndown = {BURNDOWN}\nrpm = {RPM}\n{tpm}'
        "prices = { input_usd = 0, output_usd = 0, cache_read_usd = 0, cache_write_usd = 0 }\n"
    )


def violations(calls: list[dict[str, Any]], *, window_s: float, most: int, at_once: int) -> dict[str, int]:
    """Windows over a limit, from the service's own stamps: of all calls that came in, refused or not."""
    stamps = sorted(call["arrived_at"] for call in calls)
    by_model: dict[str, list[float]] = {}
    for call in calls:
        by_model.setdefault(call["model"], []).append(call["arrived_at"])
    return {
        "requests": _over(stamps, most, window_s),
        "of models": sum(_over(sorted(own), RPM, window_s) for own in by_model.values()),
        "at once": _over_at_once(calls, at_once),
    }


def _over(stamps: list[float], limit: int, window_s: float) -> int:
    pairs = zip(stamps, stamps[limit:], strict=False)
    return sum(late - early < window_s for early, late in pairs)


def _over_at_once(calls: list[dict[str, Any]], limit: int) -> int:
    """How often a call came in while as many as allowed were running."""
    moments = [(call["arrived_at"], 1) for call in calls]
    moments += [(call["ended_at"], -1) for call in calls if call["ended_at"]]
    running = over = 0
    for _, step in sorted(moments):
        running += step
        over += step > 0 and running > limit
    return over
