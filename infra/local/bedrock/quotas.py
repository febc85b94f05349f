"""Quotas of the service: requests and tokens per window, tokens per day, per model and for the account.

A call is held to them at its start with input + cache write + cache read + maxTokens, and settled at its end to
input + cache write + burndown x output (AWS user guide, "Token burndown", read 2026-11-21). What it then costs more
than it reserved is carried: later calls are refused until it has left the window. A refused call takes nothing.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from infra.local.bedrock.catalogue import base_id
from infra.local.bedrock.errors import (
    TOO_MANY_REQUESTS,
    TOO_MANY_TOKENS,
    TOO_MANY_TOKENS_TODAY,
    ServiceError,
)
from infra.local.bedrock.outside import Outside, Ticks, read_outside
from infra.local.bedrock.windows import Charge, SlidingWindow

ACCOUNT = ""


@dataclass(frozen=True)
class Limits:
    """rpm, tpm: requests and tokens in one window. tpd: tokens in one day. None: no such limit."""

    rpm: int | None = None
    tpm: int | None = None
    tpd: int | None = None


@dataclass(frozen=True)
class QuotaPlan:
    """models: foundation model id -> limits. each: of models not named there. reserve_multiplier: of maxTokens."""

    window_s: float = 60.0
    day_s: float = 86_400.0
    reserve_multiplier: float = 1.0
    each: Limits = Limits()
    account: Limits = Limits()
    models: Mapping[str, Limits] = field(default_factory=dict)
    outside: Sequence[Outside] = ()

    def limits_of(self, key: str) -> Limits:
        return self.account if key == ACCOUNT else self.models.get(key, self.each)


def read_quotas(data: Mapping[str, Any]) -> QuotaPlan:
    """{window_s?, day_s?, reserve_multiplier?, each?, account?, models?: {id: limits}, outside?: [...]}.

    limits: {rpm?, tpm?, tpd?}. Raises ValueError, TypeError for anything else.
    """
    if unknown := sorted(set(data) - {item.name for item in fields(QuotaPlan)}):
        raise ValueError(f"quotas have no {', '.join(unknown)}")
    numbers = {
        name: float(data[name]) for name in ("window_s", "day_s", "reserve_multiplier") if name in data
    }
    if any(value <= 0 for value in numbers.values()):
        raise ValueError("window_s, day_s and reserve_multiplier are above 0")
    return QuotaPlan(
        each=Limits(**data.get("each", {})),
        account=Limits(**data.get("account", {})),
        models={base_id(model): Limits(**limits) for model, limits in data.get("models", {}).items()},
        outside=tuple(read_outside(item) for item in data.get("outside", [])),
        **numbers,
    )


@dataclass(eq=False)
class _Book:
    """The windows of one model, or of the account. A day's calls are kept only where they are limited."""

    limits: Limits
    minute: SlidingWindow
    day: SlidingWindow

    @property
    def windows(self) -> tuple[SlidingWindow, ...]:
        return (self.minute,) if self.limits.tpd is None else (self.minute, self.day)

    def refusal(self, tokens: int, *, now: float) -> str:
        """The service's words, or "" when a call of so many tokens may start."""
        self.minute.forget_until(now)
        self.day.forget_until(now)
        if _over(self.limits.rpm, self.minute.requests + 1):
            return TOO_MANY_REQUESTS
        if _over(self.limits.tpm, self.minute.tokens + tokens):
            return TOO_MANY_TOKENS
        if _over(self.limits.tpd, self.day.tokens + tokens):
            return TOO_MANY_TOKENS_TODAY
        return ""


def _over(limit: int | None, amount: int) -> bool:
    return limit is not None and amount > limit


class Quotas:
    """Shared by all request threads. clock: seconds that never go back."""

    def __init__(self, plan: QuotaPlan, *, clock: Callable[[], float]) -> None:
        self.plan = plan
        self._clock = clock
        self._lock = threading.Lock()
        self._books: dict[str, _Book] = {}
        self._ticks = Ticks(plan.outside, window_s=plan.window_s, start=clock())

    def reserved(self, *, input_tokens: int, max_tokens: int) -> int:
        """What a call takes at its start. input_tokens: all of them, cached or not."""
        return input_tokens + round(self.plan.reserve_multiplier * max_tokens)

    def admit(self, model_id: str, *, tokens: int) -> Charge:
        """Takes the call into every window at once. Raises ServiceError (429) when one has no room."""
        with self._lock:
            now = self._clock()
            self._let_others_in(now)
            if words := self._refusal(model_id, tokens, now=now):
                raise ServiceError("ThrottlingException", words)
            return self._take(model_id, tokens, now=now)

    def settle(self, model_id: str, charge: Charge, *, tokens: int) -> None:
        with self._lock:
            now = self._clock()
            self._let_others_in(now)
            for book in self._of(model_id):
                for window in book.windows:
                    window.change(charge, tokens=tokens, now=now)
            charge.tokens = tokens

    def to_dict(self) -> dict[str, Any]:
        """What fills the windows now, by model; "account" is all of them."""
        with self._lock:
            now = self._clock()
            self._let_others_in(now)
            for book in self._books.values():
                book.refusal(0, now=now)
            return {
                "window_s": self.plan.window_s,
                "outside": {"admitted": self._ticks.admitted, "refused": self._ticks.refused},
                "used": {
                    key or "account": {"requests": book.minute.requests, "tokens": book.minute.tokens}
                    for key, book in self._books.items()
                },
            }

    def _let_others_in(self, now: float) -> None:
        """Outside consumers' calls up to now, each held to the quota at its own time."""
        for outside, at in self._ticks.until(now):
            if self._refusal(outside.model, outside.tokens, now=at):
                self._ticks.refused += 1
            else:
                self._take(outside.model, outside.tokens, now=at)
                self._ticks.admitted += 1

    def _refusal(self, model_id: str, tokens: int, *, now: float) -> str:
        refusals = (book.refusal(tokens, now=now) for book in self._of(model_id))
        return next((words for words in refusals if words), "")

    def _take(self, model_id: str, tokens: int, *, now: float) -> Charge:
        charge = Charge(now, tokens)
        for book in self._of(model_id):
            for window in book.windows:
                window.add(charge)
        return charge

    def _of(self, model_id: str) -> list[_Book]:
        """The model's book and the account's, made when first needed; an outside consumer may have no model."""
        keys = dict.fromkeys((base_id(model_id), ACCOUNT))
        for key in keys:
            if key not in self._books:
                minute, day = SlidingWindow(self.plan.window_s), SlidingWindow(self.plan.day_s)
                self._books[key] = _Book(self.plan.limits_of(key), minute, day)
        return [self._books[key] for key in keys]
