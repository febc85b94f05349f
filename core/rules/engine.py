"""Runs rules over a view and turns their hits into findings."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from core.documents.model import Anchor, Block
from core.review.finding import Finding, finding_id
from core.review.session import DOCUMENT_SECTION
from core.rules.rule import Hit, Rule
from core.rules.text import Span
from core.rules.told_once import told_once
from core.rules.view import View

SOURCE = "rules"

Run = Callable[[], list[Finding]]
"""Finds what one rule finds; a caller can stop in it and go on with the next."""


def findings(view: View, rules: Iterable[Rule], *, session_id: str) -> list[Finding]:
    """Findings of `rules` in reading order, those about the whole document last; one per rule and place."""
    found = [one for run in runs(view, rules, session_id=session_id) for one in run()]
    return in_reading_order(found, view.blocks)


def runs(view: View, rules: Iterable[Rule], *, session_id: str) -> Iterator[Run]:
    """One run for each of `rules`."""
    sections = {
        block.id: section.id
        for section in view.sections
        for block in view.blocks[section.first : section.last + 1]
    }
    for rule in rules:
        yield partial(_run, rule, view, sections=sections, session_id=session_id)


def _run(rule: Rule, view: View, *, sections: Mapping[str, str], session_id: str) -> list[Finding]:
    return [
        _finding(rule, hit, session_id=session_id, section_id=_section_of(hit, sections))
        for hit in _distinct(rule.find(view))
    ]


def in_reading_order(found: Iterable[Finding], blocks: Sequence[Block]) -> list[Finding]:
    """Each defect once; what concerns the whole document comes last."""
    order = {block.id: at for at, block in enumerate(blocks)}
    return sorted(told_once(found), key=lambda finding: _place(finding, order))


def _distinct(hits: Iterable[Hit]) -> list[Hit]:
    """Of overlapping hits of one rule the longest."""
    taken: dict[str, list[Span]] = defaultdict(list)
    return [
        hit
        for hit in sorted(hits, key=lambda one: one.start - one.end)
        if hit.block is None or _takes(taken[hit.block.id], (hit.start, hit.end))
    ]


def _takes(spans: list[Span], span: Span) -> bool:
    """Adds `span` to `spans`, which are sorted and do not overlap, unless it overlaps one of them."""
    start, end = span
    at = bisect_left(spans, (end, end))
    if at and spans[at - 1][1] > start:
        return False
    if start < end:
        spans.insert(at, span)
    return True


def _section_of(hit: Hit, sections: Mapping[str, str]) -> str:
    if hit.block is None:
        return DOCUMENT_SECTION
    return sections.get(hit.block.id, "")


def _place(finding: Finding, order: Mapping[str, int]) -> tuple[int, int, int]:
    if finding.anchor is None:
        return (len(order), 0, 0)
    return (order[finding.anchor.block_id], finding.anchor.start, finding.anchor.end)


def _finding(rule: Rule, hit: Hit, *, session_id: str, section_id: str) -> Finding:
    anchor = Anchor(hit.block.id, hit.start, hit.end) if hit.block else None
    quote = hit.block.text[hit.start : hit.end] if hit.block else ""
    description = f"{hit.reason} {hit.because or rule.because}".strip()
    return Finding(
        id=finding_id(session_id, anchor, quote=quote, what=rule.slug, description=description),
        section_id=section_id,
        type=rule.type,
        risk_level=hit.risk or rule.risk,
        category=rule.title,
        description=description,
        suggestion=hit.suggestion or rule.suggestion,
        example=hit.example,
        questions=hit.questions,
        hawkeye_refs=hit.hawkeye_refs or rule.hawkeye_refs,
        confidence=rule.confidence,
        quote=quote,
        anchor=anchor,
        rule=rule.slug,
        sources=(SOURCE,),
    )
