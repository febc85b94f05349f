"""The attempt log of a task that nothing kills: where no second delivery can come, nothing has to be kept."""

import json
import uuid
from typing import Any


class UnkeptAttempts:
    """An attempt log (`core.queueing.attempts.AttemptLog`) that keeps nothing between calls."""

    @property
    def next_call(self) -> str:
        return uuid.uuid4().hex

    def stored_answer(self) -> None:
        return None

    def claim(self, model_id: str) -> None: ...

    def answered(self, model_id: str, answer: dict[str, Any]) -> None:
        """Raises TypeError for an answer that could not be stored."""
        json.dumps(answer)

    def failed(self, model_id: str, code: str) -> None: ...

    def failed_models(self) -> frozenset[str]:
        return frozenset()
