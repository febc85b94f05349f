"""Placeholders that were never filled in."""

from collections.abc import Iterator

from core.documents.model import Block, BlockKind
from core.review.finding import FindingType, Risk
from core.rules.placeholders import placeholder_spans
from core.rules.rule import Hit, Rule
from core.rules.text import Span
from core.rules.topics import ACTIONS, Topic
from core.rules.view import View

_MOST_LINES = 5
"""A form has more lines to be filled in; they are one finding."""
_WEIGHTY = ACTIONS | {Topic.SUMMARY, Topic.IMPACT, Topic.ROOT_CAUSE, Topic.TIMELINE}


_Place = tuple[Block, Span]


def _find(view: View) -> Iterator[Hit]:
    found: list[_Place] = [(block, span) for block in view.blocks for span in placeholder_spans(block.text)]
    lines = [place for place in found if _is_line(*place)]
    folded = lines[1:] if len(lines) > _MOST_LINES else []
    for place in found:
        if place not in folded:
            yield _hit(view, place, more=len(folded) if place in lines else 0)


def _is_line(block: Block, span: Span) -> bool:
    """A line to be filled in by hand."""
    return not block.text[span[0] : span[1]].strip("_.… ")


def _hit(view: View, place: _Place, *, more: int) -> Hit:
    block, (start, end) = place
    mark = block.text[start:end]
    where = "the heading" if block.kind is BlockKind.HEADING else "the cell" if block.cell else "the text"
    weighty = bool(view.topics_at(block) & _WEIGHTY) or block.cell is not None
    return Hit(
        block=block,
        start=start,
        end=end,
        reason=f"“{mark}” is a placeholder: {where} still waits for its content."
        + (f" There are {more} more such lines." if more else ""),
        because="A reader cannot rely on this part until it is filled in."
        if weighty
        else "The document does not look finished.",
        questions=("What belongs here, and who can supply it?",),
        risk=Risk.HIGH if weighty else Risk.MEDIUM,
    )


RULE = Rule(
    slug="placeholder",
    title="Placeholder",
    type=FindingType.CRITICAL,
    risk=Risk.HIGH,
    hawkeye_refs=(13,),
    suggestion="Put in the real content, or take the passage out and say why it is not known yet.",
    because="A reader cannot rely on this part until it is filled in.",
    precision="Marks inside quotation marks, inside identifiers (TBD-7) and masked numbers are left alone.",
    find=_find,
    confidence=0.95,
)
