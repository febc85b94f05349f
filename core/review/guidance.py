"""A team's guidance, learnt from what it rejected: lines for the prompt, and rules that are switched off.

People write, edit and switch them; nothing is added by itself. A review keeps the guidance it was made with.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.errors import Permanent

MOST_ITEMS = 60
MOST_CHARS = 400
MOST_PROMPT_CHARS = 6_000
"""Of all lines that are switched on: about 1,700 tokens in every prompt."""


@dataclass(frozen=True)
class GuidanceItem:
    """One line. on: whether prompts contain it. about: the rule or category whose rejections led to it, or ""."""

    id: str
    text: str
    on: bool = True
    about: str = ""


@dataclass(frozen=True)
class GuidanceUsed:
    """What a review was made with. lines: of the prompt. rules_off: rules whose findings nobody wants."""

    lines: tuple[str, ...] = ()
    rules_off: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(json.dumps([self.lines, self.rules_off]).encode()).hexdigest()

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "GuidanceUsed":
        return cls(tuple(data["lines"]), tuple(data["rules_off"]))


@dataclass(frozen=True)
class Guidance:
    """The team's guidance. rev: plus one for each change. updated_at: ISO UTC, "" before the first."""

    items: tuple[GuidanceItem, ...] = ()
    rules_off: tuple[str, ...] = ()
    rev: int = 0
    updated_by: str = ""
    updated_at: str = ""

    @property
    def used(self) -> GuidanceUsed | None:
        """Returns what a new review uses; None if no line is on and no rule is off."""
        lines = tuple(item.text for item in self.items if item.on)
        return GuidanceUsed(lines, self.rules_off) if lines or self.rules_off else None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Guidance":
        return cls(
            items=tuple(GuidanceItem(**item) for item in data["items"]),
            rules_off=tuple(data["rules_off"]),
            rev=data["rev"],
            updated_by=data["updated_by"],
            updated_at=data["updated_at"],
        )


def checked_items(items: Iterable[GuidanceItem]) -> tuple[GuidanceItem, ...]:
    """Returns the items without repeated and empty lines, white space folded. Raises Permanent guidance/invalid."""
    cleaned = [GuidanceItem(item.id, " ".join(item.text.split()), item.on, item.about) for item in items]
    distinct = {item.text.casefold(): item for item in cleaned if item.text}
    kept = tuple(distinct.values())
    if len(kept) > MOST_ITEMS:
        raise Permanent("guidance/invalid", f"There are {len(kept)} lines, the most is {MOST_ITEMS}.")
    for number, item in enumerate(kept, 1):
        if len(item.text) > MOST_CHARS:
            raise Permanent(
                "guidance/invalid",
                f"Line {number} has {len(item.text)} characters, the most is {MOST_CHARS}.",
            )
    chars = sum(len(item.text) for item in kept if item.on)
    if chars > MOST_PROMPT_CHARS:
        raise Permanent(
            "guidance/invalid",
            f"The lines that are switched on have {chars:,} characters, the most is {MOST_PROMPT_CHARS:,}.",
        )
    return kept
