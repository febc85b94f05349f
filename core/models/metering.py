"""The events of model calls, for whatever counts tokens, money and time."""

from typing import Protocol

from core.models.exchange import ModelAnswer


class CallMeter(Protocol):
    """Is told about model calls. Must not raise: metering must not lose an answer that was paid for."""

    def waited(self, queue: str, seconds: float) -> None:
        """Time spent waiting for a slot, before a call."""
        ...

    def answered(self, queue: str, answer: ModelAnswer) -> None:
        """A call that gave an answer, usable or not: it is charged either way."""
        ...

    def failed(self, queue: str, model_id: str, code: str, *, throttled: bool) -> None:
        """A call without an answer. code: AWS's name for why. throttled: refused for a quota."""
        ...

    def from_cache(self, queue: str) -> None:
        """An answer that was stored, in place of a call."""
        ...


class NullMeter:
    """Ignores all events."""

    def waited(self, queue: str, seconds: float) -> None: ...

    def answered(self, queue: str, answer: ModelAnswer) -> None: ...

    def failed(self, queue: str, model_id: str, code: str, *, throttled: bool) -> None: ...

    def from_cache(self, queue: str) -> None: ...
