"""Where a text speaks of some of a kind, or of a single one: "nine of the 14 swabs", "the alarm"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.rules.dates import without_dates
from core.rules.number_words import value_of
from core.rules.quantified import COUNT, Stems, clause_around
from core.rules.stems import stem, stems_in
from core.rules.view import Sentence

_MODIFIERS = (
    r"(?: (?!(?:of|the|and|or|to|in|on|at|for|that|which|who|by|with|from|were|was|had|have|has|is|are|as|an?|its)\b)"
    r"[a-z-]+){0,2}"
)
_SOME = re.compile(
    rf"(?:^|[\s(])(?:{COUNT}|\d+(?:\.\d+)? ?(?:%|per cent)|(?:one|a) (?:third|quarter|half|few)|half"
    r"|several|some|many|most|one)(?: (?:out )?of)?(?: (?:the|these|those|its|our|their|all))*"
    rf"(?: (?P<whole>{COUNT}))?(?P<which>{_MODIFIERS}) $",
    re.IGNORECASE,
)
_ALREADY_ALL = re.compile(
    r"\b(?:all|every|each|none|no|not)(?: of)?(?: the| these| those)? ?$", re.IGNORECASE
)
_ONE = re.compile(r"(?:^|\W)(?:the|an?|one) $", re.IGNORECASE)
_REACH = 70
_SAYS_WHICH = re.compile(r" (?:of|from|in|at|on|with|for|that|which|who)(?P<which>(?: [\w'’-]+){1,3})")
_WORD = re.compile(r"[a-zà-ÿ][\w-]*", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """Where a sentence speaks of the kind. start, end: of the clause. at, after: of the words for the kind.

    whole: "nine of the 14". is_one: "the alarm". narrowing: stems that say which of them, as in "two new drivers".
    """

    sentence: Sentence
    start: int
    end: int
    at: int
    after: int
    whole: int | None = None
    is_one: bool = False
    narrowing: frozenset[str] = frozenset()

    @property
    def clause(self) -> str:
        return self.sentence.text[self.start : self.end]


def mentions(sentence: Sentence, kind: Stems) -> Iterator[Mention]:
    """Where so many of them, some, or a single one are spoken of."""
    row = [(match.start(), match.end(), stem(match[0].lower())) for match in _WORD.finditer(sentence.text)]
    for first in range(len(row) - len(kind) + 1):
        last = first + len(kind) - 1
        if tuple(one[2] for one in row[first : last + 1]) != kind:
            continue
        at, after = row[first][0], row[last][1]
        start, end = clause_around(sentence.text, at, after)
        before = sentence.text[max(start, at - _REACH) : at]
        some = _SOME.search(before)
        plural = sentence.text[at:after].endswith("s")
        if some and not _ALREADY_ALL.search(before[: some.start() + 1]):
            whole = value_of(some["whole"]) if some["whole"] else None
            which = f"{some['which']} {_which(sentence.text, after)}"
            narrowing = frozenset(stems_in(which))
            yield Mention(sentence, start, end, at, after, whole=whole, narrowing=narrowing)
        elif (plural and not before.strip()) or _ONE.search(before):
            narrowing = frozenset(stems_in(_which(sentence.text, after)))
            is_one = bool(before.strip())
            yield Mention(sentence, start, end, at, after, is_one=is_one, narrowing=narrowing)


def _which(text: str, after: int) -> str:
    """ "Sellers of the control group", "machines that use fixed addresses"."""
    told = _SAYS_WHICH.match(without_dates(text), after)
    return told["which"] if told else ""
