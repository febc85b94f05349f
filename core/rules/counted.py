"""Figures of three digits or more with what they count, so that the same quantity can be found in two places."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import takewhile

from core.documents.model import Block
from core.rules.currencies import CURRENCY
from core.rules.dates import without_dates
from core.rules.lexicon import words
from core.rules.view import View

_VALUE = r"(?P<value>\d{1,3}(?:,\d{3})+|\d{3,})(?![\w%]|[,.:]\d|-\w)"
_FIGURE = re.compile(
    rf"(?<![\w\-/.:#,])(?:(?P<currency>{CURRENCY}) ?)?{_VALUE}"
    r"(?: (?:of (?:these|those|such) )?(?P<words>[a-z][a-z-]{2,}(?: [a-z][a-z-]{2,}){0,2}))?"
)
# "Customers touched: 279."
_LABELLED = re.compile(rf"(?:^|[.;] )(?:[A-Z][a-z]+ )?(?P<noun>[A-Za-z][a-z]+s)(?: [a-z]+){{0,3}}: {_VALUE}")
# "The orders that could not be stopped number 802", "The count of broken seals stands at 381".
_TOLD_LAST = re.compile(
    r"(?:(?:[Nn]umber|[Cc]ount|[Tt]otal) of (?:[a-z-]+ ){0,2}?(?P<of>[a-z]+(?<![sui])s)\b[^.;:,\d]{0,60}?"
    r" (?:is|was|\w+ at)"
    r"|\b(?P<noun>[A-Za-z][a-z]+(?<![sui])s)\b[^.;:,\d]{0,60}? (?:number(?:s|ed)?|total(?:s|led|ed)?"
    r"|(?:came|comes?|amounts?|amounted) to|st(?:ands?|ood) at))"
    rf"(?: about| exactly| only| in all)? {_VALUE}(?=$|[.;,)]| (?:in|at|by|on|for|and)\b)"
)
# "employee records", "previous orders": the first plural is what is counted.
_PLURAL = re.compile(r"people|children|women|[a-z-]+(?<![sui])s")
_NOT_NOUN = words("not_counted")


@dataclass(frozen=True)
class Counted:
    """digits: without separators. start, end: with the currency, without the noun. of_kind: what narrows the noun.

    words: up to three that follow.
    """

    digits: str
    block: Block
    start: int
    end: int
    of_kind: str = ""
    words: str = ""

    @property
    def written(self) -> str:
        return self.block.text[self.start : self.end]


def counted_by_kind(view: View) -> dict[str, list[Counted]]:
    """Figures of three digits or more by what they count: a currency, or the noun that follows."""
    found: dict[str, list[Counted]] = defaultdict(list)
    for block in view.blocks:
        plain = without_dates(block.text)
        for match in _LABELLED.finditer(plain):
            digits = match["value"].replace(",", "")
            found[match["noun"].lower()].append(
                Counted(digits, block, match.start("value"), match.end("value"))
            )
        for match in _TOLD_LAST.finditer(plain):
            digits = match["value"].replace(",", "")
            figure = Counted(digits, block, match.start("value"), match.end("value"))
            found[(match["of"] or match["noun"]).lower()].append(figure)
        for match in _FIGURE.finditer(plain):
            noun, of_kind = _noun(match["words"] or "")
            kind = match["currency"] or noun
            if kind:
                of_kind = "" if match["currency"] else of_kind
                digits = match["value"].replace(",", "")
                figure = Counted(
                    digits, block, match.start(), match.end("value"), of_kind, match["words"] or ""
                )
                found[kind].append(figure)
                if of_kind:
                    # "1,260 employee records" counts employees as well.
                    found[f"{of_kind.split()[-1]}s"].append(replace(figure, of_kind=""))
    return found


def _noun(after: str) -> tuple[str, str]:
    """What the words after a figure say is counted, and what narrows it: "records", "employee"."""
    row = list(takewhile(lambda word: word not in _NOT_NOUN, after.split()))
    at = next((at for at, word in enumerate(row) if _PLURAL.fullmatch(word)), 0)
    return (row[at], " ".join(row[:at])) if row else ("", "")
