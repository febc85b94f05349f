"""Cutting a document anew: merge, split, rename and skip sections of an outline that holds every block once.

A section whose text changes gets an id of its own and its old one is retired: what was found under that id stays
until the new section has been reviewed. A section that is renamed or skipped keeps its id and its analysis.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.documents.model import Block, BlockKind, Section
from core.documents.outline import MAX_SECTIONS, block_name
from core.errors import Permanent
from core.review.session import ReviewSession

MOST_EDITS = 50
"""Of one request."""
_PART = re.compile(r" \(part (\d+)\)$")


class Action(StrEnum):
    """Kinds of changes to an outline.

    merge: with the section before. split: before a block. skip: leave out of the review.
    """

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    SKIP = "skip"
    INCLUDE = "include"


@dataclass(frozen=True)
class Edit:
    """One change of an outline.

    block_id: of a split, the first block of its second part. name: of a rename; of what a split or merge makes.
    """

    action: Action
    section_id: str
    block_id: str = ""
    name: str = ""


class OutlineConflict(Permanent):
    """The outline was changed since the `rev` that the caller had seen; `current` is the present session."""

    def __init__(self, current: ReviewSession) -> None:
        super().__init__("request/changed", "The outline was changed elsewhere after you loaded it.")
        self.current = current


def edited(session: ReviewSession, edits: Sequence[Edit], *, blocks: Sequence[Block]) -> ReviewSession:
    """Returns the session with all of `edits` applied, one after the other.

    Raises Permanent section/not-found, outline/refused; then none is applied.
    """
    for edit in edits:
        at = next((n for n, one in enumerate(session.sections) if one.id == edit.section_id), None)
        if at is None:
            raise Permanent("section/not-found", f"The outline has no section {edit.section_id}.")
        session = _ACTIONS[edit.action](session, at, _Asked(edit, blocks))
    return replace(session, outline_rev=session.outline_rev + 1)


@dataclass(frozen=True)
class _Asked:
    edit: Edit
    blocks: Sequence[Block]


def _merge(session: ReviewSession, at: int, asked: _Asked) -> ReviewSession:
    if at == 0:
        raise _refused("The first section has none before it to be merged with.")
    before, section = session.sections[at - 1 : at + 1]
    merged = replace(
        before,
        id=_fresh_id(session),
        name=asked.edit.name or before.name,
        last=section.last,
        chars=before.chars + section.chars,
        skipped=before.skipped and section.skipped,
    )
    return _cut_anew(session, (before, section), (merged,))


def _split(session: ReviewSession, at: int, asked: _Asked) -> ReviewSession:
    section, blocks = session.sections[at], asked.blocks
    inside = range(section.first + 1, section.last + 1)
    cut = next((index for index in inside if blocks[index].id == asked.edit.block_id), None)
    if cut is None:
        raise _refused(f"{section.name}: name a block inside it, behind its first one, at which to split it.")
    if _is_one_row(blocks[cut - 1], blocks[cut]):
        raise _refused("A row of a table stays in one section: split before its first cell.")
    if len(session.sections) >= MAX_SECTIONS:
        raise _refused(f"There are {MAX_SECTIONS} sections already; merge some first.")
    head = replace(section, id=_fresh_id(session), last=cut - 1, chars=_chars(blocks[section.first : cut]))
    tail = replace(
        _named(section, blocks[cut], session),
        id=_fresh_id(session, beside=head.id),
        first=cut,
        page=blocks[cut].page,
        chars=_chars(blocks[cut : section.last + 1]),
    )
    tail = replace(tail, name=asked.edit.name or tail.name)
    return _cut_anew(session, (section,), (head, tail))


def _rename(session: ReviewSession, at: int, asked: _Asked) -> ReviewSession:
    if not asked.edit.name:
        raise _refused("A section needs a name with at least one character that can be seen.")
    return _changed(session, at, replace(session.sections[at], name=asked.edit.name))


def _skip(session: ReviewSession, at: int, _asked: _Asked) -> ReviewSession:
    return _changed(session, at, replace(session.sections[at], skipped=True))


def _include(session: ReviewSession, at: int, _asked: _Asked) -> ReviewSession:
    return _changed(session, at, replace(session.sections[at], skipped=False))


_ACTIONS: dict[Action, Callable[[ReviewSession, int, _Asked], ReviewSession]] = {
    Action.MERGE: _merge,
    Action.SPLIT: _split,
    Action.RENAME: _rename,
    Action.SKIP: _skip,
    Action.INCLUDE: _include,
}


def _cut_anew(session: ReviewSession, old: tuple[Section, ...], new: tuple[Section, ...]) -> ReviewSession:
    at = session.sections.index(old[0])
    sections = (*session.sections[:at], *new, *session.sections[at + len(old) :])
    return replace(session, sections=sections, retired=(*session.retired, *old))


def _changed(session: ReviewSession, at: int, section: Section) -> ReviewSession:
    return replace(session, sections=(*session.sections[:at], section, *session.sections[at + 1 :]))


def _fresh_id(session: ReviewSession, *, beside: str = "s0") -> str:
    """One that no section of this review ever had."""
    used = [section.id for section in (*session.sections, *session.retired)]
    return f"s{max(int(one[1:]) for one in (*used, beside)) + 1}"


def _named(section: Section, block: Block, session: ReviewSession) -> Section:
    """What a split makes is called by its heading, else as a further part."""
    if block.kind is BlockKind.HEADING or block.level > 0:
        return replace(section, name=block_name(block), label=block.label, level=max(1, block.level))
    base = _PART.sub("", section.name)
    parts = [1]
    for other in session.sections:
        found = _PART.search(other.name)
        if found and other.name == f"{base}{found[0]}":
            parts.append(int(found[1]))
    return replace(section, name=f"{base} (part {max(parts) + 1})")


def _is_one_row(before: Block, block: Block) -> bool:
    one, other = before.cell, block.cell
    return one is not None and other is not None and (one.table, one.row) == (other.table, other.row)


def _chars(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _refused(detail: str) -> Permanent:
    return Permanent("outline/refused", detail)
