"""Bedrock Converse, pure: a request in the shape a model's abilities allow, and the answer read back.

Facts (Bedrock user guide, read 2026-11-21): thinking forbids temperature and a forced tool, and its budget is
below maxTokens; a native schema is a JSON string; reasoning comes back as a block of its own before the answer; a
cache point keeps tools and system up to it for five minutes, reads of it are free of the token quota.
"""

import json
from typing import Any

from core.models.exchange import CHARS_PER_TOKEN, ModelAnswer, ModelRequest, Tried
from core.models.model import Model, StructuredOutput, ThinkingMode, Usage


def converse_request(model: Model, request: ModelRequest) -> dict[str, Any]:
    """Keyword arguments of boto3's `converse`."""
    system = list(request.system)
    shaped: dict[str, Any] = {}
    if model.structured_output is StructuredOutput.NATIVE:
        shaped["outputConfig"] = _native(request)
    elif model.structured_output is StructuredOutput.TOOL:
        shaped["toolConfig"] = _forced_tool(request)
    else:
        system.append(_schema_in_words(request))
    if model.thinking is ThinkingMode.ENABLED:
        shaped["additionalModelRequestFields"] = {
            "thinking": {"type": "enabled", "budget_tokens": model.thinking_budget}
        }
    return {
        "modelId": model.id,
        "system": [*({"text": block} for block in system), *_cache_point(model, request)],
        "messages": [{"role": "user", "content": [{"text": block} for block in request.user]}],
        "inferenceConfig": {"maxTokens": model.tokens_for(request.answer_tokens)},
        **shaped,
    }


def read_answer(
    model: Model,
    request: ModelRequest,
    *,
    response: dict[str, Any],
    latency_s: float,
    tried: tuple[Tried, ...],
) -> ModelAnswer:
    """The answer in a Converse response. Content is "" where the model gave none: the parser says so."""
    blocks = response.get("output", {}).get("message", {}).get("content", [])
    usage = _usage(response.get("usage", {}))
    return ModelAnswer(
        model_id=model.id,
        model_name=model.name,
        content=_content(blocks),
        thinking="".join(_thinking(block) for block in blocks),
        usage=usage,
        stop_reason=str(response.get("stopReason", "")),
        brain=_brain(response.get("additionalModelResponseFields")),
        latency_s=round(latency_s, 3),
        cost_usd=model.cost_usd(usage),
        quota_tokens=model.quota_tokens(usage),
        fingerprint=request.fingerprint,
        tried=tried,
    )


def _cache_point(model: Model, request: ModelRequest) -> list[dict[str, Any]]:
    """A cache point after the last instruction, because what follows differs by section.

    None where the model would not keep so little.
    """
    tokens = request.stable_chars / CHARS_PER_TOKEN
    reached = 0 < model.least_cached_tokens <= tokens
    return [{"cachePoint": {"type": "default"}}] if reached else []


def _native(request: ModelRequest) -> dict[str, Any]:
    schema = {"schema": json.dumps(request.schema), "name": request.schema_name}
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}


def _forced_tool(request: ModelRequest) -> dict[str, Any]:
    spec = {
        "name": request.schema_name,
        "description": "Takes the whole answer.",
        "inputSchema": {"json": request.schema},
    }
    return {"tools": [{"toolSpec": spec}], "toolChoice": {"tool": {"name": request.schema_name}}}


def _schema_in_words(request: ModelRequest) -> str:
    return (
        "Answer with one JSON object and nothing else: no code fence, no words before or after it.\n"
        f"It follows this JSON schema:\n{json.dumps(request.schema)}"
    )


def _content(blocks: list[dict[str, Any]]) -> str:
    for block in blocks:
        if "toolUse" in block:
            return json.dumps(block["toolUse"].get("input", {}), ensure_ascii=False)
    return "".join(str(block["text"]) for block in blocks if "text" in block)


def _brain(extra: Any) -> str:
    """Who answered in the model's place, as the local Bedrock says it; AWS sends nothing here."""
    return str(extra.get("brain", "")) if isinstance(extra, dict) else ""


def _thinking(block: dict[str, Any]) -> str:
    return str(block.get("reasoningContent", {}).get("reasoningText", {}).get("text", ""))


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(
        input=int(usage.get("inputTokens", 0)),
        output=int(usage.get("outputTokens", 0)),
        cache_read=int(usage.get("cacheReadInputTokens", 0)),
        cache_write=int(usage.get("cacheWriteInputTokens", 0)),
    )
