"""Two texts of one document compared, the former and the new one: which sections and blocks are the same."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.documents.model import Block, Section


@dataclass(frozen=True)
class Text:
    """A document as it is cut: the former or the new one."""

    blocks: Sequence[Block]
    sections: Sequence[Section]

    def words_of(self, section: Section) -> str:
        return "\n".join(block.text for block in self.blocks[section.first : section.last + 1])

    def name_of(self, section: Section) -> str:
        return section.name.casefold()


def section_twins(before: Text, now: Text) -> dict[str, Section]:
    """New section id -> the former section of the same text, else of the same name; each is paired once."""
    twins: dict[str, Section] = {}
    taken: set[str] = set()
    for sign in (Text.words_of, Text.name_of):
        left: dict[str, list[Section]] = defaultdict(list)
        for section in before.sections:
            if section.id not in taken:
                left[sign(before, section)].append(section)
        for section in now.sections:
            alike = left[sign(now, section)]
            if section.id not in twins and alike:
                twins[section.id] = alike.pop(0)
                taken.add(twins[section.id].id)
    return twins


def as_cut_before(texts: tuple[Text, Text]) -> tuple[Section, ...]:
    """The new sections, where those of unchanged text keep the name that they were given, and stay skipped."""
    before, now = texts
    twins = section_twins(before, now)

    def kept(section: Section) -> Section:
        twin = twins.get(section.id)
        if twin is None or before.words_of(twin) != now.words_of(section):
            return section
        return replace(section, name=twin.name, skipped=twin.skipped)

    return tuple(kept(section) for section in now.sections)


def compared(
    texts: tuple[Text, Text], twins: Mapping[str, Section]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Ids of new sections that are unchanged, changed and added, and names of former ones that were dropped.

    In the order of versions.SECTION_GROUPS. twins: as section_twins gives them.
    """
    before, now = texts
    kept = {twin.id for twin in twins.values()}

    def is_same(section: Section) -> bool:
        return before.words_of(twins[section.id]) == now.words_of(section)

    paired = [section for section in now.sections if section.id in twins]
    return (
        tuple(section.id for section in paired if is_same(section)),
        tuple(section.id for section in paired if not is_same(section)),
        tuple(section.id for section in now.sections if section.id not in twins),
        tuple(section.name for section in before.sections if section.id not in kept),
    )


def block_pairs(before: Sequence[Block], now: Sequence[Block]) -> dict[str, str]:
    """Former block id -> id of the block that reads the same; repeated ones only if as many stand there now."""
    alike: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, blocks in enumerate((before, now)):
        for block in blocks:
            alike[block.text][side].append(block.id)
    return {
        old: new
        for olds, news in alike.values()
        if len(olds) == len(news)
        for old, new in zip(olds, news, strict=True)
    }
