"""What is asked of a model and what came back, independent of how each model wants to be asked."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any

from core.models.model import Usage

CHARS_PER_TOKEN = 3.5
"""First estimate for English prose with Claude's tokenizer; TokenLearning corrects it by what models report."""


@dataclass(frozen=True)
class ModelRequest:
    """A question to a model, independent of how each model wants to be asked.

    system: instructions, the same for every request of their kind: the prompt cache keeps all of them. user:
    content blocks of the one user message. schema: JSON schema of the answer, with only what native structured
    output accepts. answer_tokens: least room for the answer; thinking comes on top. fingerprint: the same for the
    same question, although delimiters are random; it tells whether a stored answer belongs to this request.
    """

    system: tuple[str, ...]
    user: tuple[str, ...]
    schema: dict[str, Any]
    schema_name: str
    prompt_version: str
    fingerprint: str
    answer_tokens: int = 1500

    @property
    def stable_chars(self) -> int:
        """Length of what every request of the kind begins with.

        The schema becomes part of the prompt in every mode.
        """
        return sum(map(len, self.system)) + len(json.dumps(self.schema))

    @property
    def input_chars(self) -> int:
        return self.stable_chars + sum(map(len, self.user))

    def input_tokens(self) -> int:
        """A first estimate, before anything is learnt."""
        return math.ceil(self.input_chars / CHARS_PER_TOKEN)


@dataclass(frozen=True)
class Tried:
    """A model that was called and gave no answer. code: what it gave instead."""

    model_id: str
    code: str


@dataclass(frozen=True)
class ModelAnswer:
    """A model's answer.

    content: its text, or the forced tool's input as JSON. thinking: what the model thought, "" without. brain: what
    really answered if that was not a model ("rules"), else "". stop_reason: Bedrock's; "max_tokens" means that
    content is cut off. latency_s: of the call alone. tried: models that failed before, in order.
    """

    model_id: str
    model_name: str
    content: str
    thinking: str
    usage: Usage
    stop_reason: str
    brain: str
    latency_s: float
    cost_usd: float
    quota_tokens: int
    fingerprint: str
    tried: tuple[Tried, ...] = field(default=())

    @property
    def cut_off(self) -> bool:
        return self.stop_reason in {"max_tokens", "model_context_window_exceeded"}

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ModelAnswer":
        tried = tuple(Tried(**item) for item in data.get("tried", ()))
        return cls(**{**data, "usage": Usage(**data["usage"]), "tried": tried})


def fingerprint_of(*parts: str) -> str:
    """Returns a hex digest of the parts; where one part ends and the next begins counts too."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()
