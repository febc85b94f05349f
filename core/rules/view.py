"""A document as the rules see it: sentences, tables, and what each block's section is about."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.documents.model import Block, BlockKind, Section
from core.documents.outline import MARGIN_WORDS
from core.rules.action_columns import action_columns
from core.rules.tables import Table, tables_of
from core.rules.text import TYPED_NUMBER, is_quoted, sentences
from core.rules.topics import BOTH_ACTIONS, Topic, topics_of

Topics = frozenset[Topic]
_TOLD = BOTH_ACTIONS | {Topic.TIMELINE}
_MID_SENTENCE_NAME = re.compile(r"(?<=[a-z,;(] )[A-Z][a-z]+\b")


@dataclass(frozen=True)
class Sentence:
    """One sentence of a block, `start` to `end` (excluded) in code points of its text."""

    block: Block
    start: int
    end: int

    @cached_property
    def text(self) -> str:
        return self.block.text[self.start : self.end]

    def is_quoted(self, start: int = 0, end: int | None = None) -> bool:
        """Whether text[start:end] stands in quotation marks; without numbers the whole sentence."""
        last = self.end if end is None else self.start + end
        return is_quoted(self.block.text, self.start + start, last)


@dataclass(frozen=True, eq=False)
class View:
    """blocks: those under review. sentences: of paragraphs, list items, notes and table bodies, in order.

    names: single words that the text writes with a capital in mid-sentence, so "Registration" is a name here.
    """

    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    sentences: tuple[Sentence, ...]
    by_block: Mapping[str, tuple[Sentence, ...]]
    topics: Mapping[str, Topics]
    names: frozenset[str]

    def topics_at(self, block: Block) -> Topics:
        return self.topics.get(block.id, frozenset())

    def neighbours(self, sentence: Sentence) -> tuple[Sentence | None, Sentence | None]:
        """The sentence before and the one after, in the same block."""
        row = self.by_block[sentence.block.id]
        at = bisect_left(row, sentence.start, key=lambda one: one.start)
        return (row[at - 1] if at else None), (row[at + 1] if at + 1 < len(row) else None)

    @cached_property
    def lead_ins(self) -> Mapping[str, tuple[str, str]]:
        """By the id of a block: the heading above it, and of a list item the paragraph that opens its list, or ""."""
        lines, heading, opening = {}, "", ""
        for block in self.blocks:
            listed = _is_listed(block)
            if block.kind is BlockKind.HEADING:
                heading, opening = block.text, ""
            elif not listed:
                opening = block.text if block.kind is BlockKind.PARAGRAPH else ""
            lines[block.id] = heading, opening if listed else ""
        return lines

    @cached_property
    def closings(self) -> Mapping[str, str]:
        """By the id of a list item: the paragraph behind its list."""
        lines, closing = {}, ""
        for block in reversed(self.blocks):
            if _is_listed(block):
                lines[block.id] = closing
            else:
                closing = block.text if block.kind is BlockKind.PARAGRAPH else ""
        return lines

    @cached_property
    def headings(self) -> list[Block]:
        return [block for block in self.blocks if block.kind is BlockKind.HEADING]


def view_of(
    blocks: Sequence[Block], sections: Sequence[Section] = (), *, only: Section | None = None
) -> View:
    """The whole document, or one section of it whose headings above still tell what it is about."""
    everything = tuple(blocks)
    focus = _reviewed(everything[only.first : only.last + 1] if only else everything)
    tables = tables_of(focus)
    headers = {block.id for table in tables for block in table.header_blocks}
    found = _sentences(
        block
        for block in focus
        if block.kind is not BlockKind.HEADING and block.id not in headers and "running" not in block.flags
    )
    return View(
        blocks=focus,
        sections=tuple(sections),
        tables=tables,
        sentences=tuple(sentence for row in found.values() for sentence in row),
        by_block=found,
        topics=_with_tables_of_actions(_topics(everything, sections), tables),
        names=frozenset(name for block in everything for name in _MID_SENTENCE_NAME.findall(block.text)),
    )


def _reviewed(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Without headers and footers so short that the outline leaves them out: titles and page numbers."""
    words = sum(len(block.text.split()) for block in blocks if block.in_margin)
    return blocks if words >= MARGIN_WORDS else tuple(block for block in blocks if not block.in_margin)


def _is_listed(block: Block) -> bool:
    return block.kind is BlockKind.LIST_ITEM or bool(TYPED_NUMBER.match(block.text))


def _sentences(blocks: Iterable[Block]) -> dict[str, tuple[Sentence, ...]]:
    return {
        block.id: tuple(Sentence(block, start, end) for start, end in sentences(block.text))
        for block in blocks
    }


def _topics(blocks: Sequence[Block], sections: Sequence[Section]) -> dict[str, Topics]:
    """Topics by block id: of the nearest heading that names one, up its chain; else of the section's name."""
    named = _named_by_section(blocks, sections)
    chain: list[tuple[int, Topics]] = []
    result: dict[str, Topics] = {}
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            chain = [(level, topics) for level, topics in chain if level < max(block.level, 1)]
            chain.append((max(block.level, 1), topics_of(block.text)))
        inherited = next((topics for _, topics in reversed(chain) if topics), frozenset[Topic]())
        result[block.id] = inherited or named.get(block.id, frozenset())
    return result


def _with_tables_of_actions(topics: dict[str, Topics], tables: Iterable[Table]) -> dict[str, Topics]:
    """What a table commits to is an action whatever the heading above calls it."""
    for table in tables:
        above = topics[table.blocks[0].id]
        if not above & _TOLD and action_columns(table) is not None:
            topics |= {block.id: above | BOTH_ACTIONS for block in table.blocks}
    return topics


def _named_by_section(blocks: Sequence[Block], sections: Sequence[Section]) -> dict[str, Topics]:
    return {
        block.id: topics_of(section.name)
        for section in sections
        for block in blocks[section.first : section.last + 1]
    }
