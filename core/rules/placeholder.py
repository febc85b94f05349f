"""Placeholders that were never filled in."""

from collections.abc import Iterator

from core.documents.model import Block, BlockKind
from core.review.finding import FindingType, Risk
from core.rules.placeholders import placeholder_spans
from core.rules.rule import Hit, Rule
from core.rules.text import Span
from core.rules.topics import ACTIONS, Topic
from core.rules.view import View

_WEIGHTY = ACTIONS | {Topic.SUMMARY, Topic.IMPACT, Topic.ROOT_CAUSE, Topic.TIMELINE}


def _find(view: View) -> Iterator[Hit]:
    for block in view.blocks:
        for span in placeholder_spans(block.text):
            yield _hit(view, block, span)


def _hit(view: View, block: Block, span: Span) -> Hit:
    start, end = span
    mark = block.text[start:end]
    where = "the heading" if block.kind is BlockKind.HEADING else "the cell" if block.cell else "the text"
    weighty = bool(view.topics_at(block) & _WEIGHTY) or block.cell is not None
    return Hit(
        block=block,
        start=start,
        end=end,
        reason=f"“{mark}” is a placeholder: {where} still waits for its content.",
        because="High: a reader cannot rely on this part until it is filled in."
        if weighty
        else "Medium: the document does not look finished.",
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
    because="High: a reader cannot rely on this part until it is filled in.",
    precision="Marks inside quotation marks, inside identifiers (TBD-7) and masked numbers are left alone.",
    find=_find,
    confidence=0.95,
)
