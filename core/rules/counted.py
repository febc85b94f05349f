"""Figures of three digits or more with what they count, so that the same quantity can be found in two places."""

import re
from collections import defaultdict
from dataclasses import dataclass

from core.documents.model import Block
from core.rules.dates import without_dates
from core.rules.view import View

_FIGURE = re.compile(
    r"(?<![\w\-/.:#,])(?:(?P<currency>EUR|USD|GBP|CHF|[$€£]) ?)?(?P<value>\d{1,3}(?:,\d{3})+|\d{3,})"
    r"(?![\w%]|[,.:]\d|-\w)(?: (?P<noun>[a-z]{3,}))?"
)
_NOT_NOUN = frozenset(
    {
        "and",
        "for",
        "from",
        "had",
        "has",
        "have",
        "that",
        "the",
        "was",
        "were",
        "with",
        "who",
        "which",
        "when",
        "into",
        "days",
        "per",
    }
)


@dataclass(frozen=True)
class Counted:
    """digits: without separators. start, end: with the currency, without the noun."""

    digits: str
    block: Block
    start: int
    end: int

    @property
    def written(self) -> str:
        return self.block.text[self.start : self.end]


def counted_by_kind(view: View) -> dict[str, list[Counted]]:
    """Figures of three digits or more by what they count: a currency, or the noun that follows."""
    found: dict[str, list[Counted]] = defaultdict(list)
    for block in view.blocks:
        for match in _FIGURE.finditer(without_dates(block.text)):
            kind = match["currency"] or (match["noun"] if match["noun"] not in _NOT_NOUN else None)
            if kind:
                found[kind].append(
                    Counted(match["value"].replace(",", ""), block, match.start(), match.end("value"))
                )
    return found
