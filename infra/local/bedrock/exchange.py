"""One call that was let in: faults of the model, the brain's answer, the time it takes, what it is charged."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.bedrock.answer import converse_answer
from infra.local.bedrock.brains import BrainAnswer
from infra.local.bedrock.clock import steady_now
from infra.local.bedrock.conversation import Conversation
from infra.local.bedrock.errors import ConnectionLost, ServiceError
from infra.local.bedrock.events import Event, stream_events
from infra.local.bedrock.faults import HANG, RESET, Fault
from infra.local.bedrock.prompt_cache import CacheUse
from infra.local.bedrock.setup import Setup
from infra.local.bedrock.statistics import CallRecord

_HANG_S = 600.0
_RUNS_ON = frozenset({"ModelTimeoutException", HANG, RESET})
"""Nobody gets the answer, but the model went on with it: such a call stays charged with all it reserved."""


def strike(fault: Fault) -> None:
    """Raises ServiceError or ConnectionLost, as the fault says."""
    time.sleep(_HANG_S if fault.code == HANG else fault.delay_s)
    if fault.code in (HANG, RESET):
        raise ConnectionLost
    raise ServiceError(fault.code, fault.message, original_status=fault.original_status)


@dataclass
class Exchange:
    """record.settled is kept at what the call costs by now; whoever let it in settles that."""

    conversation: Conversation
    cache: CacheUse
    fault: Fault | None
    record: CallRecord
    setup: Setup
    began_at: float = field(default_factory=steady_now)
    due_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.due_s = self.setup.latency.draw(self.conversation.model.id)

    def answer(self) -> dict[str, Any]:
        """As Converse gives it, when its time has come. Raises ServiceError, ConnectionLost."""
        answer = self._answer()
        time.sleep(self._left_s())
        return answer

    def events(self) -> Iterator[Event]:
        """The same as a stream, spread evenly over the time. May raise in the middle of it."""
        events = stream_events(self._answer())
        pause_s = self._left_s() / len(events)
        for number, event in enumerate(events):
            if self.fault and self.fault.after_events == number:
                self._break_off(self.fault, share=number / len(events))
            time.sleep(pause_s)
            yield event

    def _answer(self) -> dict[str, Any]:
        if self.fault and self.fault.after_events is None:
            self._fail(self.fault)
        brain, given = self._ask()
        # Only now: calls that start while the first one is being answered find nothing and write as well.
        self.setup.cache.keep(self.cache, now=steady_now())
        latency_s = max(self.due_s, steady_now() - self.began_at)
        answer = converse_answer(self.conversation, given, brain=brain, cache=self.cache, latency_s=latency_s)
        self._note(answer["usage"], brain)
        return answer

    def _ask(self) -> tuple[str, BrainAnswer]:
        for brain in self.setup.brains:
            if (given := brain.answer(self.conversation)) is not None:
                return brain.name, given
        raise ServiceError("ModelErrorException", "No brain of the local Bedrock answers this request.")

    def _fail(self, fault: Fault) -> None:
        if fault.code not in _RUNS_ON:
            self.record.settled = 0
        strike(fault)

    def _break_off(self, fault: Fault, *, share: float) -> None:
        """share: of the answer that has been given by now."""
        if fault.code not in _RUNS_ON:
            self.record.settled = self._charge(round(share * self.record.output_tokens))
        strike(fault)

    def _note(self, usage: Mapping[str, Any], brain: str) -> None:
        record = self.record
        record.brain = brain
        record.input_tokens, record.output_tokens = usage["inputTokens"], usage["outputTokens"]
        record.cache_read_tokens = usage["cacheReadInputTokens"]
        record.cache_write_tokens = usage["cacheWriteInputTokens"]
        record.settled = self._charge(record.output_tokens)

    def _charge(self, output_tokens: int) -> int:
        """Quota tokens; what is read from the cache is free."""
        record = self.record
        return (
            record.input_tokens + record.cache_write_tokens + self.conversation.model.burndown * output_tokens
        )

    def _left_s(self) -> float:
        return max(0.0, self.began_at + self.due_s - steady_now())
