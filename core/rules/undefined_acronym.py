"""Acronyms that nothing in the document explains."""

import re
from collections.abc import Iterator

from core.documents.model import Block, BlockKind
from core.review.finding import FindingType, Risk
from core.rules.acronyms import acronyms, is_defined, listed, title_runs
from core.rules.placeholders import placeholder_spans
from core.rules.rule import Hit, Rule, Scope
from core.rules.text import Span, overlaps
from core.rules.topics import Topic
from core.rules.view import View

_LOWERED = re.compile(r"(?<![\w.@/-])[a-z]{3,}(?![\w@/-]|\.\w)")
# The authors and journals of what is cited.
_LITERATURE = re.compile(
    r"^\W*(?:[\dIVX.]+ )?(?:references|bibliography|literature(?: cited)?|works cited|further reading)\W*$",
    re.IGNORECASE,
)
_Use = tuple[Block, Span]


def _find(view: View) -> Iterator[Hit]:
    explained, titles = listed(view.tables), title_runs(view.blocks)
    for name, uses in _uses(view).items():
        known = name in explained or _is_data(uses) or is_defined(name, view.blocks, titles)
        if not (known or _is_placeholder(*uses[0])):
            yield _hit(name, uses)


def _uses(view: View) -> dict[str, list[_Use]]:
    """Every use outside headings and glossaries, by acronym in the order of first use."""
    found: dict[str, list[_Use]] = {}
    lowered = {word for block in view.blocks for word in _LOWERED.findall(block.text)}
    for block in view.blocks:
        if _LITERATURE.match(view.lead_ins[block.id][0]):
            continue
        if block.kind is BlockKind.HEADING or Topic.GLOSSARY in view.topics_at(block):
            continue
        for name, span in acronyms(block.text):
            # "NOT" is a word that is shouted when the document also writes it small.
            if len(name) < 3 or name.lower() not in lowered:
                found.setdefault(name, []).append((block, span))
    glossary = {
        name
        for block in view.blocks
        if Topic.GLOSSARY in view.topics_at(block)
        for name, _ in acronyms(block.text)
    }
    return {name: uses for name, uses in found.items() if name not in glossary}


def _is_data(uses: list[_Use]) -> bool:
    """Whether the name only ever fills a whole cell: a country code or a grade, not a word of a sentence."""
    return all(
        block.cell is not None and block.text.strip() == block.text[span[0] : span[1]] for block, span in uses
    )


def _is_placeholder(block: Block, span: Span) -> bool:
    """What has to be replaced is one finding, and of another rule."""
    return overlaps(placeholder_spans(block.text), *span)


def _hit(name: str, uses: list[_Use]) -> Hit:
    block, (start, end) = uses[0]
    places = f" It is used in {len(uses)} places." if len(uses) > 1 else ""
    return Hit(
        block,
        start,
        end,
        reason=f"“{name}” is not explained anywhere in the document.{places}",
        suggestion=f"Write it out at first use, followed by ({name}).",
        questions=(f"What does {name} stand for?",),
    )


RULE = Rule(
    slug="undefined-acronym",
    title="Undefined acronym",
    type=FindingType.SUGGESTION,
    risk=Risk.LOW,
    hawkeye_refs=(17,),
    suggestion="Write it out at first use, followed by the acronym in brackets.",
    because="Readers from other teams have to guess.",
    precision="Explained anywhere in the document counts; references, currencies, units and quotes are left alone.",
    find=_find,
    scope=Scope.DOCUMENT,
    confidence=0.85,
)
