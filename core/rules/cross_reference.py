"""References to parts that the document does not have."""

import re
from collections.abc import Iterator
from functools import lru_cache

from core.documents.model import Block, BlockKind
from core.review.finding import FindingType, Risk
from core.rules.references import (
    NUMBERED_ITEM,
    Reference,
    behind_another,
    beyond_roman,
    elsewhere,
    item_kind,
    last_numbers,
    mentioned,
    references,
    registers,
    targets,
    tells_more,
)
from core.rules.rule import Hit, Rule, Scope
from core.rules.text import is_quoted
from core.rules.topics import BOTH_ACTIONS, topics_of
from core.rules.view import View
from core.rules.writeup import reads_like_a_writeup

_WORD_ERROR = re.compile(
    r"Error! (?:Reference source not found|Bookmark not defined|No text of specified style)[^.]*\.?|#REF!"
)

_ATTACHED = re.compile(r"^\s*(?:list of )?(?:attachments|enclosures|exhibits|annexes|encl)\b", re.IGNORECASE)
_LISTED_KIND = (
    r"(?:actions?|measures?|steps?|recommendations?|risks?|items?|points?|tasks?|evidence|exhibits?|sources?|documents?"
    r"|records?|notes?|entr(?:y|ies)|files?|findings?|causes?|interviews?|statements?|images?|photos?|screenshots?)\b"
)
_SECOND = 2
_FEW = 3
"""Headings from which an outline without numbers can be counted through."""


def _find(view: View) -> Iterator[Hit]:
    known = {kind: targets(view, kind) for kind in ("appendix", "attachment", "section", "table", "figure")}
    foreign = elsewhere(view)
    for block in view.blocks:
        yield from (_error_hit(block, match) for match in _WORD_ERROR.finditer(block.text))
        if block.kind is not BlockKind.HEADING:
            found = (one for one in references(block) if not is_quoted(block.text, one.start, one.end))
            own = (one for one in found if (one.kind, one.name.upper()) not in foreign)
            yield from (_hit(one, known[one.kind]) for one in own if _is_broken(view, one, known[one.kind]))
    for one in beyond_roman(view):
        if not is_quoted(one.block.text, one.start, one.end):
            yield _hit(one, set())
    yield from _unlisted_ids(view)
    yield from _unlisted_numbers(view)


def _is_broken(view: View, reference: Reference, known: set[str]) -> bool:
    name = reference.name.upper()
    if name in known or any(other.startswith(f"{name}.") for other in known):
        return False
    if reference.kind == "appendix":
        return not _one_unlettered_appendix(view, known)
    if reference.kind == "section":
        return name[0].isdigit() and (bool(known) or _is_beyond_headings(view, reference))
    if reference.kind == "attachment":
        return bool(known) or name == _lost_attachment(view)
    if reference.kind == "table":
        return bool(known) or _beyond_tables(view, name)
    return True


def _is_beyond_headings(view: View, reference: Reference) -> bool:
    """In an outline without numbers: a later section than there are, or one of a depth that nothing here has."""
    if len(view.headings) < _FEW:
        return False
    beyond = int(reference.name.split(".")[0]) > len(view.headings) and not behind_another(reference)
    return beyond or ("." in reference.name and tells_more(reference))


@lru_cache(maxsize=1)
def _lost_attachment(view: View) -> str:
    """What is attached as a file of its own has no heading here, but then its number follows on those before it:
    a write-up with an "Attachment 4" and no word of 1 to 3 has lost it. "" for none."""
    names = mentioned(view, "attachment")
    alone = min(names, default="")
    place = int(alone) if alone.isdigit() else ord(alone or "A") - ord("A") + 1
    if len(names) != 1 or place < _SECOND:
        return ""
    tells = reads_like_a_writeup(view) or any(topics_of(block.text) & BOTH_ACTIONS for block in view.headings)
    return alone if tells and not any(_ATTACHED.match(block.text) for block in view.blocks) else ""


