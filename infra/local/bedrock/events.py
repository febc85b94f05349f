"""An answer of Converse as the events of ConverseStream, in the order of the service.

Text and reasoning begin without a contentBlockStart; only a tool's call has one, which names it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LEAST_CHARS = 16
_MOST_DELTAS = 40


@dataclass(frozen=True)
class Event:
    """name: of the event, or of the exception, with a small first letter."""

    name: str
    payload: Mapping[str, Any]
    is_exception: bool = False


def stream_events(answer: Mapping[str, Any]) -> list[Event]:
    """messageStart, the blocks, messageStop, metadata."""
    message = answer["output"]["message"]
    events = [Event("messageStart", {"role": message["role"]})]
    for index, block in enumerate(message["content"]):
        if start := _start(block):
            events.append(Event("contentBlockStart", {"start": start, "contentBlockIndex": index}))
        events += [
            Event("contentBlockDelta", {"delta": delta, "contentBlockIndex": index})
            for delta in _deltas(block)
        ]
        events.append(Event("contentBlockStop", {"contentBlockIndex": index}))
    extra = answer["additionalModelResponseFields"]
    stop = {"stopReason": answer["stopReason"], "additionalModelResponseFields": extra}
    return [
        *events,
        Event("messageStop", stop),
        Event("metadata", {"usage": answer["usage"], "metrics": answer["metrics"]}),
    ]


def _start(block: Mapping[str, Any]) -> dict[str, Any]:
    if "toolUse" not in block:
        return {}
    return {"toolUse": {name: block["toolUse"][name] for name in ("toolUseId", "name")}}


def _deltas(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if "text" in block:
        yield from ({"text": piece} for piece in _pieces(block["text"]))
    elif "toolUse" in block:
        text = json.dumps(block["toolUse"]["input"], ensure_ascii=False, separators=(",", ":"))
        yield from ({"toolUse": {"input": piece}} for piece in _pieces(text))
    else:
        reasoning = block["reasoningContent"]["reasoningText"]
        yield from ({"reasoningContent": {"text": piece}} for piece in _pieces(reasoning["text"]))
        yield {"reasoningContent": {"signature": reasoning["signature"]}}


def _pieces(text: str) -> Iterator[str]:
    size = max(_LEAST_CHARS, -(-len(text) // _MOST_DELTAS))
    for at in range(0, len(text), size):
        yield text[at : at + size]
