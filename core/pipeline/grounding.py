"""Turns a model's answers into findings.

Every quote is looked up in the section, every reference in the checklist.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.documents.anchoring import Context, locate
from core.documents.model import Anchor, Block, Stage
from core.pipeline.answer import AnsweredFinding, CheckedPoint, Outcome
from core.review.checklist import Checklist
from core.review.finding import Finding, finding_id

UNGROUNDED_FACTOR = 0.5
"""A quote that is not in the text costs half the confidence; the finding stays, without a place."""
FUZZY_FACTOR = 0.85
"""The words are nearly there: the place is shown as approximate."""

_RULE = re.compile(r"[a-z]+(-[a-z]+){0,4}")
_RULES = "rules"
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PUNCTUATION = ".,;:!?)]}\"'"
_STRENGTH = {Outcome.FOUND: 2, Outcome.NOTHING: 1, Outcome.NOT_APPLICABLE: 0}


def ground(
    answered: AnsweredFinding,
    blocks: Sequence[Block],
    *,
    session_id: str,
    section_id: str,
    source: str,
    checklist: Checklist,
) -> Finding:
    """Returns the finding for a model's answer; its quote is replaced by the document's own words if they are found.

    blocks: what the model was given, each whole. A quote that is not found keeps its wording without a place:
    grounded is False and the confidence lowered. A place is never guessed. Links that are not in the text are
    removed: nobody should follow what a document made a model say.
    """
    about = Context(about=f"{answered.description} {answered.suggestion}")
    anchor = locate(answered.quote, blocks, about) if answered.quote.strip() else None
    quote = anchor.words({block.id: block for block in blocks}) if anchor else answered.quote.strip()
    grounded = anchor is not None or not quote
    shown = "\n".join(block.text for block in blocks)
    rule = answered.rule if _RULE.fullmatch(answered.rule) else ""
    return Finding(
        id=finding_id(
            session_id,
            anchor,
            quote=quote,
            what=rule or answered.category,
            description=answered.description,
        ),
        section_id=section_id,
        type=answered.type,
        risk_level=answered.risk_level,
        category=answered.category.strip(),
        description=_without_foreign_links(answered.description, shown),
        suggestion=_without_foreign_links(answered.suggestion, shown),
        example=_without_foreign_links(answered.example, shown),
        questions=tuple(
            _without_foreign_links(question, shown) for question in answered.questions if question.strip()
        ),
        hawkeye_refs=_existing(answered.hawkeye_refs, checklist),
        confidence=round(answered.confidence * _evidence(anchor, grounded=grounded), 3),
        quote=quote,
        anchor=anchor,
        rule=rule,
        grounded=grounded,
        sources=(source,),
    )


def agreed(finding: Finding) -> Finding:
    """Returns the finding with half of the doubt removed, because rules and a model have found it independently."""
    by_both = _RULES in finding.sources and len(set(finding.sources)) > 1
    return replace(finding, confidence=round(1 - (1 - finding.confidence) / 2, 3)) if by_both else finding


def without_repeats(by_part: Sequence[Sequence[Finding]]) -> list[Finding]:
    """Returns the findings of all parts of a section, without repeats.

    Parts overlap: a finding on words of an earlier part's finding is dropped.
    """
    kept: list[Finding] = []
    for findings in by_part:
        earlier = [finding.anchor for finding in kept if finding.anchor is not None]
        kept += [finding for finding in findings if not _on_any(finding.anchor, earlier)]
    return kept


def _on_any(anchor: Anchor | None, others: Sequence[Anchor]) -> bool:
    return anchor is not None and any(anchor.overlaps(other) for other in others)


def _evidence(anchor: Anchor | None, *, grounded: bool) -> float:
    if not grounded:
        return UNGROUNDED_FACTOR
    return FUZZY_FACTOR if anchor is not None and anchor.stage is Stage.FUZZY else 1.0


def _without_foreign_links(text: str, shown: str) -> str:
    def kept(link: re.Match[str]) -> str:
        return link[0] if link[0].rstrip(_PUNCTUATION) in shown else "[link removed]"

    return _LINK.sub(kept, text).strip()


def checked_points(
    answered: Iterable[CheckedPoint], findings: Iterable[Finding], checklist: Checklist
) -> list[dict[str, object]]:
    """Returns [{point, outcome}] in the checklist's order.

    A finding under a point means found, whatever the answer says.

    A point that the answer does not mention is left out: it was not checked.
    """
    outcomes: dict[int, Outcome] = {}
    said = [(item.point, item.outcome) for item in answered]
    found = [(number, Outcome.FOUND) for finding in findings for number in finding.hawkeye_refs]
    for number, outcome in [*said, *found]:
        present = outcomes.get(number)
        if present is None or _STRENGTH[outcome] > _STRENGTH[present]:
            outcomes[number] = outcome
    return [
        {"point": point.number, "outcome": str(outcomes[point.number])}
        for point in checklist.points
        if point.number in outcomes
    ]


def _existing(numbers: Iterable[int], checklist: Checklist) -> tuple[int, ...]:
    return tuple(number for number in dict.fromkeys(numbers) if checklist.point(number) is not None)
