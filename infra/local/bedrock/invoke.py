"""InvokeModel with Anthropic's messages body: the same request in Converse's words, and its answer back.

Text, tools, thinking, schemas and cache points; no images, no documents, no stream.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.local.bedrock.errors import invalid

_VERSION = "bedrock-2023-05-31"
_SAMPLING = {
    "max_tokens": "maxTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "stop_sequences": "stopSequences",
}


def converse_request(body: Mapping[str, Any], *, for_counting: bool = False) -> dict[str, Any]:
    """Raises the service's ValidationException. for_counting: CountTokens needs no max_tokens."""
    if body.get("anthropic_version") != _VERSION:
        raise invalid("anthropic_version: Field required")
    if "max_tokens" not in body and not for_counting:
        raise invalid("max_tokens: Field required")
    try:
        return _request(body)
    except (KeyError, TypeError, AttributeError) as error:
        raise invalid("Malformed input request, please reformat your input and try again.") from error


def messages_answer(answer: Mapping[str, Any], *, model_id: str) -> dict[str, Any]:
    """An answer of Converse as InvokeModel gives it. `brain` is no field of Anthropic's: it says who answered."""
    usage = answer["usage"]
    return {
        "id": f"msg_bdrk_{uuid.uuid4().hex[:24]}",
        "type": "message",
        "role": "assistant",
        "model": model_id,
        "content": [_answer_block(block) for block in answer["output"]["message"]["content"]],
        "stop_reason": answer["stopReason"],
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage["inputTokens"],
            "output_tokens": usage["outputTokens"],
            "cache_creation_input_tokens": usage["cacheWriteInputTokens"],
            "cache_read_input_tokens": usage["cacheReadInputTokens"],
        },
        "brain": answer["additionalModelResponseFields"]["brain"],
    }


def _request(body: Mapping[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "messages": [
            {"role": message["role"], "content": list(_blocks(message["content"]))}
            for message in body["messages"]
        ],
        "system": list(_blocks(body.get("system", []))),
        "inferenceConfig": {new: body[old] for old, new in _SAMPLING.items() if old in body},
    }
    if body.get("tools"):
        request["toolConfig"] = _tool_config(body["tools"], body.get("tool_choice"))
    if "thinking" in body:
        request["additionalModelRequestFields"] = {"thinking": body["thinking"]}
    if text_format := (body.get("output_config") or {}).get("format"):
        structure = {"jsonSchema": {"schema": json.dumps(text_format["schema"]), "name": "answer"}}
        request["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": structure}}
    return request


def _blocks(content: str | Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    if isinstance(content, str):
        yield {"text": content}
        return
    for block in content:
        yield _block(block)
        yield from _cache_point(block)


def _block(block: Mapping[str, Any]) -> dict[str, Any]:
    kind = block["type"]
    if kind == "text":
        return {"text": block["text"]}
    if kind == "tool_use":
        return {"toolUse": {"toolUseId": block["id"], "name": block["name"], "input": block["input"]}}
    if kind == "tool_result":
        result = list(_blocks(block.get("content", [])))
        return {"toolResult": {"toolUseId": block["tool_use_id"], "content": result}}
    if kind == "thinking":
        reasoning = {"text": block["thinking"], "signature": block["signature"]}
        return {"reasoningContent": {"reasoningText": reasoning}}
    raise invalid(f"messages: the local Bedrock takes no content of type {kind}")


def _cache_point(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if control := block.get("cache_control"):
        yield {"cachePoint": {"type": "default", "ttl": control.get("ttl", "5m")}}


def _tool_config(tools: Sequence[Mapping[str, Any]], choice: Mapping[str, Any] | None) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for tool in tools:
        spec = {
            "name": tool["name"],
            "description": tool.get("description", ""),
            "inputSchema": {"json": tool["input_schema"]},
        }
        found += [{"toolSpec": spec}, *_cache_point(tool)]
    config: dict[str, Any] = {"tools": found}
    if choice:
        kind = choice["type"]
        config["toolChoice"] = {kind: {"name": choice["name"]} if kind == "tool" else {}}
    return config


def _answer_block(block: Mapping[str, Any]) -> dict[str, Any]:
    if "text" in block:
        return {"type": "text", "text": block["text"]}
    if "toolUse" in block:
        used = block["toolUse"]
        return {"type": "tool_use", "id": used["toolUseId"], "name": used["name"], "input": used["input"]}
    reasoning = block["reasoningContent"]["reasoningText"]
    return {"type": "thinking", "thinking": reasoning["text"], "signature": reasoning["signature"]}
