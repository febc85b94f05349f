"""The deterministic reviewer: instant findings while models work, and the brain of the local mode.

Pure functions, milliseconds per document. All findings have sources ("rules",), the rule's slug, exact anchors.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from core.documents.model import Block, Section
from core.review.finding import Finding
from core.rules.catalogue import RULES
from core.rules.engine import Run, findings, runs
from core.rules.lines import blocks_of
from core.rules.rule import Rule, Scope
from core.rules.view import view_of

_OF_SECTIONS = tuple(rule for rule in RULES if rule.scope is Scope.SECTION)


def review_document(
    blocks: Sequence[Block], sections: Sequence[Section], *, session_id: str
) -> list[Finding]:
    """Findings of every rule, each once, in reading order; what concerns the whole document comes last."""
    return findings(view_of(blocks, sections), RULES, session_id=session_id)


def review_runs(
    blocks: Sequence[Block], sections: Sequence[Section], *, session_id: str, off: Collection[str] = ()
) -> Iterator[Run]:
    """As review_document in one run per rule, for a caller that bounds how long each may take. off: rules to skip."""
    return runs(view_of(blocks, sections), _without(RULES, off), session_id=session_id)


def review_section(
    section: Section, blocks: Sequence[Block], *, session_id: str, off: Collection[str] = ()
) -> list[Finding]:
    """Findings of the rules that need only the section. blocks: all of the document, for the headings above it."""
    view = view_of(blocks, (section,), only=section)
    found = findings(view, _without(_OF_SECTIONS, off), session_id=session_id)
    return [replace(finding, section_id=section.id) for finding in found]


def _without(rules: Sequence[Rule], off: Collection[str]) -> list[Rule]:
    return [rule for rule in rules if rule.slug not in off]


def review_lines(lines: Sequence[str]) -> list[Finding]:
    """Findings in the lines of one section's text, as a prompt numbers them or plain; session and section are ""."""
    return findings(view_of(blocks_of(lines)), _OF_SECTIONS, session_id="")
