"""What past calls say about the next one: how many tokens its text has, and how much room its answer needs.

Kept in the process and nowhere else: a worker child starts from the first estimates and has learnt enough after a
few calls, while a shared record would cost a write per call. What is learnt only sizes reservations; charges are
settled with what the model reports.
"""

import math
from collections import defaultdict, deque
from dataclasses import replace

from core.models.exchange import CHARS_PER_TOKEN, ModelAnswer, ModelRequest

_NEWEST_COUNTS = 0.2
_LEAST_FACTOR, _MOST_FACTOR = 0.5, 2.5
"""Beyond these a single odd report (a stand-in, a page of figures) would size the next calls absurdly."""
_ANSWERS_KEPT = 200
_PERCENTILE = 0.95
_HEADROOM = 1.1
_CUT_OFF_NEEDED = 1.5


class TokenLearning:
    """Learns from answers: token factors by model, answer lengths by kind of question (the schema's name)."""

    def __init__(self) -> None:
        self._factors: dict[str, float] = {}
        self._answers: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_ANSWERS_KEPT))

    def factor(self, model_id: str) -> float:
        """Returns tokens per estimated token of this model's tokenizer; 1 until it has answered."""
        return self._factors.get(model_id, 1.0)

    def input_tokens(self, request: ModelRequest) -> int:
        """Estimates with the largest factor learnt.

        Which model will answer is not known when tokens are reserved.
        """
        factor = max(self._factors.values(), default=1.0)
        return math.ceil(request.input_tokens() * factor)

    def sized(self, request: ModelRequest) -> ModelRequest:
        """Returns `request` with room for 95 of 100 answers of its kind, never with less than it asks for."""
        return replace(request, answer_tokens=max(request.answer_tokens, self._usual(request.schema_name)))

    def learn(self, request: ModelRequest, answer: ModelAnswer) -> None:
        """Learns from the answer to `request`, as it was sent."""
        usage = answer.usage
        read = usage.input + usage.cache_read + usage.cache_write
        if read > 0:
            seen = min(_MOST_FACTOR, max(_LEAST_FACTOR, read / request.input_tokens()))
            known = self._factors.get(answer.model_id, seen)
            self._factors[answer.model_id] = (1 - _NEWEST_COUNTS) * known + _NEWEST_COUNTS * seen
        self._answers[request.schema_name].append(self._length(request, answer))

    def _length(self, request: ModelRequest, answer: ModelAnswer) -> int:
        """Thinking left out, which usage does not tell apart; how long a cut-off answer would be nobody knows."""
        if answer.cut_off:
            return math.ceil(request.answer_tokens * _CUT_OFF_NEEDED)
        said = len(answer.content) / CHARS_PER_TOKEN * self.factor(answer.model_id)
        return min(math.ceil(said), answer.usage.output or math.ceil(said))

    def _usual(self, kind: str) -> int:
        lengths = sorted(self._answers[kind])
        if not lengths:
            return 0
        return math.ceil(lengths[math.ceil(_PERCENTILE * len(lengths)) - 1] * _HEADROOM)
