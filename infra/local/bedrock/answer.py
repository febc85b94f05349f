"""A brain's answer as Converse gives it: content blocks, stop reason, usage."""

import base64
import hashlib
import json
from typing import Any

from infra.local.bedrock.brains import BrainAnswer
from infra.local.bedrock.conversation import Conversation
from infra.local.bedrock.prompt_cache import CacheUse
from infra.local.bedrock.tokens import CHARS_PER_TOKEN, tokens


def converse_answer(
    conversation: Conversation,
    given: BrainAnswer,
    *,
    brain: str,
    cache: CacheUse,
    latency_s: float,
) -> dict[str, Any]:
    """The body of the response. An answer over maxTokens is cut off there, as a model's would be."""
    text = given.content if isinstance(given.content, str) else _compact(given.content)
    thinking = given.thinking if conversation.budget_tokens else ""
    room_chars = max(0, conversation.max_tokens * CHARS_PER_TOKEN - len(thinking))
    content = [_reasoning(thinking)] if thinking else []
    tool = _called_tool(conversation, given)
    content.append(_tool_use(tool, given) if tool else {"text": text[:room_chars]})
    output = given.output_tokens
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": _stop_reason(given, tool=tool, cut_off=len(text) > room_chars),
        "usage": _usage(
            given.input_tokens or conversation.input_tokens,
            tokens(len(thinking) + min(len(text), room_chars)) if output is None else output,
            cache=cache,
        ),
        "metrics": {"latencyMs": round(latency_s * 1000)},
        "additionalModelResponseFields": {"brain": brain},
    }


def _usage(read: int, written: int, *, cache: CacheUse) -> dict[str, Any]:
    """inputTokens is without what came from the cache or went into it; totalTokens has all of it."""
    fresh = max(0, read - cache.read_tokens - cache.write_tokens)
    usage: dict[str, Any] = {
        "inputTokens": fresh,
        "outputTokens": written,
        "totalTokens": fresh + cache.read_tokens + cache.write_tokens + written,
        "cacheReadInputTokens": cache.read_tokens,
        "cacheWriteInputTokens": cache.write_tokens,
    }
    if cache.written:
        usage["cacheDetails"] = [{"ttl": ttl, "inputTokens": count} for ttl, count in cache.written]
    return usage


def _stop_reason(given: BrainAnswer, *, tool: str, cut_off: bool) -> str:
    if cut_off:
        return "max_tokens"
    return given.stop_reason or ("tool_use" if tool else "end_turn")


def _called_tool(conversation: Conversation, given: BrainAnswer) -> str:
    return (given.tool or conversation.tool) if isinstance(given.content, dict) else ""


def _tool_use(tool: str, given: BrainAnswer) -> dict[str, Any]:
    call_id = f"tooluse_{_digest(_compact(given.content))[:22]}"
    return {"toolUse": {"toolUseId": call_id, "name": tool, "input": given.content}}


def _reasoning(thinking: str) -> dict[str, Any]:
    return {"reasoningContent": {"reasoningText": {"text": thinking, "signature": _digest(thinking)}}}


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=").translate(_PLAIN)


_PLAIN = str.maketrans("+/", "ab")


def _compact(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
