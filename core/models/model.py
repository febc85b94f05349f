"""A model as the registry describes it: what it is called, what it can do, what it costs."""

from dataclasses import dataclass
from enum import StrEnum

_MILLION = 1_000_000


class ThinkingMode(StrEnum):
    """How a model's extended thinking is requested."""

    NONE = "none"
    ENABLED = "enabled"
    """A fixed budget of thinking tokens before the answer; not with a forced tool."""


class StructuredOutput(StrEnum):
    """How the model is held to the answer's schema, best first."""

    NATIVE = "native"
    TOOL = "tool"
    TEXT = "text"


@dataclass(frozen=True)
class Prices:
    """US dollars per million tokens."""

    input_usd: float
    output_usd: float
    cache_read_usd: float
    cache_write_usd: float


@dataclass(frozen=True)
class Usage:
    """Tokens as Bedrock reports them: `input` is without what came from or went into the prompt cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    def plus(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )


@dataclass(frozen=True)
class Model:
    """One tier of the fallback order.

    id: Bedrock model or inference profile id. name: for people. priority: from 1, tried in this order.
    region: "" means BEDROCK_REGION. max_tokens: most that one answer may have, thinking included.
    burndown: quota tokens per output token (AWS: 5 for Claude 3.7 and later, 1 before).
    least_cached_tokens: shortest prompt prefix that the model's prompt cache keeps; 0: it has no prompt cache.
    rpm, tpm: quotas of this model in one limiter window, over all processes; None: only the global limits.
    """

    id: str
    name: str
    priority: int
    max_tokens: int
    structured_output: StructuredOutput
    prices: Prices
    region: str = ""
    thinking: ThinkingMode = ThinkingMode.NONE
    thinking_budget: int = 0
    burndown: int = 5
    least_cached_tokens: int = 0
    rpm: int | None = None
    tpm: int | None = None

    def tokens_for(self, answer_tokens: int) -> int:
        """maxTokens of a request whose answer needs `answer_tokens`: thinking comes on top, up to the ceiling."""
        return min(self.max_tokens, answer_tokens + self.thinking_budget)

    def quota_tokens(self, usage: Usage) -> int:
        """What a finished call takes from the quota; cache reads are free of it."""
        return usage.input + usage.cache_write + self.burndown * usage.output

    def cost_usd(self, usage: Usage) -> float:
        prices = self.prices
        total = (
            usage.input * prices.input_usd
            + usage.output * prices.output_usd
            + usage.cache_read * prices.cache_read_usd
            + usage.cache_write * prices.cache_write_usd
        )
        return round(total / _MILLION, 6)
