"""Placeholders that were never filled in."""

import re
from collections.abc import Iterator
from functools import lru_cache

from core.documents.model import Block, BlockKind
from core.review.finding import FindingType, Risk
from core.rules.action_tables import Gap, owner_cells, row_gaps
from core.rules.placeholders import placeholder_spans
from core.rules.rule import Hit, Rule
from core.rules.text import Span
from core.rules.topics import ACTIONS, Topic
from core.rules.view import View
from core.rules.writeup import reads_like_a_writeup

_MOST_LINES = 5
"""A form has more lines to be filled in; they are one finding."""
_LINES_OF_A_FORM = 3
_SIGNS = re.compile(
    r"\b(?:signature|signed|sign here|initials|(?:print(?:ed)?|full) name|witness|(?:^|\n)\s*by)\b[^\n.;_]{0,30}$",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"\s*[(\[]?(?:signature|signed|initials|(?:print(?:ed)?|full) name)\b", re.IGNORECASE)
_OWNER_FIELD = re.compile(
    r"\b(?:owners?|responsible|lead|assignee|by whom|in charge) ?[:=–-] ?$", re.IGNORECASE
)
_NEAR = 60
_WEIGHTY = ACTIONS | {Topic.SUMMARY, Topic.IMPACT, Topic.ROOT_CAUSE, Topic.TIMELINE}


_Place = tuple[Block, Span]


def _find(view: View) -> Iterator[Hit]:
    blocks = (block for block in view.blocks if not _asks_who(view, block))
    found: list[_Place] = [(block, span) for block in blocks for span in placeholder_spans(block.text)]
    found = [place for place in found if not (_announces(*place) or _fills_owner(view, *place))]
    lines = [place for place in found if _is_line(*place)]
    form = len(lines) >= _LINES_OF_A_FORM and not reads_like_a_writeup(view)
    folded = lines[1:] if len(lines) > _MOST_LINES else []
    for place in found:
        by_hand = place in lines
        if not (place in folded or (by_hand and (form or _is_signed(*place)))):
            yield _hit(view, place, more=len(folded) if by_hand else 0)


def _asks_who(view: View, block: Block) -> bool:
    """Question marks, or "to be named", where the owner belongs are told at the action, which has none."""
    marks = not block.text.strip(" ?") and block.id in owner_cells(view)
    return marks or block.id in _nobodys(view)


@lru_cache(maxsize=1)
def _nobodys(view: View) -> frozenset[str]:
    """Ids of the cells for an owner that name nobody."""
    return frozenset(row.cell.id for row in row_gaps(view) if row.gap is Gap.NOBODY and row.cell is not None)


def _fills_owner(view: View, block: Block, span: Span) -> bool:
    """ "Owner: to be named." of an action, which is told as one without an owner."""
    field = view.topics_at(block) & ACTIONS and _OWNER_FIELD.search(block.text, 0, span[0])
    return bool(field) and block.text[span[0] : span[1]].lower().startswith(
        ("to be", "still to be", "yet to be")
    )


def _announces(block: Block, span: Span) -> bool:
    """ "Figures to follow" above what follows."""
    return block.kind is BlockKind.HEADING and block.text[span[0] : span[1]].lower().endswith("to follow")


def _is_line(block: Block, span: Span) -> bool:
    """A line to be filled in by hand."""
    return not block.text[span[0] : span[1]].strip("_.… ")


def _is_signed(block: Block, span: Span) -> bool:
    """Whether the words before or behind the line say that somebody signs there."""
    start, end = span
    before, after = block.text[max(0, start - _NEAR) : start], block.text[end : end + _NEAR]
    return bool(_SIGNS.search(before) or _SIGNED.match(after))


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
    precision="Marks in quotation marks, in identifiers (TBD-7), masked numbers and marks that the text speaks about"
    " (“the letters XX”) are left alone.",
    find=_find,
    confidence=0.95,
)
