"""Personal data of customers and other outsiders."""

from collections.abc import Iterator

from core.documents.model import Block
from core.review.finding import FindingType, Risk
from core.rules.identifiers import Identifier, identifiers
from core.rules.rule import Hit, Rule
from core.rules.view import View

_TOGETHER = 40
"""Identifiers closer than this many code points are one finding: an address and a telephone number of one person."""


def _find(view: View) -> Iterator[Hit]:
    for block in view.blocks:
        for group in _groups(identifiers(block.text, view.names)):
            yield _hit(block, group)


def _groups(found: list[Identifier]) -> list[list[Identifier]]:
    groups: list[list[Identifier]] = []
    for one in found:
        if groups and one.start - groups[-1][-1].end < _TOGETHER:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _hit(block: Block, group: list[Identifier]) -> Hit:
    kinds = " and ".join(dict.fromkeys(one.what for one in group))
    return Hit(
        block,
        group[0].start,
        group[-1].end,
        reason=f"The text gives {kinds} in full.",
        questions=("Is this detail needed at all, and may every reader of the document see it?",),
        example="the buyer (contact details in the case file)",
    )


RULE = Rule(
    slug="pii",
    title="Personal data",
    type=FindingType.CRITICAL,
    risk=Risk.HIGH,
    hawkeye_refs=(19,),
    suggestion="Take it out or mask it, and point to the case file where those who need it can look it up.",
    because="A write-up is copied and forwarded, and what identifies a person cannot be called back.",
    precision="Role mailboxes, colleagues, masked numbers, service lines and failing check digits are left alone.",
    find=_find,
    confidence=0.95,
)