def _one_unlettered_appendix(view: View, known: set[str]) -> bool:
    plain = [block for block in view.headings if block.text.strip().lower().startswith(("appendix", "annex"))]
    return not known and len(plain) == 1


def _beyond_tables(view: View, name: str) -> bool:
    """Without captions tables count by their order; a PDF does not say where its tables are."""
    paged = any(block.origin.startswith("page#") for block in view.blocks)
    return name.isdigit() and not paged and int(name) > len(view.tables)


def _hit(reference: Reference, known: set[str]) -> Hit:
    there = f" There is {_listed(reference.kind, known)}." if known else ""
    return Hit(
        reference.block,
        reference.start,
        reference.end,
        reason=f"The document has no {reference.kind} {reference.name}.{there}",
        questions=("Which part is meant, or was it left out?",),
    )


def _listed(kind: str, known: set[str]) -> str:
    names = sorted(known)
    shown = ", ".join(names[:8]) + (" and more" if len(names) > 8 else "")
    return f"only {kind} {shown}" if len(names) == 1 else f"{kind} {shown}"


def _error_hit(block: Block, match: re.Match[str]) -> Hit:
    return Hit(
        block,
        match.start(),
        match.end(),
        reason="Word could not resolve this reference: its target was deleted.",
    )


def _unlisted_ids(view: View) -> Iterator[Hit]:
    """ "E-31" where the list of evidence ends at E-24; once per id."""
    for prefix, numbers in registers(view).items():
        pattern = re.compile(rf"(?<![\w-]){re.escape(prefix)}(\d{{1,3}})(?![\w]|-\w|\.\d)")
        seen = _of_another_kind(view, prefix)
        for block in view.blocks:
            for match in pattern.finditer(block.text):
                number = int(match[1])
                if number not in numbers and number not in seen and not is_quoted(block.text, *match.span()):
                    seen.add(number)
                    reason = (
                        f"“{match[0]}” is not in the list that numbers such items ({len(numbers)} of them)."
                    )
                    yield _unlisted(block, match, reason)


def _of_another_kind(view: View, prefix: str) -> set[int]:
    """ "Pumps P21 and P22", "P21 is a pump": ids that happen to begin like those of the list."""
    one = rf"(?<![\w-]){re.escape(prefix)}(\d{{1,3}})"
    rows = rf"{one}(?:(?:,| and| or| to) {one})+"
    told = re.compile(
        rf"\b(?!{_LISTED_KIND})[a-z]{{3,}}s {rows}|{one}(?: and {one})? (?:is|are) (?:the |an? )?[a-z]+s?\b[.;,]"
    )
    found = (match for block in view.blocks for match in told.finditer(block.text) if prefix in block.text)
    return {int(number) for match in found for number in match.groups() if number}


def _unlisted_numbers(view: View) -> Iterator[Hit]:
    """ "Action 9" where the table of actions ends at 6."""
    last = last_numbers(view)
    for block in view.blocks if last else ():
        for match in NUMBERED_ITEM.finditer(block.text):
            most = last.get(item_kind(match["noun"]), 0)
            if 0 < most < int(match["number"]) and not is_quoted(block.text, *match.span()):
                yield _unlisted(block, match, f"The list of such items ends at {most}.")


def _unlisted(block: Block, match: re.Match[str], reason: str) -> Hit:
    question = "Is the number wrong, or is the item missing from the list?"
    return Hit(block, match.start(), match.end(), reason=reason, questions=(question,))


RULE = Rule(
    slug="cross-reference-broken",
    title="Broken reference",
    type=FindingType.SUGGESTION,
    risk=Risk.MEDIUM,
    hawkeye_refs=(13,),
    suggestion="Point to the part that is meant, or add what is missing.",
    because="What it was to show cannot be checked.",
    precision="References into other documents and into a document without numbers are left alone.",
    find=_find,
    scope=Scope.DOCUMENT,
)
