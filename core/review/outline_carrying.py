"""Repeating a reviewer's merges and splits on the next version of a document, where the blocks are still there.

The sections that the former outline began with are told by their ids: s1, s2, ... up to the last block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from core.documents.model import Section
from core.errors import Permanent
from core.review.outline_editing import Action, Edit, edited
from core.review.session import ReviewSession
from core.review.text_comparison import Text, block_pairs


@dataclass(frozen=True)
class Cut:
    """An outline: see `sections` and `retired` of ReviewSession."""

    sections: tuple[Section, ...]
    retired: tuple[Section, ...] = ()


def cut_again(former: ReviewSession, texts: tuple[Text, Text]) -> Cut:
    """The new text's outline, with the merges and splits of the former one. texts: the former and the new one."""
    before, now = texts
    session = replace(former, sections=tuple(now.sections), retired=(), outline_rev=0)
    pairs = block_pairs(before.blocks, now.blocks)
    places = {block.id: at for at, block in enumerate(now.blocks)}
    moved = {at: places[pairs[block.id]] for at, block in enumerate(before.blocks) if block.id in pairs}
    for cut, made in _changes(former):
        if cut in moved:
            owner = _holding(former.sections, cut)
            session = (_split if made else _merged)(session, moved[cut], (owner, moved, now))
    return Cut(session.sections, session.retired)


def _changes(former: ReviewSession) -> Iterator[tuple[int, bool]]:
    """(index of a block, True) where a split made a section begin, (index, False) where a merge ended one."""
    was = {section.first for section in _at_first(former)}
    now = {section.first for section in former.sections}
    yield from ((at, True) for at in sorted(now - was))
    yield from ((at, False) for at in sorted(was - now))


def _at_first(former: ReviewSession) -> Iterator[Section]:
    every = {section.id: section for section in (*former.sections, *former.retired)}
    numbers = count(1)
    end = former.sections[-1].last
    while (section := every[f"s{next(numbers)}"]).last < end:
        yield section
    yield section


_About = tuple[Section, dict[int, int], Text]
"""The former section of a cut, where former blocks stand now, and the new text."""


def _split(session: ReviewSession, at: int, about: _About) -> ReviewSession:
    """Splits the section at that block, unless one begins there already."""
    owner, _, now = about
    section = _holding(session.sections, at)
    asked = Edit(Action.SPLIT, section.id, block_id=now.blocks[at].id, name=owner.name)
    return session if section.first == at else _done(session, asked, now)


def _merged(session: ReviewSession, at: int, about: _About) -> ReviewSession:
    """Merges with the section above, if that stood in the same section of the former outline."""
    owner, moved, now = about
    index = next((n for n, section in enumerate(session.sections) if n and section.first == at), None)
    if index is None:
        return session
    former_of = {place: was for was, place in moved.items()}
    above = former_of.get(session.sections[index - 1].first)
    if above is None or not owner.first <= above <= owner.last:
        return session
    return _done(session, Edit(Action.MERGE, session.sections[index].id, name=owner.name), now)


def _done(session: ReviewSession, asked: Edit, now: Text) -> ReviewSession:
    try:
        return edited(session, [asked], blocks=now.blocks)
    except Permanent:
        # Not possible in the new text, where it is one row of a table for example.
        return session


def _holding(sections: Sequence[Section], at: int) -> Section:
    return next(section for section in sections if section.first <= at <= section.last)
