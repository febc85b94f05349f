"""Summarises the model calls behind a result: who answered, tokens, cost."""

from collections.abc import Sequence
from typing import Any

from core.models.exchange import ModelAnswer
from core.models.model import Usage

RULES_BRAIN = "rules"
"""What the local Bedrock calls itself where fixed rules answer in a model's place."""


def display_name(answer: ModelAnswer) -> str:
    """Returns the model's name for people, with what answered in its place, if anything did."""
    if not answer.brain:
        return answer.model_name
    who = "Rules" if answer.brain == RULES_BRAIN else answer.brain
    return f"{who} (local stand-in for {answer.model_name})"


def calls_made(answers: Sequence[ModelAnswer]) -> dict[str, Any]:
    """Returns what the calls used and cost: {usage, cost_usd, tried: [{model_id, code}]}.

    usage: {input, output, cache_read, cache_write, quota_tokens} in tokens, and the number of calls. tried: models
    that were called before and gave no answer, with AWS's error code.
    """
    usage = Usage()
    for answer in answers:
        usage = usage.plus(answer.usage)
    return {
        "usage": {
            "input": usage.input,
            "output": usage.output,
            "cache_read": usage.cache_read,
            "cache_write": usage.cache_write,
            "quota_tokens": sum(answer.quota_tokens for answer in answers),
            "calls": len(answers),
        },
        "cost_usd": round(sum(answer.cost_usd for answer in answers), 6),
        "tried": [
            {"model_id": item.model_id, "code": item.code} for answer in answers for item in answer.tried
        ],
    }
