"""What extended thinking allows and rules out (Bedrock user guide, "Extended thinking", read 2026-11-21)."""

from collections.abc import Mapping
from typing import Any

from infra.local.bedrock.catalogue import LocalModel
from infra.local.bedrock.errors import model_refuses

_LEAST_BUDGET = 1024


def thinking_budget(thinking: Mapping[str, Any], model: LocalModel) -> int:
    """Tokens, 0 without thinking. Raises the service's ValidationException."""
    if thinking.get("type") != "enabled":
        return 0
    if not model.thinking:
        raise model_refuses("thinking: Extra inputs are not permitted")
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int) or budget < _LEAST_BUDGET:
        raise model_refuses(
            f"thinking.enabled.budget_tokens: Input should be greater than or equal to {_LEAST_BUDGET}"
        )
    return budget


def check_thinking(budget: int, max_tokens: int, *, data: Mapping[str, Any], forces_tool: bool) -> None:
    """data: the request. Raises the service's ValidationException for what does not go with thinking."""
    sampling = data.get("inferenceConfig") or {}
    if budget >= max_tokens:
        raise model_refuses("`max_tokens` must be greater than `thinking.budget_tokens`.")
    if sampling.get("temperature", 1) != 1:
        raise model_refuses("`temperature` may only be set to 1 when thinking is enabled.")
    if sampling.get("topP", 1) < 0.95:
        raise model_refuses(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled."
        )
    if "top_k" in data["additionalModelRequestFields"]:
        raise model_refuses("`top_k` must be unset when thinking is enabled.")
    if forces_tool:
        raise model_refuses("Thinking may not be enabled when tool_choice forces tool use.")
    if data["messages"][-1]["role"] == "assistant":
        raise model_refuses(
            "the last message may not be an answer begun for the model when thinking is enabled"
        )
