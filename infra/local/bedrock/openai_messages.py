"""Converse and /v1/chat/completions, pure: a request for the one, an answer from the other."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.local.bedrock.brains import BrainAnswer
from infra.local.bedrock.conversation import Conversation
from infra.local.bedrock.errors import invalid

_STOPS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "content_filtered",
}
_SAMPLING = {"temperature": "temperature", "topP": "top_p", "stopSequences": "stop"}
_SILENT = {"reasoningContent", "cachePoint"}
# Small models that think write so before they answer, where their server does not part it.
_THOUGHT = re.compile(r"\A\s*<think>(.*?)</think>\s*", re.DOTALL)


def chat_request(conversation: Conversation, *, model: str) -> dict[str, Any]:
    """Raises the service's ValidationException for content that cannot be passed on."""
    request = conversation.request
    sampling = request.get("inferenceConfig") or {}
    body: dict[str, Any] = {
        "model": model,
        "messages": [*_system(request.get("system") or []), *_messages(request["messages"])],
        "max_tokens": conversation.max_tokens,
        "stream": False,
        **{new: sampling[old] for old, new in _SAMPLING.items() if old in sampling},
    }
    if tools := [_tool(item["toolSpec"]) for item in _tools(request) if "toolSpec" in item]:
        body["tools"] = tools
        body["tool_choice"] = _tool_choice(request["toolConfig"].get("toolChoice") or {})
    if conversation.native_schema:
        schema = {"name": _schema_name(request), "schema": conversation.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def brain_answer(data: Mapping[str, Any]) -> BrainAnswer:
    """Raises KeyError, IndexError, TypeError or ValueError for what is no chat completion."""
    choice = data["choices"][0]
    message = choice["message"]
    text = message.get("content") or ""
    thought = _THOUGHT.match(text)
    # llama.cpp and vLLM call it reasoning_content, Ollama reasoning.
    thinking = message.get("reasoning_content") or message.get("reasoning") or (thought[1] if thought else "")
    usage = data.get("usage") or {}
    call = (message.get("tool_calls") or [{}])[0].get("function")
    return BrainAnswer(
        content=_arguments(call) if call else text[thought.end() if thought else 0 :],
        thinking=thinking.strip(),
        stop_reason="tool_use" if call else _STOPS.get(choice.get("finish_reason") or "stop", "end_turn"),
        tool=call["name"] if call else "",
        input_tokens=usage.get("prompt_tokens"),
        output_tokens=usage.get("completion_tokens"),
    )


def _arguments(call: Mapping[str, Any]) -> dict[str, Any]:
    """A string of JSON, as OpenAI sends it; some servers send the object."""
    given = call["arguments"]
    arguments = json.loads(given) if isinstance(given, str) else given
    if not isinstance(arguments, dict):
        raise TypeError("arguments of a tool are an object")
    return arguments


def _system(blocks: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    if words := [block["text"] for block in blocks if "text" in block]:
        yield {"role": "system", "content": "\n\n".join(words)}


def _messages(messages: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for message in messages:
        blocks = message["content"]
        if (
            unknown := {name for block in blocks for name in block}
            - {"text", "toolUse", "toolResult"}
            - _SILENT
        ):
            raise invalid(f"The local model takes no {', '.join(sorted(unknown))}.")
        yield from (_tool_result(block["toolResult"]) for block in blocks if "toolResult" in block)
        yield from _said(message["role"], blocks)


def _said(role: str, blocks: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    text = "\n\n".join(block["text"] for block in blocks if "text" in block)
    calls = [_tool_call(block["toolUse"]) for block in blocks if "toolUse" in block]
    if calls:
        yield {"role": role, "content": text or None, "tool_calls": calls}
    elif text:
        yield {"role": role, "content": text}


def _tool_call(used: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": used["name"], "arguments": json.dumps(used["input"])}
    return {"id": used["toolUseId"], "type": "function", "function": function}


def _tool_result(result: Mapping[str, Any]) -> dict[str, Any]:
    parts = [part["text"] if "text" in part else json.dumps(part.get("json")) for part in result["content"]]
    return {"role": "tool", "tool_call_id": result["toolUseId"], "content": "\n".join(parts)}


def _tools(request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return (request.get("toolConfig") or {}).get("tools") or []


def _tool(spec: Mapping[str, Any]) -> dict[str, Any]:
    function = {
        "name": spec["name"],
        "description": spec.get("description", ""),
        "parameters": spec["inputSchema"]["json"],
    }
    return {"type": "function", "function": function}


def _tool_choice(choice: Mapping[str, Any]) -> Any:
    if "tool" in choice:
        return {"type": "function", "function": {"name": choice["tool"]["name"]}}
    return "required" if "any" in choice else "auto"


def _schema_name(request: Mapping[str, Any]) -> str:
    return str(request["outputConfig"]["textFormat"]["structure"]["jsonSchema"].get("name") or "answer")
