"""What answers in a model's place. Every answer names its brain; nothing here pretends to be a model.

`RulesBrain` reads the document text of the request and applies core.rules; `ScriptedBrain` repeats what a test
told it; `OpenAIBrain` asks a model that runs elsewhere. A brain is anything with `name` and `answer`.
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

from infra.local.bedrock.catalogue import base_id
from infra.local.bedrock.conversation import Conversation


@dataclass(frozen=True)
class BrainAnswer:
    """content: a dict for JSON and tools, or text. thinking: shown first when the request enabled it.

    tool: name of the tool that is called without having been forced. input_tokens, output_tokens: as counted by
    the brain itself; None = by the length of the texts.
    """

    content: dict[str, Any] | str
    thinking: str = ""
    stop_reason: str = ""
    tool: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None


class Brain(Protocol):
    name: str

    def answer(self, conversation: Conversation) -> BrainAnswer | None:
        """None: nothing to say to this one, ask the next brain. Raises ServiceError when it fails."""
        ...


_ANSWER = {item.name for item in fields(BrainAnswer)}
_OF_SCRIPT = {"model", "repeat"}


def read_script(data: Mapping[str, Any]) -> dict[str, Any]:
    """{content, thinking?, stop_reason?, tool?, output_tokens?, model?, repeat?}. Raises ValueError."""
    if unknown := sorted(set(data) - _ANSWER - _OF_SCRIPT):
        raise ValueError(f"a scripted answer has no {', '.join(unknown)}")
    if not isinstance(data.get("content"), dict | str):
        raise ValueError("an answer needs content: an object or a text")
    return dict(data)


class ScriptedBrain:
    """Answers given over the control API, first in, first out, each once, or for ever where it says repeat."""

    name = "scripted"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[dict[str, Any]] = deque()

    def load(self, answers: Iterable[dict[str, Any]]) -> None:
        with self._lock:
            self._waiting = deque(answers)

    def answer(self, conversation: Conversation) -> BrainAnswer | None:
        with self._lock:
            for script in self._waiting:
                if base_id(script.get("model", conversation.model.id)) == conversation.model.id:
                    if not script.get("repeat"):
                        self._waiting.remove(script)
                    return BrainAnswer(**{name: script[name] for name in _ANSWER & script.keys()})
        return None
