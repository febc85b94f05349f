"""What a rule is: its description as data, and a pure function from a view of the document to hits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.documents.model import Block
from core.review.finding import FindingType, Risk
from core.rules.view import Sentence, View


class Scope(StrEnum):
    """SECTION rules need only the text before them; DOCUMENT rules need all of it, or they would cry wolf."""

    SECTION = "section"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Hit:
    """What a rule saw. block None: it concerns the whole document. start, end: code points of the block's text.

    reason: what is wrong here, one or two sentences. because: why it weighs as much as it does. Empty fields and
    None fall back to the rule's own.
    """

    block: Block | None
    start: int
    end: int
    reason: str
    suggestion: str = ""
    because: str = ""
    questions: tuple[str, ...] = ()
    example: str = ""
    risk: Risk | None = None
    hawkeye_refs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rule:
    """slug: its name in examples, findings and the team's choices. precision: what keeps it from false alarms.

    confidence: 0 to 1.
    """

    slug: str
    title: str
    type: FindingType
    risk: Risk
    hawkeye_refs: tuple[int, ...]
    suggestion: str
    because: str
    precision: str
    find: Callable[[View], Iterable[Hit]]
    scope: Scope = Scope.SECTION
    confidence: float = 0.9


def hit_in(
    sentence: Sentence,
    start: int,
    end: int,
    *,
    reason: str,
    suggestion: str = "",
    because: str = "",
    questions: tuple[str, ...] = (),
    risk: Risk | None = None,
) -> Hit:
    """A hit on sentence.text[start:end]."""
    return Hit(
        block=sentence.block,
        start=sentence.start + start,
        end=sentence.start + end,
        reason=reason,
        suggestion=suggestion,
        because=because,
        questions=questions,
        risk=risk,
    )
