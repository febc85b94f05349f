"""Merges findings of several sources into one list, so that nobody reads the same finding twice."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.review.finding import Finding, Risk

_WEIGHT = {Risk.LOW: 0, Risk.MEDIUM: 1, Risk.HIGH: 2}
_NOT_WORD = re.compile(r"[\W_]+")


def merge(first: Sequence[Finding], second: Sequence[Finding]) -> list[Finding]:
    """Merges two lists, in the order of the text, findings without a place last.

    Equal findings (same id, or same rule or category on overlapping words) become one: id and place of the earlier
    one, the set of sources, the fuller wording, the higher risk. Merging a list with itself changes nothing.
    """
    kept: list[Finding] = []
    near: defaultdict[str, list[int]] = defaultdict(list)
    for finding in (*first, *second):
        places = (finding.id, *_neighbourhoods(finding))
        candidates = sorted({index for place in places for index in near[place]})
        at = next((index for index in candidates if equal(kept[index], finding)), None)
        if at is None:
            for place in places:
                near[place].append(len(kept))
            kept.append(finding)
        else:
            kept[at] = fold(kept[at], finding)
    return sorted(kept, key=_position)


def _neighbourhoods(finding: Finding) -> Iterator[str]:
    """Findings that share none are equal by id alone."""
    if finding.anchor is None:
        yield f"unanchored in {finding.section_id}"
    else:
        yield from (part.block_id for part in finding.anchor.parts)


def equal(one: Finding, other: Finding) -> bool:
    """Whether two findings say the same about the same words."""
    if one.id == other.id:
        return True
    if not _names(one) & _names(other):
        return False
    if one.anchor and other.anchor:
        return one.anchor.overlaps(other.anchor)
    unanchored = one.anchor is None and other.anchor is None
    return (
        unanchored
        and one.section_id == other.section_id
        and _folded(one.description) == _folded(other.description)
    )


def fold(one: Finding, other: Finding) -> Finding:
    """Returns `one`, with its id and place, completed with what `other` adds."""
    fuller = max((one, other), key=_richness)
    heavier = max((one, other), key=lambda finding: _WEIGHT[finding.risk_level])
    return replace(
        one,
        type=heavier.type,
        risk_level=heavier.risk_level,
        category=fuller.category,
        description=fuller.description,
        suggestion=fuller.suggestion or one.suggestion or other.suggestion,
        example=fuller.example or one.example or other.example,
        questions=_union(fuller.questions, one.questions, other.questions),
        hawkeye_refs=tuple(sorted({*one.hawkeye_refs, *other.hawkeye_refs})),
        confidence=max(one.confidence, other.confidence),
        rule=one.rule or other.rule,
        sources=_union(one.sources, other.sources),
    )


def _names(finding: Finding) -> set[str]:
    """A model may give a rule's slug as its category, or the rule's title."""
    return {_folded(name) for name in (finding.rule, finding.category) if name}


def _folded(text: str) -> str:
    return _NOT_WORD.sub(" ", text).strip().casefold()


def _richness(finding: Finding) -> int:
    return len(finding.description) + len(finding.suggestion) + len(finding.example)


def _union(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _position(finding: Finding) -> tuple[bool, int, int, int]:
    if finding.anchor is None:
        return (True, 0, 0, 0)
    number = int(finding.anchor.block_id.removeprefix("b"))
    return (False, number, finding.anchor.start, finding.anchor.end)
