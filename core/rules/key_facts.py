"""What a reader of one section should know of the others: terms that are defined, and figures that are given."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.model import Block, Section
from core.rules.acronyms import initials_fit
from core.rules.counted import counted_by_kind
from core.rules.view import view_of

_BRACKETED = re.compile(
    r"(?P<before>(?:[\w'’-]+ ){1,8})\((?:the )?[\"“]?(?P<name>[A-Z][A-Z&\d]{1,5})s?[\"”]?\)"
)
_SPELT_OUT = re.compile(r"\b(?P<name>[A-Z][A-Z&\d]{1,5})s? \((?P<words>[A-Za-z][\w'’ -]{4,60})\)")


@dataclass(frozen=True)
class Term:
    """name: such as "QRB". words: what it stands for, as the document has it. block_id: where it is defined."""

    name: str
    words: str
    block_id: str


@dataclass(frozen=True)
class KeyFigure:
    """kind: a currency or the noun counted. written: as in the text. section_ids: where it stands, in order."""

    kind: str
    written: str
    section_ids: tuple[str, ...]


@dataclass(frozen=True)
class KeyFacts:
    terms: tuple[Term, ...] = ()
    figures: tuple[KeyFigure, ...] = ()


def key_facts(blocks: Sequence[Block], sections: Sequence[Section]) -> KeyFacts:
    return KeyFacts(tuple(_terms(blocks)), tuple(_figures(blocks, sections)))


def _terms(blocks: Sequence[Block]) -> list[Term]:
    found: dict[str, Term] = {}
    for block in blocks:
        for match in _BRACKETED.finditer(block.text):
            words = _fitting_tail(match["name"], match["before"].split())
            if words:
                found.setdefault(match["name"], Term(match["name"], words, block.id))
        for match in _SPELT_OUT.finditer(block.text):
            if initials_fit(match["name"], match["words"].split()):
                found.setdefault(match["name"], Term(match["name"], match["words"], block.id))
    return list(found.values())


def _fitting_tail(name: str, words: Sequence[str]) -> str:
    tails = (words[-length:] for length in range(2, len(words) + 1))
    return next((" ".join(tail) for tail in tails if initials_fit(name, tail)), "")


def _figures(blocks: Sequence[Block], sections: Sequence[Section]) -> list[KeyFigure]:
    """Those of more places first, then in the order of the text."""
    held = {
        block.id: section.id for section in sections for block in blocks[section.first : section.last + 1]
    }
    found: dict[tuple[str, str], tuple[str, dict[str, None]]] = {}
    for kind, figures in counted_by_kind(view_of(blocks, sections)).items():
        for figure in figures:
            written = figure.written if figure.written[0].isalpha() else f"{figure.written} {kind}"
            _, places = found.setdefault((kind, figure.digits), (written, {}))
            places[held.get(figure.block.id, "")] = None
    facts = [KeyFigure(kind, written, tuple(places)) for (kind, _), (written, places) in found.items()]
    return sorted(facts, key=lambda fact: -len(fact.section_ids))
